"""The model register: ``models/<id>/model.yaml`` beside a ``card.md`` for people.

The mathematics is in the package; the register says which choices are approved, by whom, for what,
and what they must not be used for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riskplatform.errors import nearest
from riskplatform.project.strict_yaml import ContentError, Document, read_document

STATUSES = ("draft", "approved", "restricted", "retired")
_TEXT = ("title", "purpose", "owner", "status", "limitations")
_KEYS = (*_TEXT, "version", "parameters")


@dataclass(frozen=True, slots=True)
class Model:
    """One registered model."""

    model_id: str
    title: str
    purpose: str
    owner: str
    status: str
    version: int
    limitations: str
    parameters: Mapping[str, Any]


def read_model(folder: Path) -> Model:
    """The model in ``folder``; what is missing or unknown is said with file and line."""
    document = read_document(folder / "model.yaml")
    _check_keys(document)
    values = document.data
    for key in _TEXT:
        if not isinstance(values[key], str) or not values[key].strip():
            raise document.error(f"{key} must be text.", key)
    if values["status"] not in STATUSES:
        raise document.error(
            f"status is {values['status']!r}.", "status", hint=f"One of {', '.join(STATUSES)}."
        )
    if type(values["version"]) is not int or values["version"] < 1:
        raise document.error("version must be a whole number from 1.", "version")
    parameters = values.get("parameters") or {}
    if not isinstance(parameters, Mapping):
        raise document.error("parameters must be keys and values.", "parameters")
    if not (folder / "card.md").is_file():
        raise ContentError(folder, None, "has no card.md beside its model.yaml.")
    return Model(
        model_id=folder.name,
        version=values["version"],
        parameters=parameters,
        **{key: values[key] for key in _TEXT},
    )


def _check_keys(document: Document) -> None:
    for key in document.data:
        if key not in _KEYS:
            near = nearest(key, _KEYS)
            hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(_KEYS)}."
            raise document.error(f"unknown key {key!r}.", key, hint=hint)
    missing = [key for key in (*_TEXT, "version") if key not in document.data]
    if missing:
        raise document.error(f"lacks {', '.join(missing)}.")


def model_folders(desk: Path) -> Iterator[Path]:
    """The folders below models/, in order."""
    models = desk / "models"
    if models.is_dir():
        yield from sorted(child for child in models.iterdir() if child.is_dir())
