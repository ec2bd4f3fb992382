"""The lake at full size: 50 million daily prices, 10,000 names over 20 years.

Writing takes the prices from yearly Parquet files, as a vendor delivers them. The peers hold the
same rows in the plainest form there is: one DuckDB file for writing, one sorted Parquet file read
through pyarrow for reading. Neither of them has transactions over tables, time travel, key checks
or readers in other processes while somebody writes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks.harness import Case

if TYPE_CHECKING:
    import pyarrow as pa

NAMES = 10_000
YEARS = range(2005, 2025)
DAYS_A_YEAR = 250
ONE_NAME = "INSTRUMENT04321"
ONE_DAY = date(2015, 3, 4)


def _year_of_prices(year: int) -> pa.Table:
    """2.5 million made-up prices, sorted by name and day."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    rng = np.random.default_rng(year)
    days = pd.bdate_range(f"{year}-01-01", f"{year}-12-31")[:DAYS_A_YEAR]
    names = pa.array([f"INSTRUMENT{number:05d}" for number in range(NAMES)])
    rows = NAMES * DAYS_A_YEAR
    steps = rng.normal(0.0, 0.02, (NAMES, DAYS_A_YEAR))
    return pa.table(
        {
            "instrument_id": names.take(pa.array(np.repeat(np.arange(NAMES), DAYS_A_YEAR))),
            "date": pa.array(np.tile(days.to_numpy().astype("datetime64[D]"), NAMES)),
            "close": np.round(100.0 * np.exp(steps.cumsum(axis=1)), 4).ravel(),
            "volume": np.floor(rng.lognormal(12.0, 1.0, rows)),
            "source": pa.array(["vendor"]).take(pa.array(np.zeros(rows, dtype="int32"))),
        }
    )


@dataclass(frozen=True)
class Deliveries:
    """Yearly files, and a fresh place to write to for each call."""

    folder: Path
    targets: Iterator[int]

    @property
    def files(self) -> list[Path]:
        return sorted(self.folder.glob("delivered-*.parquet"))

    def fresh(self) -> tuple[list[Path], Path]:
        return self.files, self.folder / f"target-{next(self.targets)}"


def _deliver() -> Iterator[Deliveries]:
    import pyarrow.parquet as pq

    with tempfile.TemporaryDirectory(prefix="bench-lake-") as name:
        for year in YEARS:
            pq.write_table(_year_of_prices(year), Path(name) / f"delivered-{year}.parquet")
        yield Deliveries(Path(name), count())


def _write_lake(argument: tuple[list[Path], Path]) -> None:
    import pyarrow.parquet as pq

    from riskplatform.store.lake import Lake

    files, target = argument
    with Lake.open(target) as lake, lake.batch() as batch:
        for file in files:
            batch.write("prices", pq.read_table(file))


def _write_duckdb(argument: tuple[list[Path], Path]) -> None:
    import duckdb

    files, target = argument
    with duckdb.connect(str(target)) as connection:
        connection.execute(
            "CREATE TABLE prices AS FROM read_parquet(?)", [[str(file) for file in files]]
        )


class Stored:
    """The prices in a lake and in one sorted Parquet file; each is made when first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def lake(self) -> Any:
        from riskplatform.store.lake import Lake

        with Lake.open(self.folder / "lake") as lake, lake.batch() as batch:
            for year in YEARS:
                batch.write("prices", _year_of_prices(year))
        return Lake.open(self.folder / "lake")

    @cached_property
    def parquet(self) -> Path:
        import duckdb

        sources = [str(self._plain_year(year)) for year in YEARS]
        target = self.folder / "prices.parquet"
        with duckdb.connect() as connection:
            connection.execute(
                "COPY (FROM read_parquet(?) ORDER BY instrument_id, date) "
                f"TO '{target}' (FORMAT parquet)",
                [sources],
            )
        return target

    def _plain_year(self, year: int) -> Path:
        import pyarrow.parquet as pq

        path = self.folder / f"{year}.parquet"
        pq.write_table(_year_of_prices(year), path)
        return path


def _store() -> Iterator[Stored]:
    with tempfile.TemporaryDirectory(prefix="bench-lake-") as name:
        yield Stored(Path(name))


def _lake_history(stored: Stored) -> object:
    history = stored.lake.price_history(ONE_NAME)
    assert len(history) == DAYS_A_YEAR * len(YEARS)
    return history


def _lake_slice(stored: Stored) -> object:
    day = stored.lake.price_slice(ONE_DAY)
    assert len(day) == NAMES
    return day


def _lake_last_prices(stored: Stored) -> object:
    last = stored.lake.last_prices(ONE_DAY, max_age_days=10)
    assert len(last) == NAMES
    return last


def _parquet(column: str, value: object, rows: int) -> Callable[[Stored], object]:
    def read(stored: Stored) -> object:
        import pandas as pd

        found = pd.read_parquet(stored.parquet, filters=[(column, "==", value)])
        assert len(found) == rows
        return found

    return read


_PLAIN = "pandas, one sorted Parquet file"

CASES = [
    Case(
        name="lake: write 50 million prices",
        setup=_deliver,
        prepare=Deliveries.fresh,
        ours=_write_lake,
        peer=_write_duckdb,
        peer_name="DuckDB, one file",
        target="< 60 s",
        repeats=1,
        warmups=0,
    ),
    Case(
        name="lake: history of one name, 20 years",
        setup=_store,
        ours=_lake_history,
        peer=_parquet("instrument_id", ONE_NAME, DAYS_A_YEAR * len(YEARS)),
        peer_name=_PLAIN,
        target="< 50 ms",
        repeats=11,
        warmups=2,
    ),
    Case(
        name="lake: one day, 10,000 names",
        setup=_store,
        ours=_lake_slice,
        peer=_parquet("date", ONE_DAY, NAMES),
        peer_name=_PLAIN,
        target="< 200 ms",
        repeats=11,
        warmups=2,
    ),
    Case(
        name="lake: last prices not older than 10 days, 10,000 names",
        setup=_store,
        ours=_lake_last_prices,
        repeats=11,
        warmups=2,
    ),
]
