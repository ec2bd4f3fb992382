"""The usual models of VaR and ES on a row of P&L, each a frozen recipe with compiled loops.

A model called with a history and the same model run over many days at once go through the same
loop, so that they agree to the last bit.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from riskplatform.errors import MissingDataError, UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.risk.backtests.forecasts import Forecast, Forecasts, RollingModel
from riskplatform.risk.backtests.gjr_kernels import roll_gjr
from riskplatform.risk.backtests.historical_kernels import roll_scaled, roll_weighted
from riskplatform.risk.backtests.inputs import tail_of
from riskplatform.risk.backtests.parametric_kernels import roll_ewma, roll_moments, roll_student
from riskplatform.risk.backtests.pareto_kernels import roll_pareto
from riskplatform.risk.backtests.shapes import Normal

WINDOW_DAYS = 500
_LEAST_WINDOW = 50


@dataclass(frozen=True, kw_only=True)
class WindowModel:
    """What the models share: a name, and the days they look back.

    ``follows_volatility``: whether the order of days matters, beyond how long ago they were.
    """

    follows_volatility: ClassVar[bool] = False

    name: str = ""
    window_days: int = WINDOW_DAYS

    def __post_init__(self) -> None:
        if self.window_days < _LEAST_WINDOW:
            raise UserInputError(
                f"{self.name}: a window is {_LEAST_WINDOW} days or more; found {self.window_days}."
            )

    @property
    def least_days(self) -> int:
        return self.window_days

    @abstractmethod
    def rolling(self, pnl: FloatArray, first: int, confidence: float) -> Forecasts:
        """Forecasts for every day from ``first`` on."""

    def __call__(self, history: FloatArray, confidence: float) -> Forecast:
        days = len(history)
        if days < self.window_days:
            raise MissingDataError(
                f"{self.name} needs {self.window_days} days of P&L; found {days}."
            )

        def with_day(value: float) -> Forecasts:
            return self.rolling(np.append(history, value), days, confidence)

        def cdf(value: float) -> float:
            pits = with_day(value).pits
            return float("nan") if pits is None else float(pits[0])

        found = with_day(np.nan)
        return Forecast(float(found.value_at_risk[0]), float(found.expected_shortfall[0]), cdf)


@dataclass(frozen=True, kw_only=True)
class Historical(WindowModel):
    """Every day of the window counts the same."""

    name: str = "historical"

    def rolling(self, pnl: FloatArray, first: int, confidence: float) -> Forecasts:
        out = _rows(pnl, first)
        roll_weighted(pnl, first, self.window_days, 1.0, tail_of(confidence), out)
        return _split(out)


@dataclass(frozen=True, kw_only=True)
class AgeWeighted(WindowModel):
    """Each day counts ``decay`` times the next newer one (Boudoukh, Richardson, Whitelaw 1998)."""

    name: str = "age-weighted"
    decay: float = 0.98

    def rolling(self, pnl: FloatArray, first: int, confidence: float) -> Forecasts:
        out = _rows(pnl, first)
        roll_weighted(pnl, first, self.window_days, self.decay, tail_of(confidence), out)
        return _split(out)


@dataclass(frozen=True, kw_only=True)
class VolatilityScaled(WindowModel):
    """Each day at today's EWMA volatility over its own (Hull and White, 1998)."""

    follows_volatility: ClassVar[bool] = True
    name: str = "volatility-scaled"
    decay: float = 0.94
    warm_up_days: int = 20

    def rolling(self, pnl: FloatArray, first: int, confidence: float) -> Forecasts:
        return _scaled(self, pnl, first, confidence, recentred=False)


@dataclass(frozen=True, kw_only=True)
class FilteredEwma(WindowModel):
    """Filtered historical simulation with EWMA volatility.

    Over one day it is the volatility-scaled model with residuals brought to mean 0 and variance 1.
    """

    follows_volatility: ClassVar[bool] = True
    name: str = "filtered, EWMA"
    decay: float = 0.94
    warm_up_days: int = 20

    def rolling(self, pnl: FloatArray, first: int, confidence: float) -> Forecasts:
        return _scaled(self, pnl, first, confidence, recentred=True)


@dataclass(frozen=True, kw_only=True)
class FilteredGjr(WindowModel):
    """Filtered historical simulation with GJR-GARCH volatility.

    Parameters are refitted every ``refit_every`` days on up to ``fit_days`` days; the volatility
    itself is followed daily.
    """

    follows_volatility: ClassVar[bool] = True
    name: str = "filtered, GJR"
    fit_days: int = 1_000
    refit_every: int = 21

    def rolling(self, pnl: FloatArray, first: int, confidence: float) -> Forecasts:
        out, tail = _rows(pnl, first), tail_of(confidence)
        roll_gjr(pnl, first, self.window_days, self.fit_days, self.refit_every, tail, out)
        return _split(out)


