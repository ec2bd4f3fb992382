"""The scenario files of one or more folders, by id: the file stem."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from riskplatform.errors import RiskPlatformError, UnknownNameError
from riskplatform.project.scenario_language.declaration import ID_PATTERN
from riskplatform.project.strict_yaml import ContentError, Document, read_document

FOLDER = "scenarios"
SUFFIXES = (".yaml", ".yml")
SEE_SCENARIOS = "`riskplatform scenario list` shows all."
_MOST_FILES = 5_000


@dataclass(frozen=True, slots=True)
class Library:
    """Files by id; ``problems`` are files whose name cannot be an id, or is taken."""

    files: Mapping[str, Path]
    problems: tuple[ContentError, ...] = ()
    _documents: dict[str, Document] = field(default_factory=dict, repr=False, compare=False)

    def __contains__(self, scenario_id: str) -> bool:
        return scenario_id in self.files or scenario_id in self._documents

    def ids(self) -> tuple[str, ...]:
        return tuple(sorted({*self.files, *self._documents}))

    def document(self, scenario_id: str) -> Document:
        """The document of a scenario, read once."""
        if scenario_id not in self._documents:
            if scenario_id not in self.files:
                raise UnknownNameError("scenario", scenario_id, self.ids(), see=SEE_SCENARIOS)
            self._documents[scenario_id] = read_document(self.files[scenario_id])
        return self._documents[scenario_id]

    def with_document(self, scenario_id: str, document: Document) -> Library:
        """The same library with one document put over what it has: not on disk, or not yet."""
        return Library(self.files, self.problems, {**self._documents, scenario_id: document})


def library_of(folders: Iterable[Path]) -> Library:
    """The files below these folders; a file of an earlier folder hides one of a later."""
    found = [library_of_files(_files(folder)) for folder in folders]
    files = {name: path for one in reversed(found) for name, path in one.files.items()}
    return Library(dict(sorted(files.items())), tuple(p for one in found for p in one.problems))


def library_of_files(paths: Iterable[Path]) -> Library:
    """Just these files."""
    files: dict[str, Path] = {}
    problems: list[ContentError] = []
    for path in paths:
        if not re.fullmatch(ID_PATTERN, path.stem):
            problem = "the file's name is the scenario's id: small letters, digits, _ and -."
            problems.append(ContentError(path, None, problem, hint="Rename it: rates_up.yaml."))
        elif path.stem in files:
            twin = files[path.stem]
            problems.append(ContentError(path, None, f"has the same id as {twin}."))
        else:
            files[path.stem] = path
    return Library(files, tuple(problems))


def _files(folder: Path) -> Iterator[Path]:
    found = sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES)
    if len(found) > _MOST_FILES:
        raise RiskPlatformError(f"{folder} holds {len(found):,} files; {_MOST_FILES:,} are read.")
    return iter(found)
