"""The scenarios of a desk: its own files, and those that are shipped, by id."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import RiskPlatformError, UnknownNameError, UserInputError
from riskplatform.project.scenario_language import Library, Scenario, library_of, resolve
from riskplatform.project.scenario_language.declaration import ID_PATTERN, KINDS
from riskplatform.project.scenario_language.library import (
    FOLDER,
    SEE_SCENARIOS,
    library_of_files,
)
from riskplatform.project.strict_yaml import document_of
from riskplatform.project.template import starter
from riskplatform.project.validate import Finding, findings_of

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

OWN, SHIPPED = "desk", "shipped"


@dataclass(frozen=True, slots=True, eq=False)
class ScenarioLibrary:
    """Every scenario that can be used, and the reason of each file that cannot."""

    scenarios: Mapping[str, Scenario]
    own: frozenset[str]
    failures: tuple[Failure, ...] = ()

    def __len__(self) -> int:
        return len(self.scenarios)

    def to_frame(self) -> pd.DataFrame:
        """One row each: id, kind, title, when, what moves, source, and where the file is from."""
        rows = [
            {
                "scenario_id": name,
                "kind": each.kind,
                "title": each.title,
                "when": each.when,
                "shocks": sum(1 for _ in each.everything()),
                "steps": len(each.path),
                "rest": each.rest,
                "tags": ", ".join(each.tags),
                "source": each.source,
                "from": OWN if name in self.own else SHIPPED,
                "content_hash": each.content_hash,
            }
            for name, each in self.scenarios.items()
        ]
        return pd.DataFrame(rows, columns=_COLUMNS)

    def to_dict(self) -> dict[str, Any]:
        return {
            "scenarios": [each.to_dict() for each in self.scenarios.values()],
            "failures": [each.to_dict() for each in self.failures],
        }

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(index=False))


_COLUMNS = [
    "scenario_id", "kind", "title", "when", "shocks", "steps", "rest", "tags", "source", "from",
    "content_hash",
]  # fmt: skip


def files_of(desk: Desk) -> Library:
    """The desk's files, over those that are shipped."""
    return library_of([desk.settings.path(FOLDER), starter() / FOLDER])


def scenario_library(desk: Desk) -> ScenarioLibrary:
    """All of them, read and resolved; a broken file is a failure and spoils no other."""
    files = files_of(desk)
    folder = desk.settings.path(FOLDER)
    found: dict[str, Scenario] = {}
    failures = [_failure(str(error.file.name), error) for error in files.problems]
    for name in files.ids():
        try:
            found[name] = resolve(name, files)
        except RiskPlatformError as error:
            failures.append(_failure(name, error))
    own = frozenset(n for n, path in files.files.items() if path.is_relative_to(folder))
    return ScenarioLibrary(found, own, tuple(failures))


def scenario(
    desk: Desk, scenario_id: str, parameters: Mapping[str, str | float] | None
) -> Scenario:
    """One scenario, with other parameters where some are given."""
    return resolve(scenario_id, files_of(desk), parameters)


def scenario_of_text(desk: Desk, text: str, scenario_id: str = "unsaved") -> Scenario:
    """A scenario that is not in a file yet, as an editor has it; it may extend those that are."""
    document = document_of(text.encode("utf-8"), Path(f"{scenario_id}.yaml"))
    return resolve(scenario_id, files_of(desk).with_document(scenario_id, document))


def validate_scenarios(desk: Desk, files: Sequence[str | Path] | None) -> list[Finding]:
    """Findings of files as they lie there, even outside the desk, or of the whole library."""
    known = files_of(desk)
    if files is None:
        return [*findings_of(known, known.files)]
    found: list[Finding] = []
    for file in map(Path, files):
        one = library_of_files([file])
        found += findings_of(Library({**known.files, **one.files}, one.problems), one.files)
    return found


def new_scenario(desk: Desk, scenario_id: str, text: str | None, kind: str) -> Path:
    """Write a scenario into the desk's folder; nothing is overwritten, nothing broken is kept."""
    if kind not in KINDS:
        raise UserInputError(f"The kind {kind!r} is not known.", hint=f"One of {', '.join(KINDS)}.")
    files = files_of(desk)
    folder = desk.settings.path(FOLDER)
    if scenario_id in files.files and files.files[scenario_id].is_relative_to(folder):
        raise UserInputError(
            f"The desk has a scenario {scenario_id} already: {files.files[scenario_id]}.",
            hint="Edit that file, or choose another name.",
        )
    written = _TEMPLATE.format(kind=kind) if text is None else text
    path = folder / kind / f"{scenario_id}.yaml"
    if not re.fullmatch(ID_PATTERN, scenario_id):
        raise UserInputError(
            f"{scenario_id!r} cannot be an id: small letters, digits, _ and - are accepted.",
            hint="Name it like rates_up_100bp.",
        )
    if text is not None:
        document = document_of(written.encode("utf-8"), path)
        resolve(scenario_id, files.with_document(scenario_id, document))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(written, encoding="utf-8")
    return path


def _failure(name: str, error: RiskPlatformError) -> Failure:
    return Failure(FailureReason.INVALID_DATA, str(error), name)


def chosen(
    library: ScenarioLibrary, ids: Sequence[str] | None
) -> tuple[list[Scenario], list[Failure]]:
    """The scenarios named, or all; and the failures that concern them."""
    if ids is None:
        return list(library.scenarios.values()), list(library.failures)
    broken = {str(each.subject): each for each in library.failures}
    found, failures = [], []
    for name in dict.fromkeys(ids):
        if name in library.scenarios:
            found.append(library.scenarios[name])
        elif name in broken:
            failures.append(broken[name])
        else:
            raise UnknownNameError("scenario", name, library.scenarios, see=SEE_SCENARIOS)
    return found, failures


_TEMPLATE = """\
# A stress scenario: `riskplatform scenario validate` checks it, `... scenario run` runs it.
# `riskplatform scenario schema` writes the JSON Schema that editors complete and check by.
title: Shares fall by a fifth, rates by half a per cent
kind: {kind}
description: Say here what happens and why one should look.
# A historical scenario needs a date (or a window) and a source; a regulatory one a source.
date: 2026-01-02
source: Say here where the moves are from.

parameters:
  fall: -20 %

# A later entry replaces what an earlier one moved; `on_top: true` adds to it.
shocks:
  - equity: all
    move: ${{fall}}
  - equity: {{sector: Utilities}}
    move: 0.5 * ${{fall}}
  - volatility: {{asset_class: equity}}
    level: +10 points
    skew: +2 points
  - rates: all
    parallel: -50 bp
  - credit: {{rating: [BBB, BB, B, CCC]}}
    spread: +150 bp
  - fx: all
    move: -3 %
"""
