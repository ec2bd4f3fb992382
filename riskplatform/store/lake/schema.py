"""The tables of the lake, declared as data.

Everything else in this package is generic over these declarations: a new table or column is
a change here (and of ``SCHEMA_VERSION``) and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

SCHEMA_VERSION = 1
APPLICATION = "riskplatform"


class Kind(Enum):
    """The types a column can have; the value is the SQL type."""

    TEXT = "VARCHAR"
    DATE = "DATE"
    NUMBER = "DOUBLE"
    NUMBERS = "DOUBLE[]"
    INTEGER = "BIGINT"
    TIMESTAMP = "TIMESTAMP WITH TIME ZONE"


@dataclass(frozen=True)
class Column:
    """One column; a column that is not nullable must be given for every row."""

    name: str
    kind: Kind
    nullable: bool = False


@dataclass(frozen=True)
class Table:
    """One table: ``key`` is unique, ``sort`` is the order of the rows inside a file."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    sort: tuple[str, ...]
    partition: str | None = None

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


def _columns(declaration: str) -> tuple[Column, ...]:
    """Read ``name kind`` pairs, one per comma; a ``?`` behind the kind means nullable."""
    pairs = (part.split() for part in declaration.split(","))
    return tuple(
        Column(name, Kind[kind.rstrip("?").upper()], kind.endswith("?")) for name, kind in pairs
    )


def _table(
    name: str, columns: str, *, key: str, sort: str | None = None, partition: str | None = None
) -> Table:
    keys = tuple(key.split())
    return Table(name, _columns(columns), keys, tuple(sort.split()) if sort else keys, partition)


# Prices are read by name (history) and by day (slice): one partition a year bounds the slice,
# the sort by name lets a history skip all but one row group of each year. Everything that is
# read "as of a day" is sorted by date first. The figures are in tests/benchmarks/bench_lake.py.
_DECLARED = (
    _table(
        "prices",
        "instrument_id text, date date, close number, volume number?,"
        "repaired_close number?, repair_rule text?, source text",
        key="instrument_id date",
        partition="year(date)",
    ),
    _table(
        "fx",
        "currency text, date date, usd_per_unit number, source text",
        key="currency date",
        sort="date currency",
    ),
    _table(
        "curves",
        "curve_id text, date date, times numbers, zero_rates numbers,"
        "interpolation text, source text",
        key="curve_id date",
        sort="date curve_id",
    ),
    _table(
        "credit_curves",
        "issuer_id text, date date, times numbers, hazard_rates numbers,"
        "recovery number, source text",
        key="issuer_id date",
        sort="date issuer_id",
    ),
    _table(
        "vol_surfaces",
        "surface_id text, date date, axis text, expiries numbers, points numbers,"
        "vols numbers, source text",
        key="surface_id date",
        sort="date surface_id",
        partition="year(date)",
    ),
    _table(
        "carry",
        "underlying_id text, date date, times numbers, yields numbers, source text",
        key="underlying_id date",
        sort="date underlying_id",
    ),
    _table(
        "fixings",
        "index_id text, date date, value number, source text",
        key="index_id date",
    ),
    _table(
        "factor_returns",
        "factor_id text, date date, value number, kind text",
        key="factor_id date kind",
    ),
    _table(
        "exposures",
        "run_id text, instrument_id text, factor_id text, measure text, value number,"
        "unit text, currency text?",
        key="run_id instrument_id factor_id measure",
    ),
    _table(
        "runs",
        "run_id text, recorded_at timestamp, kind text, as_of date, base_currency text,"
        "model_id text?, snapshot_id integer, inputs text, summary text, status text",
        key="run_id",
    ),
    _table(
        "quality_marks",
        "subject_kind text, subject_id text, date date, rule text, severity text,"
        "message text, recorded_at timestamp",
        key="subject_kind subject_id date rule",
    ),
    _table(
        "institutions",
        "institution_id text, date date, name text, country text?, total_assets number,"
        "equity number, external_assets number?, external_liabilities number?,"
        "interbank_assets number?, interbank_liabilities number?, currency text",
        key="institution_id date",
    ),
    _table(
        "interbank_exposures",
        "lender_id text, borrower_id text, date date, amount number, currency text",
        key="lender_id borrower_id date",
    ),
    _table(
        "cubes",
        "cube_id text, created_at timestamp, path text, rows integer, columns integer,"
        "dtype text, scenario_set text?, snapshot_hash text?, terms_hash text?, status text",
        key="cube_id",
    ),
)

TABLES: dict[str, Table] = {table.name: table for table in _DECLARED}
