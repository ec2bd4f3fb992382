"""Writes the morning report into the desk's folder of reports."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from riskplatform.desk import Desk
from riskplatform.project.job_language.kinds import RiskReport
from riskplatform.reporting.document import Document
from riskplatform.scheduling.context import RunContext
from riskplatform.scheduling.folders import inside_desk

_SUFFIXES = {"html": ".html", "excel": ".xlsx"}


def work(desk: Desk, parameters: RiskReport, run: RunContext) -> None:
    """One file per format, named by job and day; the same day again replaces it whole."""
    from riskplatform.reporting.morning import morning_document

    as_of = run.as_of(desk)
    report = desk.morning(as_of, node=parameters.node, with_risk=parameters.with_risk)
    document = morning_document(report)
    folder = inside_desk(desk, parameters.folder)
    folder.mkdir(parents=True, exist_ok=True)
    for form in parameters.formats:
        file = folder / f"{run.job_id}-{run.day}{_SUFFIXES[form]}"
        _write_whole(document, file, _writer(form))
        run.output(form, file.relative_to(desk.settings.desk))
    run.coverage(report.coverage)


def _writer(form: str) -> Callable[[Document, Path], Path]:
    if form == "html":
        from riskplatform.reporting.document_html import write_html

        return write_html
    from riskplatform.reporting.document_excel import write_workbook

    return write_workbook


def _write_whole(document: Document, file: Path, write: Callable[[Document, Path], Path]) -> None:
    """A reader of the folder sees the old file or the new one, never half of one."""
    part = file.with_name(f".{os.getpid()}-{file.name}")
    try:
        write(document, part)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
