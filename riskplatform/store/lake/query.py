"""Builds the SQL of a read. Names come from the schema, values are always parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.store.lake.schema import TABLES, Table

ALIAS = "lake"

Statement = tuple[str, list[Any]]

_AT_SNAPSHOT = "AT (VERSION => ?)"


@dataclass(frozen=True)
class Between:
    """A closed range; a side left out is open."""

    low: Any = None
    high: Any = None


def find_table(name: str) -> Table:
    """The declared table, or an error that suggests the nearest name."""
    if name not in TABLES:
        raise UnknownNameError("lake table", name, TABLES)
    return TABLES[name]


def source(table: Table, at_snapshot: int | None) -> Statement:
    """The table as a FROM item, now or at a snapshot."""
    if at_snapshot is None:
        return f"{ALIAS}.{table.name}", []
    if not isinstance(at_snapshot, int):
        raise UserInputError(f"A snapshot id is a whole number, not {at_snapshot!r}.")
    return f"{ALIAS}.{table.name} {_AT_SNAPSHOT}", [at_snapshot]


def is_of_a_snapshot(statement: Statement) -> bool:
    """Whether what it reads is fixed for ever; a statement reads its one table in one way."""
    return _AT_SNAPSHOT in statement[0]


def check_columns(table: Table, names: Iterable[str]) -> list[str]:
    """The names as a list, each proved to be a column of the table."""
    checked = list(names)
    for name in checked:
        if name not in table.column_names:
            raise UnknownNameError(f"column of {table.name}", name, table.column_names)
    return checked


def conditions(table: Table, where: Mapping[str, Any]) -> Statement:
    """A WHERE clause: a value means equal, a collection means one of, ``Between`` a range."""
    check_columns(table, where)
    clauses: list[str] = []
    parameters: list[Any] = []
    for name, wanted in where.items():
        clause, values = _condition(table, name, wanted)
        clauses += clause
        parameters += values
    return (f" WHERE {' AND '.join(clauses)}" if clauses else ""), parameters


def _condition(table: Table, name: str, wanted: Any) -> tuple[list[str], list[Any]]:
    if wanted is None:
        return [f"{name} IS NULL"], []
    if isinstance(wanted, Between):
        sides = [(">=", wanted.low), ("<=", wanted.high)]
        given = [(sign, _plain(value)) for sign, value in sides if value is not None]
        return [f"{name} {sign} ?" for sign, _ in given], [value for _, value in given]
    if isinstance(wanted, Iterable) and not isinstance(wanted, (str, bytes, Mapping)):
        values = [_plain(value) for value in wanted]
        kind = table.column(name).kind.value
        return [f"{name} IN (SELECT unnest(CAST(? AS {kind}[])))"], [values]
    return [f"{name} = ?"], [_plain(wanted)]


def _plain(value: Any) -> Any:
    """NumPy scalars as the Python values that DuckDB binds."""
    return value.item() if hasattr(value, "item") else value


def select(
    table: Table,
    *,
    where: Mapping[str, Any],
    columns: Sequence[str] | None,
    order_by: Sequence[str] | None,
    at_snapshot: int | None,
) -> Statement:
    """A whole SELECT; without ``order_by`` the rows come in the order of the key."""
    chosen = check_columns(table, columns if columns is not None else table.column_names)
    order = check_columns(table, order_by if order_by is not None else table.key)
    origin, parameters = source(table, at_snapshot)
    clause, values = conditions(table, where)
    tail = f" ORDER BY {', '.join(order)}" if order else ""
    return f"SELECT {', '.join(chosen)} FROM {origin}{clause}{tail}", parameters + values


def latest(
    table: Table, *, where: Mapping[str, Any], as_of: Any, at_snapshot: int | None
) -> Statement:
    """Of each subject the last row that satisfies ``where``, with its age in days.

    The dates are found first, from the key columns alone, and only the rows they point to are
    read whole: a surface's list of vols is never read for a day that is not wanted.
    """
    subject = table.key[0]
    origin, version = source(table, at_snapshot)
    clause, values = conditions(table, where)
    names = ", ".join(f"t.{name}" for name in table.column_names)
    sql = (
        f"SELECT {names}, CAST(CAST(? AS DATE) - t.date AS BIGINT) AS age_days "
        f"FROM (SELECT * FROM {origin}{clause}) t "
        f"SEMI JOIN (SELECT {subject}, max(date) AS date FROM {origin}{clause} "
        f"GROUP BY {subject}) last USING ({subject}, date) ORDER BY t.{subject}"
    )
    return sql, [as_of, *version, *values, *version, *values]


def newest_date(table: Table, *, on_or_before: Any, at_snapshot: int | None) -> Statement:
    """The last day of a table up to a day."""
    origin, version = source(table, at_snapshot)
    return f"SELECT max(date) FROM {origin} WHERE date <= ?", [*version, on_or_before]
