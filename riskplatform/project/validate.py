"""A desk's content checked as a whole: every finding at once, each with its file and line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from riskplatform.errors import RiskPlatformError
from riskplatform.project.champions import read_champions
from riskplatform.project.job_language import job_library
from riskplatform.project.models import model_folders, read_model
from riskplatform.project.query_language import read_query
from riskplatform.project.scenario_language import Library, library_of, resolve
from riskplatform.project.strict_yaml import ContentError
from riskplatform.project.template import starter
from riskplatform.settings import load_settings


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong or that a reader should know."""

    severity: str
    file: str
    line: int | None
    message: str


def validate(desk: Path) -> list[Finding]:
    """All findings; none means that the content can be used."""
    return [*_settings(desk), *_models(desk), *_scenarios(desk), *_queries(desk), *_jobs(desk)]


def _settings(desk: Path) -> Iterator[Finding]:
    try:
        load_settings(desk)
    except RiskPlatformError as error:
        yield Finding("error", "pyproject.toml", None, str(error))


def _models(desk: Path) -> Iterator[Finding]:
    for folder in model_folders(desk):
        try:
            read_model(folder)
        except ContentError as error:
            yield finding_of(desk, error)
    try:
        read_champions(desk)
    except ContentError as error:
        yield finding_of(desk, error)


def _scenarios(desk: Path) -> Iterator[Finding]:
    """The desk's own scenario files, which may extend and combine those that are shipped."""
    own = library_of([desk / "scenarios"])
    known = library_of([desk / "scenarios", starter() / "scenarios"])
    yield from findings_of(Library(known.files, own.problems), own.files, desk)


def _queries(desk: Path) -> Iterator[Finding]:
    """Questions that are kept; what they change is read when they are asked."""
    for file in sorted((desk / "queries").glob("*.y*ml")):
        try:
            read_query(file)
        except ContentError as error:
            yield finding_of(desk, error)


def findings_of(
    library: Library, ids: Iterable[str], folder: Path | None = None
) -> Iterator[Finding]:
    """What is wrong with some scenarios of a library; files are named from ``folder``."""
    for problem in library.problems:
        yield finding_of(folder, problem)
    for scenario_id in ids:
        try:
            resolve(scenario_id, library)
        except ContentError as error:
            yield finding_of(folder, error)


def finding_of(folder: Path | None, error: ContentError) -> Finding:
    """An error of content as a finding; its file is named from ``folder``."""
    inside = folder is not None and error.file.is_relative_to(folder)
    file = str(error.file.relative_to(folder) if folder and inside else error.file)
    hint = f" {error.hint}" if error.hint else ""
    return Finding("error", file, error.line, error.what + hint)


def _jobs(desk: Path) -> Iterator[Finding]:
    for problem in job_library(desk).problems:
        yield finding_of(desk, problem)
