"""Where in a file a value stands, so that every complaint names its line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from riskplatform.errors import nearest
from riskplatform.project.strict_yaml import ContentError, Document, Path_


@dataclass(frozen=True, slots=True)
class Place:
    """A document and the path to one of its values."""

    document: Document
    path: Path_ = ()

    def at(self, *keys: str | int) -> Place:
        return Place(self.document, (*self.path, *keys))

    @property
    def line(self) -> int | None:
        return self.document.line(*self.path)

    @property
    def name(self) -> str:
        """The innermost key, for messages."""
        words = [each for each in self.path if isinstance(each, str)]
        return words[-1] if words else "the file"

    def error(self, message: str, hint: str | None = None) -> ContentError:
        return self.document.error(message, *self.path, hint=hint)

    def of(self, data: Mapping[str, Any]) -> Place:
        """The place of a mapping's first key, as a mapping in a list has no line of its own."""
        if self.path in self.document.lines or not data:
            return self
        return self.at(next(iter(data)))


def unknown(place: Place, what: str, word: object, known: Iterable[str]) -> ContentError:
    """The complaint about a word that is none of those known, with the nearest right one."""
    words = list(known)
    near = nearest(str(word), words)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"Known: {', '.join(words)}."
    return place.error(f"unknown {what} {_shown(word)}.", hint)


def _shown(word: object) -> str:
    text = repr(word)
    return text if len(text) <= 60 else text[:57] + "..."


def shown(value: object) -> str:
    """A value in a message, cut where it is long; YAML's words for true and false."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, list) else _shown(value)
