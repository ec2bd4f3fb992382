"""The price table of the lake: marks as a feed delivered them, with the documented faults."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from riskplatform.demofirm.cast import Cast
from riskplatform.demofirm.lake_tables import SOURCE
from riskplatform.demofirm.marks import Series
from riskplatform.demofirm.stage import RowArray, Stage
from riskplatform.market.quality import assess_prices
from riskplatform.market.synthetic.quotes import blemished_quotes
from riskplatform.pricing.formulas.arrays import FloatArray


def price_table(stage: Stage, cast: Cast) -> pa.Table:
    """One row for each delivered mark, the repaired close beside it where a rule made one."""
    faulty = _faulty(stage, cast)
    ids: list[NDArray[np.int32]] = []
    rows: list[RowArray] = []
    closes: list[FloatArray] = []
    volumes: list[FloatArray] = []
    columns = {item.id: column for column, item in enumerate(cast.shares)}
    known = stage.history.equities.volume.shape[1]
    for instrument_id, series in cast.marks:
        quoted = faulty.get(instrument_id, series)
        here = np.flatnonzero(quoted.is_quoted)
        ids.append(np.full(here.size, len(ids), dtype=np.int32))
        rows.append(here + quoted.first)
        closes.append(quoted.values[here])
        column = columns.get(instrument_id, known)
        volumes.append(
            stage.history.equities.volume[rows[-1], column]
            if column < known
            else np.full(here.size, np.nan)
        )
    names = pa.array([instrument_id for instrument_id, _ in cast.marks])
    codes = pa.array(np.concatenate(ids))
    volume = np.concatenate(volumes)
    table = pa.table(
        {
            "instrument_id": pa.DictionaryArray.from_arrays(codes, names).cast(pa.string()),
            "date": pa.array(stage.history.dates[np.concatenate(rows)]),
            "close": np.concatenate(closes),
            "volume": pa.array(volume, mask=np.isnan(volume)),
            "source": pa.repeat(SOURCE, len(volume)),
        }
    )
    return _with_repairs(stage, table, sorted(faulty), [name for name, _ in cast.marks])


def _faulty(stage: Stage, cast: Cast) -> dict[str, Series]:
    """Series of the names whose quotes have faults, as delivered."""
    quotes = blemished_quotes(stage.history)
    found = {}
    for blemish in quotes.blemishes:
        column = quotes.ids.index(blemish.instrument_id)
        clean = cast.marks.of(blemish.instrument_id)
        found[blemish.instrument_id] = Series(
            clean.first,
            quotes.close[:, column],
            clean.is_quoted & quotes.is_quoted[:, column],
        )
    return found


def _with_repairs(stage: Stage, table: pa.Table, faulty: list[str], names: list[str]) -> pa.Table:
    """Repaired closes of the faulty names, by the rules of the quality report."""
    ids = table.column("instrument_id").to_numpy(zero_copy_only=False)
    where = np.flatnonzero(np.isin(ids, faulty))
    some = table.take(pa.array(where)).select(["instrument_id", "date", "close"]).to_pandas()
    report = assess_prices(some.assign(date=pd.to_datetime(some["date"])))
    rule = report.repaired["repair_rule"]
    repaired = np.full(len(table), np.nan)
    rules = np.full(len(table), None, dtype=object)
    is_repaired = rule.notna().to_numpy()
    places = where[is_repaired]
    values: FloatArray = report.repaired["repaired_close"].to_numpy()
    repaired[places] = values[is_repaired]
    rules[places] = rule.to_numpy()[is_repaired]
    return table.append_column(
        "repaired_close", pa.array(repaired, mask=np.isnan(repaired))
    ).append_column("repair_rule", pa.array(rules, pa.string()))
