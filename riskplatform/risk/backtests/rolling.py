"""The out-of-sample run of many models over one history of P&L, with no look-ahead.

A model that answers day by day is handed a read-only view of the past, in a buffer that holds
nothing yet of the day itself or of later ones: there is no future to look at. A model that answers
for all days at once is trusted, and tests poison the future to see that nothing before it moves;
``day_by_day`` runs such a model the first way too.

P&L over several days is one number a day too, of windows that overlap. A model then learns from
windows of that length, and only from those that have ended when the window in question begins; see
``multi_day`` for those that follow volatility.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskplatform.domain.outcome import Coverage, Failure, FailureReason
from riskplatform.domain.provenance import Provenance
from riskplatform.errors import (
    MissingDataError,
    RiskPlatformError,
    UnknownNameError,
    UserInputError,
)
from riskplatform.market.content import FloatArray, content_hash
from riskplatform.pricing.threads import spread
from riskplatform.risk.backtests.forecasts import Forecast, Forecasts, RiskModel, RollingModel
from riskplatform.risk.backtests.inputs import BoolArray, tail_of
from riskplatform.risk.backtests.multi_day import Windows, windows_of

MODEL_ID = "rolling-var-backtest"


@dataclass(frozen=True, slots=True, eq=False)
class ModelRun:
    """One model's forecasts for the days of the backtest, and which of them were exceeded."""

    name: str
    value_at_risk: FloatArray
    expected_shortfall: FloatArray
    pits: FloatArray | None
    exceptions: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class RollingBacktest:
    """P&L of the days that were forecast, and each model's forecasts for them.

    A model that failed is in ``coverage`` with its reason, and not in ``runs``. With a horizon
    above one day each P&L is that of a window which ends on its date, and windows overlap.
    """

    dates: tuple[date, ...]
    pnl: FloatArray
    confidence: float
    runs: tuple[ModelRun, ...]
    provenance: Provenance
    horizon_days: int = 1
    _places: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        places = {run.name: place for place, run in enumerate(self.runs)}
        object.__setattr__(self, "_places", places)

    @property
    def coverage(self) -> Coverage:
        return self.provenance.coverage

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._places)

    def run(self, name: str) -> ModelRun:
        if name not in self._places:
            raise UnknownNameError("model in this backtest", name, self._places)
        return self.runs[self._places[name]]

    def to_frame(self) -> pd.DataFrame:
        """Long: date, model, pnl, value_at_risk, expected_shortfall, pit, is_exception."""
        parts = [
            pd.DataFrame(
                {
                    "date": list(self.dates),
                    "model": run.name,
                    "pnl": self.pnl,
                    "value_at_risk": run.value_at_risk,
                    "expected_shortfall": run.expected_shortfall,
                    "pit": np.nan if run.pits is None else run.pits,
                    "is_exception": run.exceptions,
                }
            )
            for run in self.runs
        ]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()

    def to_dict(self) -> dict[str, Any]:
        return {
            "provenance": self.provenance.to_dict(),
            "confidence": self.confidence,
            "horizon_days": self.horizon_days,
            "first_day": self.dates[0].isoformat(),
            "last_day": self.dates[-1].isoformat(),
            "days": len(self.dates),
            "exceptions": {run.name: int(run.exceptions.sum()) for run in self.runs},
        }

    def _repr_html_(self) -> str:
        counts = pd.Series({run.name: int(run.exceptions.sum()) for run in self.runs})
        expected = len(self.dates) * tail_of(self.confidence)
        caption = f"<p>{len(self.dates):,} days, {expected:.1f} exceptions expected</p>"
        return caption + str(counts.to_frame("exceptions").to_html())


