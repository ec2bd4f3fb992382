"""A row of P&L with its dates: what a backtest judges, and where it is from."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import pandas as pd

from riskplatform.domain.outcome import Coverage
from riskplatform.domain.provenance import Provenance
from riskplatform.errors import DataError
from riskplatform.market.content import FloatArray


class PnlKind(StrEnum):
    """Whose P&L it is."""

    HYPOTHETICAL = "hypothetical"
    """Today's book on the moves of each day, by full revaluation."""
    ACTUAL = "actual"
    """What the node made each day with what it then held, flows taken out."""
    RISK_THEORETICAL = "risk-theoretical"
    """Today's book on the moves of each day, by its sensitivities."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PnlHistory:
    """P&L by day, signed, in ``provenance.base_currency``, oldest first.

    With a horizon above one day each number is that of the window that ends on its date, and
    ``daily`` are the single days of all windows, where every one of them is known. What is not in
    it is in ``coverage``; ``notes`` say what a reader must know.
    """

    node: str
    kind: PnlKind
    dates: tuple[date, ...]
    pnl: FloatArray
    horizon_days: int
    provenance: Provenance
    notes: tuple[str, ...] = ()
    daily: FloatArray | None = None

    @property
    def coverage(self) -> Coverage:
        return self.provenance.coverage

    def __len__(self) -> int:
        return len(self.dates)

    def checked(self) -> PnlHistory:
        """Itself, where there is something to backtest."""
        if not self.pnl.any():
            raise DataError(
                f"The {self.kind} P&L of {self.node} is zero on each of {len(self):,} days.",
                hint="There is no risk to backtest; name a node that holds something that moves.",
            )
        return self

    def to_frame(self) -> pd.DataFrame:
        """date, pnl."""
        return pd.DataFrame({"date": list(self.dates), "pnl": self.pnl})

    def to_dict(self) -> dict[str, Any]:
        return {
            "node": self.node,
            "kind": self.kind.value,
            "horizon_days": self.horizon_days,
            "provenance": self.provenance.to_dict(),
            "notes": list(self.notes),
            "days": [
                {"date": day.isoformat(), "pnl": float(gain)}
                for day, gain in zip(self.dates, self.pnl, strict=True)
            ],
        }

    def _repr_html_(self) -> str:
        span = f"{self.dates[0]} to {self.dates[-1]}" if self.dates else "no day"
        text = (
            f"{self.kind} P&L of {self.node}, {len(self):,} days, {span}, "
            f"{self.provenance.base_currency}, coverage {self.coverage}"
        )
        return f"<p>{html.escape(text)}</p>"


def window_sums(
    dates: Sequence[date], pnl: FloatArray, horizon_days: int
) -> tuple[tuple[date, ...], FloatArray]:
    """P&L over windows of so many days that overlap, each by the day it ends on."""
    total = pnl.cumsum()
    sums = total[horizon_days - 1 :].copy()
    sums[1:] -= total[:-horizon_days]
    return tuple(dates[horizon_days - 1 :]), sums
