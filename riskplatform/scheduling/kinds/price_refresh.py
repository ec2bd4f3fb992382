"""Imports what was dropped into a folder of the desk."""

from __future__ import annotations

from pathlib import Path

from riskplatform.desk import Desk
from riskplatform.errors import DataError, UserInputError
from riskplatform.project.job_language.kinds import PriceRefresh
from riskplatform.scheduling.context import RunContext
from riskplatform.scheduling.folders import inside_desk

DONE, REFUSED = "done", "refused"


def work(desk: Desk, parameters: PriceRefresh, run: RunContext) -> None:
    """Each file moves to ``done`` or ``refused``; a refused one fails the run at its end."""
    folder = inside_desk(desk, parameters.folder)
    folder.mkdir(parents=True, exist_ok=True)
    refused = []
    files = sorted(file for file in folder.iterdir() if _is_meant(file))
    for file in files:
        try:
            report = desk.import_file(
                file,
                parameters.what,
                source=parameters.source,
                good_rows_only=parameters.good_rows_only,
            )
        except UserInputError as error:
            refused.append(file.name)
            run.log(f"{file.name}: {error}")
            _move(file, folder / REFUSED)
            continue
        run.log(f"{file.name}: {report.batch.summary()} {report.added:,} new")
        for warning in report.warnings:
            run.log(f"{file.name}: {warning}")
        _move(file, folder / DONE)
    run.output("files", len(files))
    run.output("refused", len(refused))
    if refused:
        raise DataError(
            f"{len(refused)} of {len(files)} files were refused: {', '.join(refused[:5])}.",
            hint=f"They are in {parameters.folder}/{REFUSED}; the log has the reasons.",
        )


def _is_meant(file: Path) -> bool:
    """A file that is still being written is hidden, as every sender of files does it."""
    return file.is_file() and not file.name.startswith(".") and file.suffix not in (".part", ".tmp")


def _move(file: Path, folder: Path) -> None:
    """Under its name, or with a number where that is taken: nothing is overwritten."""
    folder.mkdir(exist_ok=True)
    target, number = folder / file.name, 1
    while target.exists():
        target = folder / f"{file.stem}-{number}{file.suffix}"
        number += 1
    file.rename(target)
