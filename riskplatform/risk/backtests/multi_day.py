"""What a model may know of windows of several days that overlap, and how it answers for one.

Most models learn from windows of that length. Those that follow volatility from day to day would
see the overlap instead of it; they learn from single days where these are known, and answer with
the square root of time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray, frozen_array
from riskplatform.risk.backtests.forecasts import RiskModel

SQUARE_ROOT = "square root of time on single days"


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """A row of P&L to learn from; ``hidden`` places lie between its end and the day answered for.

    VaR and ES of a row's unit are ``scale`` times as large for the window.
    """

    row: FloatArray
    hidden: int
    scale: float


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """P&L of windows, one for each day on which one ends; window i is made of the single days
    from i to i + ``horizon_days`` − 1 of ``daily``, where these are given."""

    pnl: FloatArray
    horizon_days: int = 1
    daily: FloatArray | None = None

    @property
    def hidden(self) -> int:
        """So many windows have not ended when the one asked for begins."""
        return self.horizon_days - 1

    def known_to(self, model: RiskModel) -> Known:
        if self.by_square_root(model) and self.daily is not None:
            return Known(self.daily[: len(self.pnl)], 0, math.sqrt(self.horizon_days))
        return Known(self.pnl[: len(self.pnl) - self.hidden], self.hidden, 1.0)

    def by_square_root(self, model: RiskModel) -> bool:
        """Whether a model answers by single days and the square root of time."""
        follows = getattr(model, "follows_volatility", False)
        return self.horizon_days > 1 and self.daily is not None and bool(follows)


def windows_of(pnl: ArrayLike, horizon_days: int, daily: ArrayLike | None) -> Windows:
    """Checked: single days must be as many as the windows are made of."""
    if horizon_days < 1:
        raise UserInputError(f"A horizon is 1 day or more; found {horizon_days}.")
    row = frozen_array(pnl, what="The P&L")
    if daily is None:
        return Windows(row, horizon_days)
    days = frozen_array(daily, what="The P&L of single days")
    wanted = len(row) + horizon_days - 1
    if days.shape != (wanted,):
        raise UserInputError(
            f"{len(row):,} windows of {horizon_days} days are made of {wanted:,} single days; "
            f"found {np.size(days):,}."
        )
    return Windows(row, horizon_days, days)
