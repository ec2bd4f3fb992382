"""Anchor paths: the slow story that each series is pulled towards.

A path is written as dates and values, straight lines between them, flat (or with a steady trend)
after the last. The numbers tell a plausible past: rates near zero until 2021 and hikes after,
the crash of spring 2020, a dear dollar in autumn 2022. They are invented to that shape, not
quoted from any source.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskplatform.market.synthetic.grid import DateArray, year_fractions
from riskplatform.market.synthetic.streams import FloatArray


@dataclass(frozen=True)
class AnchorPath:
    """A piecewise linear path; ``trend`` is its slope per year after the last point."""

    times: FloatArray
    values: FloatArray
    trend: float = 0.0

    def at(self, dates: DateArray, *, ahead_days: int = 0) -> FloatArray:
        """Values on ``dates``, or as many calendar days ahead of them."""
        times = year_fractions(dates + np.timedelta64(ahead_days, "D"))
        after = np.maximum(times - self.times[-1], 0.0)
        return np.asarray(
            np.interp(times, self.times, self.values) + self.trend * after, dtype=np.float64
        )


def anchor_path(text: str, *, log: bool = False, trend: float = 0.0) -> AnchorPath:
    """A path from ``"2016-01 0.35; 2016-12 0.55"``; ``log`` stores natural logarithms."""
    points = [point.split() for point in text.split(";")]
    dates = np.array([np.datetime64(day, "D") for day, _ in points])
    values = np.array([float(value) for _, value in points], dtype=np.float64)
    return AnchorPath(year_fractions(dates), np.log(values) if log else values, trend)


FLAT = anchor_path("2016-01-04 0")
