"""YAML read safely, with the line of every key, so that an error can name file and line."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from riskplatform.errors import UserInputError

Path_ = tuple[str | int, ...]
MAX_BYTES = 1_000_000
# Aliases can make a small file unfold without end; people write nothing near these.
MAX_VALUES = 200_000
MAX_DEPTH = 40

# libyaml where PyYAML was built with it: several times faster, with the same marks.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ContentError(UserInputError):
    """A content file that cannot be used; the message begins with file and line."""

    def __init__(self, file: Path, line: int | None, message: str, *, hint: str | None = None):
        where = f"{file}:{line}" if line else str(file)
        super().__init__(f"{where}: {message}", hint=hint)
        self.file = file
        self.line = line
        self.what = message


@dataclass(frozen=True)
class Document:
    """The mapping in a file, and where each of its keys and items of lists stands."""

    file: Path
    data: Mapping[str, Any]
    lines: Mapping[Path_, int]

    def line(self, *path: str | int) -> int | None:
        """The line of the innermost known key on ``path``."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)

    def error(self, message: str, *path: str | int, hint: str | None = None) -> ContentError:
        return ContentError(self.file, self.line(*path), message, hint=hint)


def read_document(file: Path) -> Document:
    """The document in ``file``; anything but one mapping of safe values is refused."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise ContentError(file, None, f"cannot be read: {error.strerror}.") from error
    return document_of(raw, file)


def document_of(raw: bytes, file: Path) -> Document:
    """The document in ``raw``, which is what ``file`` holds or would hold."""
    try:
        data, lines = _parsed(raw)
    except _UnreadableError as error:
        raise ContentError(file, error.line, error.what) from error.__cause__
    # The same text is parsed once; what a caller does to its copy is its own affair.
    return Document(file, deepcopy(data), lines)


class _UnreadableError(Exception):
    """What is wrong with a text, whatever file it is in."""

    def __init__(self, line: int | None, what: str) -> None:
        super().__init__(what)
        self.line, self.what = line, what


@lru_cache(maxsize=1_000)
def _parsed(raw: bytes) -> tuple[dict[str, Any], dict[Path_, int]]:
    if len(raw) > MAX_BYTES:
        raise _UnreadableError(None, f"has {len(raw):,} bytes; content files have few.")
    try:
        text = raw.decode("utf-8")
        _check_depth(text)
        root = yaml.compose(text, Loader=_Loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error)
        line = mark.line + 1 if mark else None
        raise _UnreadableError(line, f"is not readable YAML: {reason}.") from error
    if not isinstance(root, yaml.MappingNode):
        raise _UnreadableError(1, "must be a mapping of keys to values.")
    lines: dict[Path_, int] = {}
    return _Reader(lines).value(root, ()), lines


def _check_depth(text: str) -> None:
    """Before anything is composed: that goes down one call per level, and compiled calls are not
    counted by Python."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise _too_much(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _too_much(at: Any) -> _UnreadableError:
    """``at`` is a node or an event."""
    return _UnreadableError(
        at.start_mark.line + 1, "unfolds into more values than a file may have."
    )


class _Reader:
    """Turns nodes into plain values while it notes the line of each key and item."""

    def __init__(self, lines: dict[Path_, int]) -> None:
        self._lines = lines
        self._scalars = yaml.SafeLoader("")
        self._values = 0

    def value(self, node: yaml.Node, path: Path_) -> Any:
        self._values += 1
        if self._values > MAX_VALUES or len(path) > MAX_DEPTH:
            raise _too_much(node)
        if isinstance(node, yaml.MappingNode) and node.tag == "tag:yaml.org,2002:map":
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode) and node.tag == "tag:yaml.org,2002:seq":
            return [self._item(item, (*path, i)) for i, item in enumerate(node.value)]
        line = node.start_mark.line + 1
        if not isinstance(node, yaml.ScalarNode):
            raise _UnreadableError(line, f"tag {node.tag} is not a plain value.")
        try:
            return self._scalars.construct_object(node, deep=True)
        except (yaml.YAMLError, ValueError) as error:
            raise _UnreadableError(line, f"{node.value!r} is not a plain value.") from error

    def _item(self, node: yaml.Node, path: Path_) -> Any:
        self._lines[path] = node.start_mark.line + 1
        return self.value(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = self.value(key_node, path)
            if not isinstance(key, str | int | float) or isinstance(key, bool):
                raise _UnreadableError(line, f"{key!r} cannot be a key.")
            name = str(key)
            if name in found:
                raise _UnreadableError(line, f"{name!r} is given twice.")
            self._lines[(*path, name)] = line
            found[name] = self.value(value_node, (*path, name))
        return found
