"""What an attribution answers: effects by group or factor, by period and linked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from riskplatform.domain.outcome import Coverage
from riskplatform.domain.provenance import Provenance


@dataclass(frozen=True, eq=False)
class AttributionResult:
    """From the evening of ``start`` to that of the as-of day; returns and effects as shares.

    ``table``: one row per group (weights mean over days, returns compounded over days with
    capital, effects linked) or per factor (exposure mean over days, contribution linked).
    ``periods``: one row per month with its returns and effects, linked within the month.
    ``geometric`` are the compounded factors of the excess return, less one; for factors none.
    """

    node: str | None
    benchmark: str | None
    start: date
    method: str
    by: str
    linking: str
    portfolio_return: float
    benchmark_return: float | None
    table: pd.DataFrame
    periods: pd.DataFrame
    provenance: Provenance
    geometric: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def end(self) -> date:
        return self.provenance.as_of

    @property
    def coverage(self) -> Coverage:
        return self.provenance.coverage

    @property
    def excess_return(self) -> float | None:
        """Arithmetic: portfolio less benchmark."""
        market = self.benchmark_return
        return None if market is None else self.portfolio_return - market

    @property
    def effects(self) -> dict[str, float]:
        """Sums over groups, which make the excess return (of factors: the return)."""
        names = ("allocation", "selection", "interaction", "contribution")
        return {name: float(self.table[name].sum()) for name in names if name in self.table}

    def to_frame(self) -> pd.DataFrame:
        return self.table.copy()

    def to_dict(self) -> dict[str, Any]:
        return {
            "node": self.node,
            "benchmark": self.benchmark,
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "method": self.method,
            "by": self.by,
            "linking": self.linking,
            "portfolio_return": self.portfolio_return,
            "benchmark_return": self.benchmark_return,
            "excess_return": self.excess_return,
            "effects": self.effects,
            "geometric": dict(self.geometric),
            "table": self.table.to_dict("records"),
            "periods": self.periods.to_dict("records"),
            "notes": list(self.notes),
            "provenance": self.provenance.to_dict(),
        }

    def _repr_html_(self) -> str:
        body = str(self.table.to_html(index=False, float_format="{:.4%}".format))
        head = f"{self.method} by {self.by}, {self.start} to {self.end}; {self.provenance}"
        return f"<p>{head}</p>{body}"


@dataclass(frozen=True, eq=False)
class ReturnsResult:
    """Rates of return of a node from the evening of ``start`` to that of the as-of day.

    ``daily`` has date, value, flows, pnl and return; a day without capital has no return and is
    named in the coverage. ``time_weighted`` compounds the days. ``money_weighted`` is a year's
    internal rate of return, nothing when there is none; ``money_weighted_roots`` are all of them.
    """

    node: str | None
    start: date
    timing: str
    daily: pd.DataFrame
    time_weighted: float
    time_weighted_a_year: float
    money_weighted: float | None
    money_weighted_period: float | None
    money_weighted_roots: tuple[float, ...]
    modified_dietz: float
    modified_dietz_linked: float
    months: pd.DataFrame
    years: pd.DataFrame
    contributions: pd.DataFrame
    provenance: Provenance

    @property
    def end(self) -> date:
        return self.provenance.as_of

    @property
    def coverage(self) -> Coverage:
        return self.provenance.coverage

    def to_frame(self) -> pd.DataFrame:
        return self.months.copy()

    def to_dict(self) -> dict[str, Any]:
        names = (
            "time_weighted", "time_weighted_a_year", "money_weighted", "money_weighted_period",
            "modified_dietz", "modified_dietz_linked", "timing", "node",
        )  # fmt: skip
        return {
            **{name: getattr(self, name) for name in names},
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "money_weighted_roots": list(self.money_weighted_roots),
            "months": self.months.to_dict("records"),
            "years": self.years.to_dict("records"),
            "contributions": self.contributions.to_dict("records"),
            "provenance": self.provenance.to_dict(),
        }

    def _repr_html_(self) -> str:
        head = f"<p>{self.time_weighted:.4%} time-weighted, {self.start} to {self.end}</p>"
        return head + str(self.months.to_html(index=False, float_format="{:.4%}".format))
