"""Days that an instrument's calendar has and its prices lack, and the other way round."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import UnknownNameError
from riskplatform.market.quality.panel import Found, IntArray, Panel, day_text
from riskplatform.market.quality.rules import Rule

Sessions = Mapping[str, "ArrayLike | list[date]"]


def calendar_gaps(panel: Panel, sessions: Sessions, calendar_of: Mapping[str, str]) -> list[Found]:
    """One mark at the first day of each gap, one at each price without a session.

    A gap is looked for from an instrument's first price to its calendar's last session, so that
    a series that has ended is seen. Instruments without a calendar are not checked.
    """
    names = [calendar_of.get(name) for name in panel.ids]
    found: list[Found] = []
    for calendar_id in sorted({name for name in names if name is not None}):
        if calendar_id not in sessions:
            raise UnknownNameError("calendar", calendar_id, sessions)
        days = np.unique(np.array(sessions[calendar_id], dtype="datetime64[D]")).astype(np.int64)
        members = np.flatnonzero([name == calendar_id for name in names])
        if days.size:
            found.extend(_one_calendar(panel, calendar_id, days, members))
    return found


def _one_calendar(
    panel: Panel, calendar_id: str, sessions: IntArray, members: IntArray
) -> tuple[Found, Found]:
    line_of = np.full(len(panel.ids), -1, dtype=np.int64)
    line_of[members] = np.arange(members.size)
    entries = np.flatnonzero(line_of[panel.codes] >= 0)
    days, lines = panel.days[entries], line_of[panel.codes[entries]]
    place = np.minimum(np.searchsorted(sessions, days), sessions.size - 1)
    in_session = sessions[place] == days
    in_range = (days >= sessions[0]) & (days <= sessions[-1])
    stray = entries[in_range & ~in_session]
    off = panel.found(
        Rule.OFF_CALENDAR, stray, [f"{calendar_id} has no session on this day"] * stray.size
    )
    seen = np.zeros((members.size, sessions.size), dtype=bool)
    seen[lines[in_session], place[in_session]] = True
    first_day = np.full(members.size, np.iinfo(np.int64).max)
    np.minimum.at(first_day, lines, days)
    absent = ~seen & (sessions >= first_day[:, None])
    # Pad with False so that every gap has a beginning and an end inside the row.
    edges = np.diff(np.pad(absent, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    line, begin = np.nonzero(edges == 1)
    end = np.nonzero(edges == -1)[1] - 1
    messages = [
        f"{last - first + 1} sessions of {calendar_id} without a price, to"
        f" {day_text(sessions[last])}"
        for first, last in zip(begin, end, strict=True)
    ]
    return off, Found(Rule.MISSING_DAYS, members[line], sessions[begin], messages)
