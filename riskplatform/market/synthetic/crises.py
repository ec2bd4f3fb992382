"""Named crises and calmer or rougher seasons: when volatility is multiplied, and of what.

An episode multiplies the standard deviation of the drivers of some groups. It rises from its
start to its peak and fades to its end. Common shocks are multiplied more than the shocks of
single names, and that alone makes correlation rise in a crisis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from riskplatform.market.synthetic.grid import DateArray
from riskplatform.market.synthetic.streams import FloatArray


@dataclass(frozen=True)
class Episode:
    """A stretch of days; ``multiples`` is the factor on standard deviations at the peak."""

    start: date
    peak: date
    end: date
    multiples: Mapping[str, float]

    def intensity(self, dates: DateArray) -> FloatArray:
        """0 outside, rising to 1 at the peak."""
        origin = np.datetime64(self.start)
        corners = [
            float((np.datetime64(day) - origin).astype(int))
            for day in (self.start, self.peak, self.end)
        ]
        elapsed = (dates - origin).astype(np.float64)
        # The first day of a crisis already has weight: crises do not begin with a whisper.
        rising = np.interp(elapsed, corners, (0.35, 1.0, 0.0))
        inside = (elapsed >= 0.0) & (elapsed <= corners[-1])
        return np.asarray(np.where(inside, rising, 0.0), dtype=np.float64)


@dataclass(frozen=True)
class Crisis:
    """A named crisis made of one or more episodes."""

    crisis_id: str
    title: str
    episodes: tuple[Episode, ...]

    def days(self, dates: DateArray) -> NDArray[np.bool_]:
        """Which of ``dates`` fall inside the crisis."""
        inside = np.zeros(dates.shape, dtype=np.bool_)
        for episode in self.episodes:
            inside |= (dates >= np.datetime64(episode.start)) & (
                dates <= np.datetime64(episode.end)
            )
        return inside


PANDEMIC_2020 = Crisis(
    "pandemic-2020",
    "Spring 2020 pandemic crash",
    (
        Episode(
            date(2020, 2, 20), date(2020, 3, 12), date(2020, 4, 30),
            {"RISK": 8.0, "RATES": 2.0, "DOLLAR": 1.9, "ENERGY": 2.8, "METALS": 1.8, "COIN": 1.8,
             "CREDIT": 2.6, "VOLATILITY": 1.6, "equity": 2.0, "name": 2.1, "fx": 1.5,
             "commodity": 1.6, "coin": 1.4, "rates": 1.8, "credit": 1.8, "issuer": 1.8},
        ),
    ),
)  # fmt: skip

RATES_AND_BANKS_2022_23 = Crisis(
    "rates-and-banks-2022-23",
    "2022-23 rates and bank-funding crisis",
    (
        Episode(
            date(2022, 9, 1), date(2022, 9, 27), date(2022, 10, 31),
            {"RISK": 1.9, "RATES": 1.9, "INFLATION": 2.2, "DOLLAR": 1.6, "CREDIT": 1.5,
             "fx": 1.3, "rates": 1.6, "equity": 1.2, "name": 1.15},
        ),
        Episode(
            date(2023, 3, 6), date(2023, 3, 15), date(2023, 3, 31),
            {"RISK": 2.3, "RATES": 3.0, "CREDIT": 3.0, "equity": 1.4, "rates": 1.9,
             "credit": 1.9, "name": 1.25, "issuer": 1.5},
        ),
    ),
)  # fmt: skip

CRISES: tuple[Crisis, ...] = (PANDEMIC_2020, RATES_AND_BANKS_2022_23)

SEASONS: tuple[Episode, ...] = (
    Episode(
        date(2017, 1, 2), date(2017, 6, 30), date(2018, 1, 30),
        {"RISK": 0.75, "VOLATILITY": 0.9, "RATES": 0.8},
    ),
    Episode(date(2018, 2, 1), date(2018, 2, 6), date(2018, 3, 15), {"RISK": 2.0}),
    Episode(date(2018, 11, 15), date(2018, 12, 21), date(2019, 1, 15), {"RISK": 1.7}),
    Episode(
        date(2022, 1, 3), date(2022, 9, 30), date(2023, 10, 31),
        {"RISK": 1.25, "RATES": 1.5, "INFLATION": 9.0},
    ),
    Episode(date(2025, 4, 1), date(2025, 4, 8), date(2025, 5, 9), {"RISK": 2.6, "name": 1.3}),
)  # fmt: skip


def deviation_multiples(dates: DateArray, group: str) -> FloatArray:
    """The factor on standard deviations of ``group`` on each date."""
    logs = np.zeros(dates.shape, dtype=np.float64)
    episodes = [episode for crisis in CRISES for episode in crisis.episodes]
    for episode in (*episodes, *SEASONS):
        multiple = episode.multiples.get(group)
        if multiple is not None:
            logs += np.log(multiple) * episode.intensity(dates)
    return np.asarray(np.exp(logs), dtype=np.float64)


def crisis_days(dates: DateArray) -> NDArray[np.bool_]:
    """Which dates fall inside any named crisis."""
    inside = np.zeros(dates.shape, dtype=np.bool_)
    for crisis in CRISES:
        inside |= crisis.days(dates)
    return inside
