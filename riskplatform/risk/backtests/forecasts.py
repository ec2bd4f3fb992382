"""What a model says of one day, what it says of many, and what a model is."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol, runtime_checkable

from riskplatform.market.content import FloatArray


class Forecast(NamedTuple):
    """VaR and ES of the next day as positive losses; ``cdf`` gives the chance of a P&L at or below
    a number, from which the PIT is taken once the day has happened."""

    value_at_risk: float
    expected_shortfall: float
    cdf: Callable[[float], float] | None = None


class Forecasts(NamedTuple):
    """The same for a row of days; ``pits`` is None where a model has no distribution."""

    value_at_risk: FloatArray
    expected_shortfall: FloatArray
    pits: FloatArray | None


class RiskModel(Protocol):
    """Anything that answers for tomorrow from the P&L so far.

    ``history`` is read-only, oldest day first, from the first day of all to the last one known.
    """

    @property
    def name(self) -> str: ...

    @property
    def least_days(self) -> int:
        """How much history it needs."""
        ...

    def __call__(self, history: FloatArray, confidence: float) -> Forecast: ...


@runtime_checkable
class RollingModel(RiskModel, Protocol):
    """A model that also answers for all days from ``first`` on in one go.

    It is given the whole history and must not look ahead; tests poison the future to see that.
    """

    def rolling(self, pnl: FloatArray, first: int, confidence: float) -> Forecasts: ...
