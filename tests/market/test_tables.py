"""Lazy tables: built once, when asked for; updated into new tables."""

from __future__ import annotations

import pickle
from datetime import date

import pytest

from riskplatform.market.tables import LazyTable

DAY, LATER = date(2024, 6, 3), date(2024, 6, 4)


def _parse(key: str, row: int) -> str:
    return f"{key}{row}"


def test_an_entry_is_built_once_and_only_when_asked_for() -> None:
    asked: list[str] = []

    def parse(key: str, row: int) -> list[int]:
        asked.append(key)
        return [row]

    table = LazyTable({"a": 1, "b": 2}, parse, {"a": DAY, "b": DAY})
    assert (list(table), len(table), "a" in table, asked) == (["a", "b"], 2, True, [])
    assert table["b"] is table["b"]
    assert asked == ["b"]
    with pytest.raises(KeyError):
        table["c"]


def test_updating_makes_a_new_table_and_keeps_the_old() -> None:
    table = LazyTable({"a": 1, "b": 2}, _parse, {"a": DAY, "b": DAY})
    newer = table.updated({"b": "other", "c": "new"}, LATER)
    assert dict(newer) == {"a": "a1", "b": "other", "c": "new"}
    assert newer.quoted_on == {"a": DAY, "b": LATER, "c": LATER}
    assert dict(table) == {"a": "a1", "b": "b2"}
    assert table.quoted_on == {"a": DAY, "b": DAY}


def test_updating_what_was_built_before() -> None:
    table = LazyTable({"a": 1}, _parse, {"a": DAY})
    assert table["a"] == "a1"
    assert table.updated({"a": "new"}, LATER)["a"] == "new"


def test_existing_objects_and_pickling() -> None:
    table = LazyTable.of({"a": "x"}, DAY)
    copy = pickle.loads(pickle.dumps(table))
    assert dict(copy) == {"a": "x"}
    assert copy.quoted_on == {"a": DAY}
