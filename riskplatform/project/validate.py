"""A desk's content checked as a whole: every finding at once, each with its file and line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from riskplatform.errors import RiskPlatformError
from riskplatform.project.models import model_folders, read_model
from riskplatform.project.strict_yaml import ContentError
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
    return [*_settings(desk), *_models(desk), *_unread(desk)]


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
            file = str(error.file.relative_to(desk))
            hint = f" {error.hint}" if error.hint else ""
            yield Finding("error", file, error.line, error.what + hint)


def _unread(desk: Path) -> Iterator[Finding]:
    """Scenario and job files: said, so that nobody believes that they have an effect."""
    for folder in ("scenarios", "jobs"):
        for file in sorted((desk / folder).rglob("*.y*ml")):
            yield Finding(
                "warning", str(file.relative_to(desk)), None, f"{folder} are not read yet."
            )
