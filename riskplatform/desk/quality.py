"""The quality of the desk's prices, judged afresh from what the lake holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskplatform.domain.instruments import (
    Bond,
    Coin,
    Equity,
    EquityIndex,
    Future,
    FxSpot,
    Perpetual,
)
from riskplatform.domain.transactions import TransactionKind
from riskplatform.market.calendars import DateArray, business_calendar
from riskplatform.market.quality import Rule, assess_prices
from riskplatform.store.lake import Between

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk


# Kinds whose marks are prices. Present values and premiums change sign and jump by nature, so
# their inputs are judged instead of them.
_PRICED = (Equity, EquityIndex, Bond, Future, Coin, Perpetual, FxSpot)
# An outlier is one against what came before it.
_CONTEXT = timedelta(days=400)


@dataclass(frozen=True)
class Judged:
    """New prices with the repaired series beside the raw one, and the marks on them."""

    prices: pd.DataFrame
    marks: pd.DataFrame


def judged(desk: Desk, new: pd.DataFrame) -> Judged:
    """Judge new prices (instrument_id, date, close, ...) in the light of what the lake holds."""
    new = new.assign(date=pd.to_datetime(new["date"]), repaired_close=np.nan, repair_rule=None)
    is_price = new["instrument_id"].isin(_priced(desk))
    if not is_price.any():
        return Judged(new, _no_marks())
    unjudged, new = new[~is_price], new[is_price]
    first, last = new["date"].min().date(), new["date"].max().date()
    known = desk.lake.read(
        "prices",
        where={
            "instrument_id": sorted(set(new["instrument_id"])),
            "date": Between(first - _CONTEXT, last),
        },
        columns=("instrument_id", "date", "close"),
    )
    known["date"] = pd.to_datetime(known["date"])
    keys = ["instrument_id", "date"]
    # What is delivered again replaces what was known, so only the new one is judged.
    delivered = pd.MultiIndex.from_frame(new[keys])
    kept = known[~pd.MultiIndex.from_frame(known[keys]).isin(delivered)]
    both = pd.concat([kept, new[[*keys, "close"]]], ignore_index=True)
    both = both.sort_values(keys, kind="stable")
    report = assess_prices(both)
    repaired = report.repaired.loc[both.index >= len(kept)].sort_index()
    changed = repaired["repair_rule"].notna().to_numpy()
    prices = new.assign(
        repaired_close=repaired["repaired_close"].where(changed).to_numpy(),
        repair_rule=repaired["repair_rule"].to_numpy(),
    )
    marks = report.marks
    about_new = pd.MultiIndex.from_frame(marks[["subject_id", "date"]]).isin(delivered)
    prices = pd.concat([prices, unjudged], ignore_index=True)
    return Judged(prices, marks[about_new].reset_index(drop=True))


def _no_marks() -> pd.DataFrame:
    nothing = pd.DataFrame({"instrument_id": [], "date": pd.to_datetime([]), "close": []})
    return assess_prices(nothing.astype({"instrument_id": "str", "close": "float64"})).marks


def _priced(desk: Desk) -> dict[str, str]:
    """Instruments whose marks are prices, with their calendars."""
    return {
        instrument_id: instrument.calendar
        for instrument_id, instrument in desk.instruments().items()
        if isinstance(instrument, _PRICED)
    }


def quality(desk: Desk, as_of: date, days: int) -> pd.DataFrame:
    """Marks on the last ``days`` calendar days, worst and newest first."""
    start = as_of - timedelta(days=days)
    calendar_of = _priced(desk)
    prices = desk.lake.read(
        "prices",
        where={"date": Between(start, as_of)},
        columns=("instrument_id", "date", "close"),
        order_by=(),
    )
    prices = prices[prices["instrument_id"].isin(calendar_of)]
    report = assess_prices(
        prices,
        sessions=_sessions(
            {calendar_of[name] for name in set(prices["instrument_id"])}, start, as_of
        ),
        calendar_of=calendar_of,
    )
    marks = report.marks[~_explained(desk, report.marks)]
    order = {"error": 0, "warning": 1, "info": 2}
    marks = marks.assign(_rank=marks["severity"].map(order))
    marks = marks.sort_values(["_rank", "date", "subject_id"], ascending=[True, False, True])
    return marks.drop(columns="_rank").reset_index(drop=True)


def _explained(desk: Desk, marks: pd.DataFrame) -> np.ndarray:
    """Marks that look like a split and are one: the ledger has it."""
    splits = desk.ledger.transactions(kinds=[TransactionKind.SPLIT])
    days = [moment.date() for moment in splits["effective_at"]]
    known = set(zip(splits["instrument_id"], days, strict=True))
    seen = zip(marks["subject_id"], marks["rule"], marks["date"], strict=True)
    return np.array(
        [rule == Rule.SPLIT_LIKE and (name, day.date()) in known for name, rule, day in seen],
        dtype=bool,
    )


def _sessions(calendars: set[str], start: date, end: date) -> dict[str, DateArray]:
    """The days on which each calendar expects a price."""
    found = {}
    for name in sorted(calendars):
        calendar = business_calendar(name)
        first, last = max(start, calendar.first_date), min(end, calendar.last_date)
        found[name] = (
            calendar.business_days(first, last) if first <= last else np.array([], "M8[D]")
        )
    return found