def rolling_backtest(
    pnl: ArrayLike,
    dates: Sequence[date],
    models: Sequence[RiskModel],
    *,
    confidence: float = 0.99,
    first: int | None = None,
    horizon_days: int = 1,
    daily: ArrayLike | None = None,
    base_currency: str = "USD",
    day_by_day: bool = False,
    threads: int | None = None,
) -> RollingBacktest:
    """Run ``models`` over ``pnl``, oldest day first; ``dates`` are its days.

    The backtest starts on day ``first`` of the history, by default when every model has the days
    that it needs, so that all are judged on the same days. With ``horizon_days`` above 1 each
    P&L is that of the window of so many days which ends on its date; ``daily`` is that of the
    single days, from the first of the first window on.
    """
    seen = windows_of(pnl, horizon_days, daily)
    history = seen.pnl
    tail_of(confidence)
    start = _first(history, dates, models, first, seen.hidden)
    found: list[Forecasts | Failure | None] = [None] * len(models)

    def work(place: int) -> None:
        found[place] = _forecasts(models[place], seen, start, confidence, day_by_day)

    spread(work, range(len(models)), threads)
    failures = tuple(one for one in found if isinstance(one, Failure))
    actual = history[start:]
    runs = tuple(
        ModelRun(model.name, *one, -actual > one.value_at_risk)
        for model, one in zip(models, found, strict=True)
        if isinstance(one, Forecasts)
    )
    days = tuple(_day(day) for day in dates[start:])
    provenance = Provenance(
        as_of=days[-1],
        base_currency=base_currency,
        model_id=MODEL_ID,
        inputs={
            "pnl": content_hash(history),
            "models": "; ".join(repr(model) for model in models),
            "confidence": f"{confidence:g}",
            "horizon days": str(horizon_days),
            "by square root of time": "; ".join(
                model.name for model in models if seen.by_square_root(model)
            ),
            "first day": days[0].isoformat(),
        },
        coverage=Coverage(len(runs), failures),
    )
    return RollingBacktest(days, actual, confidence, runs, provenance, horizon_days)


def answers_day_by_day(
    model: RiskModel, pnl: FloatArray, first: int, confidence: float
) -> Forecasts:
    """Ask ``model`` on every day from ``first`` on, showing it what was known then."""
    buffer = np.full(len(pnl), np.nan)
    buffer[:first] = pnl[:first]
    shown = buffer.view()
    shown.flags.writeable = False
    rows = np.empty((len(pnl) - first, 3))
    for day in range(first, len(pnl)):
        forecast: Forecast = model(shown[:day], confidence)
        place = np.nan if forecast.cdf is None else forecast.cdf(float(pnl[day]))
        rows[day - first] = forecast.value_at_risk, forecast.expected_shortfall, place
        # Only now does the day itself happen.
        buffer[day] = pnl[day]
    limit, mean, pits = (np.ascontiguousarray(column) for column in rows.T)
    return Forecasts(limit, mean, None if np.isnan(pits).any() else pits)


def _forecasts(
    model: RiskModel, seen: Windows, first: int, confidence: float, day_by_day: bool
) -> Forecasts | Failure:
    known = seen.known_to(model)
    begin = first - known.hidden
    try:
        if isinstance(model, RollingModel) and not day_by_day:
            found = model.rolling(known.row, begin, confidence)
        else:
            found = answers_day_by_day(model, known.row, begin, confidence)
    except RiskPlatformError as error:
        return Failure(FailureReason.CALCULATION_FAILED, str(error), model.name)
    except (ArithmeticError, ValueError, TypeError, IndexError) as error:
        return Failure(FailureReason.CALCULATION_FAILED, f"the model stopped: {error}", model.name)
    for what, values in (("VaR", found.value_at_risk), ("ES", found.expected_shortfall)):
        bad = np.flatnonzero(~np.isfinite(values))
        if bad.size:
            message = f"its {what} is no number on {bad.size:,} days, the first being day {bad[0]}"
            return Failure(FailureReason.CALCULATION_FAILED, message, model.name)
    if seen.horizon_days == 1:
        return found
    # The PITs are those of other days, and tests on them need days that do not overlap.
    limit, mean = known.scale * found.value_at_risk, known.scale * found.expected_shortfall
    return Forecasts(limit, mean, None)


def _first(
    pnl: FloatArray,
    dates: Sequence[date],
    models: Sequence[RiskModel],
    first: int | None,
    hidden: int,
) -> int:
    if pnl.ndim != 1:
        raise UserInputError(f"The P&L is one number per day; found shape {pnl.shape}.")
    if len(dates) != len(pnl):
        raise UserInputError(f"{len(dates):,} dates do not fit {len(pnl):,} days of P&L.")
    if not models:
        raise UserInputError("There is no model to backtest.")
    names = [model.name for model in models]
    if len(set(names)) != len(names):
        raise UserInputError(f"Two models have the same name; found {names}.")
    need = max(model.least_days for model in models) + hidden
    start = need if first is None else first
    if start < need:
        raise UserInputError(f"The models need {need} days before the first; found {start}.")
    if start >= len(pnl):
        raise MissingDataError(
            f"The models need {start:,} days of P&L before the first forecast; the history has "
            f"{len(pnl):,} days.",
            hint="Give a longer history, or models with a shorter window.",
        )
    return start


def _day(day: date) -> date:
    """A plain date of a date, a timestamp or a datetime64."""
    if type(day) is date:
        return day
    return pd.Timestamp(day).date()
