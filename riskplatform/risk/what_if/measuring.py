"""The numbers of a state that a what-if compares, quick enough to be asked while typing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskplatform.market.content import FloatArray
from riskplatform.pricing.exposures.measures import MEASURES, SUMMED
from riskplatform.risk.book import RiskBook, ScenarioView
from riskplatform.risk.measures import volatility
from riskplatform.risk.quantiles import var_and_es
from riskplatform.risk.state import BookState

VALUE, GROSS = "value", "gross value"


@dataclass(frozen=True, slots=True)
class Row:
    """One number: ``group`` says of which kind, ``unit`` what it counts."""

    group: str
    measure: str
    unit: str


@dataclass(frozen=True, eq=False)
class Gauges:
    """Per-unit vectors of a book, made once: values, and every exposure that adds up."""

    values: FloatArray
    sizes: FloatArray
    exposures: FloatArray
    rows: tuple[Row, ...]

    @classmethod
    def of(cls, book: RiskBook) -> Gauges:
        known = book.known
        values = np.nan_to_num(known.values)
        is_cash = book.kinds == "cash"
        table = np.stack([known.per_unit(name) for name in SUMMED])
        currency = book.base_currency
        rows = (
            Row("value", VALUE, currency),
            Row("value", GROSS, currency),
            *(Row("exposures", name, MEASURES[name].unit(currency)) for name in SUMMED),
        )
        return cls(values, np.where(is_cash, 0.0, np.abs(values)), table, rows)

    def read(self, held: FloatArray) -> FloatArray:
        """By row."""
        head = np.array([held @ self.values, np.abs(held) @ self.sizes])
        return np.concatenate([head, self.exposures @ held])


def view_rows(view: ScenarioView, confidence: float, currency: str) -> tuple[Row, ...]:
    """What is read of one scenario set: VaR, ES and volatility, or the gain of each scenario."""
    if view.is_stress:
        return tuple(Row("stress", label, currency) for label in view.labels)
    words = f"{view.name.replace('_', ' ')}, {confidence:g}"
    return tuple(Row("risk", f"{name}, {words}", currency) for name in ("VaR", "ES", "volatility"))


def read_view(
    state: BookState, node: str | None, view: ScenarioView, confidence: float
) -> FloatArray:
    """By row, as :func:`view_rows` names them."""
    gains = state.gains(node, view.name)
    if view.is_stress:
        return gains
    found = var_and_es(gains, confidence, view.weights)
    return np.array([found.var, found.es, volatility(gains, view.weights)], dtype=np.float64)
