"""The figures of one P&L by one method: what they are, how sure, and how they came about."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from riskplatform.domain.provenance import Provenance
from riskplatform.errors import DataError
from riskplatform.risk.checks import checked_horizon
from riskplatform.risk.intervals import Interval

Detail = float | int | str | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskFigures:
    """VaR and ES are losses, positive; ``mean`` is of the P&L, signed.

    ``rule`` is the quantile rule, or what stands in for one. ``scaling`` says how the figures came
    to their horizon when it was not by the P&L itself. ``details`` are the method's parameters,
    ``notes`` what a reader must know. ``provenance`` is put in by whoever knows the book.
    """

    method: str
    rule: str
    confidence: float
    horizon_days: float
    var: float
    es: float
    volatility: float
    mean: float
    scenarios: int
    effective_sample_size: float
    var_interval: Interval | None = None
    es_interval: Interval | None = None
    scaling: str | None = None
    notes: tuple[str, ...] = ()
    details: Mapping[str, Detail] = field(default_factory=dict)
    provenance: Provenance | None = None

    def __post_init__(self) -> None:
        if not self.es >= self.var - 1e-9 * abs(self.var):
            raise DataError(f"{self.method}: an ES of {self.es:g} is below the VaR, {self.var:g}.")

    def scaled_to(self, horizon_days: float) -> RiskFigures:
        """By the square root of time, and labelled so; the mean grows with time itself."""
        days = checked_horizon(horizon_days)
        if days == self.horizon_days:
            return self
        root = math.sqrt(days / self.horizon_days)
        var, es = self.var_interval, self.es_interval
        return replace(
            self,
            horizon_days=days,
            var=self.var * root,
            es=self.es * root,
            volatility=self.volatility * root,
            mean=self.mean * days / self.horizon_days,
            var_interval=var.scaled(root) if var else None,
            es_interval=es.scaled(root) if es else None,
            scaling=f"square root of time from {self.horizon_days:g} to {days:g} days: as if days "
            "were independent, alike and without drift",
        )

    def with_provenance(self, provenance: Provenance) -> RiskFigures:
        """The same figures that know their book, date and currency."""
        return replace(self, provenance=provenance)

    def with_notes(self, *notes: str) -> RiskFigures:
        return replace(self, notes=(*self.notes, *notes))

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        names = ("method", "rule", "confidence", "horizon_days", "var", "es", "volatility", "mean")
        more = ("scenarios", "effective_sample_size", "scaling")
        return {
            **{name: getattr(self, name) for name in (*names, *more)},
            "var_interval": self.var_interval.to_dict() if self.var_interval else None,
            "es_interval": self.es_interval.to_dict() if self.es_interval else None,
            "notes": list(self.notes),
            "details": dict(self.details),
            "provenance": self.provenance.to_dict() if self.provenance else None,
        }

    def to_row(self) -> dict[str, Any]:
        """The figures as one flat row of a table."""
        row: dict[str, Any] = {
            "method": self.method,
            "confidence": self.confidence,
            "horizon_days": self.horizon_days,
            "var": self.var,
            "var_low": math.nan,
            "var_high": math.nan,
            "es": self.es,
            "es_low": math.nan,
            "es_high": math.nan,
            "volatility": self.volatility,
            "mean": self.mean,
            "scenarios": self.scenarios,
            "effective_sample_size": self.effective_sample_size,
            "rule": self.rule,
            "interval": self.var_interval.method if self.var_interval else None,
            "scaling": self.scaling,
            "notes": "; ".join(self.notes),
        }
        for name, interval in (("var", self.var_interval), ("es", self.es_interval)):
            if interval:
                row[f"{name}_low"], row[f"{name}_high"] = interval.low, interval.high
        return row

    def to_frame(self) -> pd.DataFrame:
        """One row."""
        return pd.DataFrame([self.to_row()])

    def __str__(self) -> str:
        scaled = ", square root of time" if self.scaling else ""
        return (
            f"{self.method}: {self.confidence:.4g} {self.horizon_days:g}-day VaR {self.var:,.2f}, "
            f"ES {self.es:,.2f} ({self.rule}{scaled}; {self.scenarios:,} scenarios)"
        )

    def _repr_html_(self) -> str:
        return f"<p>{self}</p>" + str(self.to_frame().T.to_html(header=False))
