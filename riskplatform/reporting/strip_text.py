"""Exceptions of a backtest as lines of text: one for each year, one sign for each month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskplatform.reporting import numbers


def strip_text(days: Sequence[date], is_exception: ArrayLike) -> tuple[str, ...]:
    """One line for each year: how many days were beyond, and when, by month."""
    beyond = np.asarray(is_exception, dtype=bool)
    table = pd.DataFrame({"day": pd.to_datetime(list(days)), "hit": beyond})
    lines = []
    for year, part in table.groupby(table["day"].dt.year):
        by_month = part.groupby(part["day"].dt.month)["hit"].sum()
        marks = "".join(
            " " if month not in by_month.index else "·" if not by_month[month]
            else str(min(int(by_month[month]), 9))
            for month in range(1, 13)
        )  # fmt: skip
        lines.append(f"{year} {marks} {int(part['hit'].sum())} of {numbers.amount(len(part))} days")
    return tuple(lines)
