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

from riskplatform.errors import UserInputError
from riskplatform.market.carry import CarryCurve
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
    rows = rows[rows["usd_per_unit"].to_numpy(dtype=np.float64, na_value=np.nan) > 0]
    rows = rows.drop_duplicates("currency", keep="last")
    prices = dict(zip(rows["currency"], rows["usd_per_unit"].astype(float), strict=True))
    return FxMatrix(as_of, prices, quoted_on=_days(rows, "currency"))


def read_prices(frames: Frames, as_of: date) -> PriceTable:
    """The repaired close where a rule repaired it, else the close; a day without one is passed."""
    rows = _until(frames, "prices", as_of)
    is_repaired = rows["repair_rule"].notna().to_numpy()
    columns = [
        rows[name].to_numpy(dtype=np.float64, na_value=np.nan)
        for name in ("repaired_close", "close")
    ]
    rows = rows.assign(value=np.where(is_repaired, *columns))
    rows = rows[np.isfinite(rows["value"].to_numpy())]
    rows = rows.drop_duplicates("instrument_id", keep="last").sort_values("instrument_id")
    rules = rows.loc[rows["repair_rule"].notna(), ["instrument_id", "repair_rule"]]
    return PriceTable(
        tuple(rows["instrument_id"]),
        rows["value"].to_numpy(),
        rows["date"].to_numpy().astype("datetime64[D]"),
        dict(zip(rules["instrument_id"], rules["repair_rule"], strict=True)),
    )


def read_curves(frames: Frames, as_of: date) -> LazyTable[Curve]:
    return _table(frames, "curves", as_of, partial(_curve, as_of))


def read_credit_curves(frames: Frames, as_of: date) -> LazyTable[CreditCurve]:
    return _table(frames, "credit_curves", as_of, partial(_credit_curve, as_of))


def read_surfaces(frames: Frames, as_of: date) -> LazyTable[VolSurface]:
    return _table(frames, "vol_surfaces", as_of, partial(_surface, as_of))


def read_carries(frames: Frames, as_of: date) -> LazyTable[CarryCurve]:
    return _table(frames, "carry", as_of, partial(_carry, as_of))


def read_fixings(frames: Frames, as_of: date) -> LazyTable[FixingSeries]:
    rows = _until(frames, "fixings", as_of).drop_duplicates(["index_id", "date"], keep="last")
    rows = rows.sort_values(["index_id", "date"])
    ids = rows["index_id"].to_numpy()
    days = rows["date"].to_numpy().astype("datetime64[D]")
    values = rows["value"].to_numpy(dtype=np.float64, na_value=np.nan)
    places = np.flatnonzero(ids[1:] != ids[:-1]) + 1
    series = {
        str(names[0]): (some_days, some_values)
        for names, some_days, some_values in zip(
            np.split(ids, places), np.split(days, places), np.split(values, places), strict=True
        )
        if names.size
    }
    return LazyTable(series, _fixing_series, {k: v[0][-1].item() for k, v in series.items()})


def _table(frames: Frames, table: str, as_of: date, parse: Any) -> LazyTable[Any]:
    rows = _latest(frames, table, as_of)
    key, _, *content = COLUMNS[table]
    names = rows[key].tolist()
    contents = zip(*(rows[column].tolist() for column in content), strict=True)
    return LazyTable(dict(zip(names, contents, strict=True)), parse, _days(rows, key))


def _until(frames: Frames, table: str, as_of: date) -> pd.DataFrame:
    """The rows of a table known at the end of ``as_of``, by date, with dates as days."""
    columns = list(COLUMNS[table])
    if table not in frames:
        return pd.DataFrame({name: [] for name in columns}).assign(date=pd.to_datetime([]))
    frame = frames[table]
    absent = [name for name in columns if name not in frame.columns]
    if absent:
        raise UserInputError(
            f"The frame of {table} has no column {', '.join(absent)}.",
            hint=f"Needed: {', '.join(columns)}.",
        )
    days = pd.to_datetime(frame["date"])
    known = (days <= pd.Timestamp(as_of)).to_numpy()
    rows = frame.loc[known, columns].assign(date=days[known])
    return rows.sort_values("date", kind="stable")


def _latest(frames: Frames, table: str, as_of: date) -> pd.DataFrame:
    return _until(frames, table, as_of).drop_duplicates(COLUMNS[table][0], keep="last")


def _days(rows: pd.DataFrame, key: str) -> dict[str, date]:
    return dict(zip(rows[key], rows["date"].dt.date, strict=True))


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


def _fixing_series(index_id: str, row: tuple[Any, ...]) -> FixingSeries:
    return FixingSeries(index_id, *row)
