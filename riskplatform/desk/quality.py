"""The quality of the desk's prices, judged afresh from what the lake holds."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskplatform.market.calendars import DateArray, business_calendar
from riskplatform.market.quality import assess_prices
from riskplatform.store.lake import Between

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk


def quality(desk: Desk, as_of: date, days: int) -> pd.DataFrame:
    """Marks on the last ``days`` calendar days, worst and newest first."""
    start = as_of - timedelta(days=days)
    prices = desk.lake.read(
        "prices",
        where={"date": Between(start, as_of)},
        columns=("instrument_id", "date", "close"),
        order_by=(),
    )
    calendar_of = {
        instrument_id: instrument.calendar
        for instrument_id, instrument in desk.instruments().items()
    }
    report = assess_prices(
        prices,
        sessions=_sessions(set(calendar_of.values()), start, as_of),
        calendar_of=calendar_of,
    )
    order = {"error": 0, "warning": 1, "info": 2}
    marks = report.marks.assign(_rank=report.marks["severity"].map(order))
    marks = marks.sort_values(["_rank", "date", "subject_id"], ascending=[True, False, True])
    return marks.drop(columns="_rank").reset_index(drop=True)


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