@dataclass(frozen=True, kw_only=True)
class NormalModel(WindowModel):
    """Normal with mean and standard deviation of the window."""

    name: str = "normal"

    def rolling(self, pnl: FloatArray, first: int, confidence: float) -> Forecasts:
        moments = np.empty((len(pnl) - first, 2))
        roll_moments(pnl, first, self.window_days, moments)
        return _normal(pnl, first, moments, confidence)


@dataclass(frozen=True, kw_only=True)
class EwmaNormal(WindowModel):
    """Normal with mean zero and EWMA volatility (RiskMetrics, 1996)."""

    follows_volatility: ClassVar[bool] = True
    name: str = "EWMA normal"
    decay: float = 0.94
    warm_up_days: int = 20

    def rolling(self, pnl: FloatArray, first: int, confidence: float) -> Forecasts:
        moments = np.empty((len(pnl) - first, 2))
        roll_ewma(pnl, first, self.window_days, self.decay, self.warm_up_days, moments)
        return _normal(pnl, first, moments, confidence)


@dataclass(frozen=True, kw_only=True)
class StudentModel(WindowModel):
    """Student t by maximum likelihood on the window, 2.1 to 100 degrees of freedom."""

    name: str = "Student t"

    def rolling(self, pnl: FloatArray, first: int, confidence: float) -> Forecasts:
        from riskplatform.risk.backtests.student import student_forecasts

        fitted = np.empty((len(pnl) - first, 3))
        roll_student(pnl, first, self.window_days, fitted)
        return student_forecasts(pnl[first:], fitted, tail_of(confidence))


@dataclass(frozen=True, kw_only=True)
class ExtremeValue(WindowModel):
    """A generalised Pareto tail on the worst ``tail_share`` of the window (McNeil, 1999)."""

    name: str = "EVT"
    tail_share: float = 0.10

    def __post_init__(self) -> None:
        super().__post_init__()
        if self._beyond < 10:
            raise UserInputError(
                f"{self.name}: a tail needs 10 days; {self.tail_share:.0%} of "
                f"{self.window_days} days are {self._beyond}.",
                hint="Take a longer window or a larger tail share.",
            )

    @property
    def _beyond(self) -> int:
        return round(self.window_days * self.tail_share)

    def rolling(self, pnl: FloatArray, first: int, confidence: float) -> Forecasts:
        tail = tail_of(confidence)
        if tail >= self._beyond / self.window_days:
            raise UserInputError(
                f"{self.name}: a confidence of {confidence:g} is not beyond the threshold, the "
                f"worst {self.tail_share:.0%}."
            )
        out = _rows(pnl, first)
        roll_pareto(pnl, first, self.window_days, self._beyond, tail, out)
        return _split(out)


def usual_models(window_days: int = WINDOW_DAYS) -> tuple[RollingModel, ...]:
    """One of each kind; filtered historical with EWMA and with GJR, which makes nine."""
    kinds = (Historical, AgeWeighted, VolatilityScaled, FilteredEwma, FilteredGjr, NormalModel,
             EwmaNormal, StudentModel, ExtremeValue)  # fmt: skip
    return tuple(kind(window_days=window_days) for kind in kinds)


def _rows(pnl: FloatArray, first: int) -> FloatArray:
    return np.empty((len(pnl) - first, 3))


def _split(out: FloatArray) -> Forecasts:
    return Forecasts(*(np.ascontiguousarray(column) for column in out.T))


def _scaled(
    model: VolatilityScaled | FilteredEwma, pnl: FloatArray, first: int, confidence: float,
    *, recentred: bool,
) -> Forecasts:  # fmt: skip
    out, tail = _rows(pnl, first), tail_of(confidence)
    numbers = (model.window_days, model.decay, model.warm_up_days, tail)
    roll_scaled(pnl, first, *numbers, recentred, out)
    return _split(out)


def _normal(pnl: FloatArray, first: int, moments: FloatArray, confidence: float) -> Forecasts:
    shape, tail = Normal(), tail_of(confidence)
    mean, deviation = moments.T
    gap = pnl[first:] - mean
    still = np.where(np.isnan(gap), np.nan, 0.5 * (1.0 + np.sign(gap)))
    z = np.divide(gap, deviation, out=np.zeros_like(gap), where=deviation > 0.0)
    return Forecasts(
        value_at_risk=-(mean + deviation * float(shape.quantile(tail))),
        expected_shortfall=-(mean + deviation * float(shape.tail_mean(tail))),
        pits=np.where(deviation > 0.0, shape.cdf(z), still),
    )
