"""Reading the lake's frames into the parts of a snapshot. Pure: the caller reads the lake.

For each id the last row on or before the as-of date counts; later rows are not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskplatform.errors import UserInputError
from riskplatform.market.carry import CarryCurve
from riskplatform.market.content import FloatArray
from riskplatform.market.credit import CreditCurve
from riskplatform.market.curves import Curve
from riskplatform.market.fixings import FixingSeries
from riskplatform.market.fx import FxMatrix
from riskplatform.market.prices import PriceTable
from riskplatform.market.surfaces import VolSurface
from riskplatform.market.tables import LazyTable

# The columns of each table of the lake that a snapshot reads; the first is the id.
COLUMNS = {
    "prices": ("instrument_id", "date", "close", "repaired_close", "repair_rule"),
    "fx": ("currency", "date", "usd_per_unit"),
    "curves": ("curve_id", "date", "times", "zero_rates", "interpolation"),
    "credit_curves": ("issuer_id", "date", "times", "hazard_rates", "recovery"),
    "vol_surfaces": ("surface_id", "date", "axis", "expiries", "points", "vols"),
    "carry": ("underlying_id", "date", "times", "yields"),
    "fixings": ("index_id", "date", "value"),
}
Frames = Mapping[str, pd.DataFrame]
Column = NDArray[Any]


def check_names(frames: Frames) -> None:
    """Refuse a frame that is not a table of the market, so that a typing error loses nothing."""
    unknown = sorted(set(frames) - set(COLUMNS))
    if unknown:
        raise UserInputError(
            f"A market snapshot does not read {', '.join(unknown)}.",
            hint=f"It reads {', '.join(COLUMNS)}.",
        )


def read_fx(frames: Frames, as_of: date) -> FxMatrix:
    """The last positive price of each currency; one that is none is passed over and ages."""
    rows = _until(frames, "fx", as_of)
    prices = _floats(rows["usd_per_unit"])
    last = _last(rows["currency"], np.flatnonzero(prices > 0))
    return FxMatrix(
        as_of,
        {currency: float(prices[place]) for currency, place in last.items()},
        quoted_on=_days(rows, last),
    )


def read_prices(frames: Frames, as_of: date) -> PriceTable:
    """The repaired close where a rule repaired it, else the close; a day without one is passed."""
    rows = _until(frames, "prices", as_of)
    is_repaired = ~pd.isna(rows["repair_rule"])
    value = np.where(is_repaired, _floats(rows["repaired_close"]), _floats(rows["close"]))
    last = _last(rows["instrument_id"], np.flatnonzero(np.isfinite(value)))
    names = tuple(sorted(last))
    places = np.array([last[name] for name in names], dtype=np.intp)
    rules = {
        name: str(rows["repair_rule"][place])
        for name, place in zip(names, places, strict=True)
        if is_repaired[place]
    }
    return PriceTable(names, value[places], rows["date"][places], rules)


def read_curves(frames: Frames, as_of: date) -> LazyTable[Curve]:
    return _table(frames, "curves", as_of, partial(_curve, as_of))


def read_credit_curves(frames: Frames, as_of: date) -> LazyTable[CreditCurve]:
    return _table(frames, "credit_curves", as_of, partial(_credit_curve, as_of))


def read_surfaces(frames: Frames, as_of: date) -> LazyTable[VolSurface]:
    return _table(frames, "vol_surfaces", as_of, partial(_surface, as_of))


def read_carries(frames: Frames, as_of: date) -> LazyTable[CarryCurve]:
    return _table(frames, "carry", as_of, partial(_carry, as_of))


def read_fixings(frames: Frames, as_of: date) -> LazyTable[FixingSeries]:
    rows = _until(frames, "fixings", as_of)
    ids, days, values = rows["index_id"], rows["date"], _floats(rows["value"])
    by_index: dict[str, dict[Any, float]] = {}
    # Of two values for one day the one delivered last counts.
    for index_id, day, value in zip(ids.tolist(), days.tolist(), values.tolist(), strict=True):
        by_index.setdefault(index_id, {})[day] = value
    last = {index_id: next(reversed(series)) for index_id, series in by_index.items()}
    return LazyTable(by_index, FixingSeries.from_mapping, last)


def _table(frames: Frames, table: str, as_of: date, parse: Any) -> LazyTable[Any]:
    rows = _until(frames, table, as_of)
    key, _, *content = COLUMNS[table]
    last = _last(rows[key], np.arange(rows[key].size))
    contents = {
        name: tuple(rows[column][place] for column in content) for name, place in last.items()
    }
    return LazyTable(contents, parse, _days(rows, last))


def _until(frames: Frames, table: str, as_of: date) -> dict[str, Column]:
    """The columns of a table, rows known at the end of ``as_of``, in the order of their dates."""
    columns = COLUMNS[table]
    if table not in frames:
        empty: dict[str, Column] = {name: np.empty(0, dtype=object) for name in columns}
        return {**empty, "date": np.empty(0, dtype="datetime64[D]")}
    frame = frames[table]
    absent = [name for name in columns if name not in frame.columns]
    if absent:
        raise UserInputError(
            f"The frame of {table} has no column {', '.join(absent)}.",
            hint=f"Needed: {', '.join(columns)}.",
        )
    days = pd.to_datetime(frame["date"]).to_numpy().astype("datetime64[D]")
    known = np.flatnonzero(days <= np.datetime64(as_of))
    order = known[np.argsort(days[known], kind="stable")]
    rows = {name: frame[name].to_numpy()[order] for name in columns if name != "date"}
    return {**rows, "date": days[order]}


def _floats(column: Column) -> FloatArray:
    """Numbers in double precision; what is empty becomes not a number."""
    return np.asarray(pd.to_numeric(column), dtype=np.float64)


def _last(ids: Column, places: NDArray[np.intp]) -> dict[str, int]:
    """For each id the last of the places where it stands."""
    return dict(zip(ids[places].tolist(), places.tolist(), strict=True))


def _days(rows: Mapping[str, Column], last: Mapping[str, int]) -> dict[str, date]:
    return {name: rows["date"][place].item() for name, place in last.items()}


# Each object is as of the snapshot, whenever it was quoted: a rate by time to maturity is taken to
# hold until the next quote. The day of the quote is kept beside it, in ``quoted_on``.


def _curve(as_of: date, curve_id: str, row: tuple[Any, ...]) -> Curve:
    return Curve(curve_id, as_of, *row)


def _credit_curve(as_of: date, issuer_id: str, row: tuple[Any, ...]) -> CreditCurve:
    return CreditCurve(issuer_id, as_of, *row)


def _surface(as_of: date, surface_id: str, row: tuple[Any, ...]) -> VolSurface:
    return VolSurface(surface_id, as_of, *row)


def _carry(as_of: date, underlying_id: str, row: tuple[Any, ...]) -> CarryCurve:
    return CarryCurve(underlying_id, as_of, *row)
