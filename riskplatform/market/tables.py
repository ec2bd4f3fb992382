"""A read-only table of market objects by id, each built from its row when it is first asked for.

A snapshot has many curves and surfaces and a question touches few of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class LazyTable(Mapping[str, T], Generic[T]):
    """Objects by id. ``quoted_on`` holds the day of the row behind each id."""

    __slots__ = ("_built", "_parse", "_rows", "quoted_on")

    def __init__(
        self,
        rows: Mapping[str, Any],
        parse: Callable[[str, Any], T],
        quoted_on: Mapping[str, date],
    ) -> None:
        self._rows = dict(rows)
        self._parse = parse
        self._built: dict[str, T] = {}
        self.quoted_on = dict(quoted_on)

    @classmethod
    def of(cls, values: Mapping[str, T], quoted_on: date) -> LazyTable[T]:
        """A table of objects that exist already, all of one day."""
        return cls(values, _as_it_is, dict.fromkeys(values, quoted_on))

    def updated(self, values: Mapping[str, T], quoted_on: date) -> LazyTable[T]:
        """A new table with these objects put over the old ones."""
        table = LazyTable({**self._rows, **values}, self._parse, self.quoted_on)
        table._built = {**self._built, **values}
        table.quoted_on.update(dict.fromkeys(values, quoted_on))
        return table

    def __getitem__(self, key: str) -> T:
        try:
            return self._built[key]
        except KeyError:
            pass
        built = self._parse(key, self._rows[key])
        # Two threads may both build it; the objects are equal and either may stay.
        self._built[key] = built
        return built

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: object) -> bool:
        return key in self._rows

    def __repr__(self) -> str:
        return f"LazyTable({len(self._rows)} entries)"


def _as_it_is(_: str, value: Any) -> Any:
    return value
