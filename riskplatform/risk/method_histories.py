"""Methods that need the order of days: they weigh or scale the past by how near it is to today."""

from __future__ import annotations

import math

import numpy as np

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import EnvironmentSetupError
from riskplatform.factors.garch.fit import GarchFit, GarchSpec, fit_garch
from riskplatform.factors.garch.model import GarchParameters
from riskplatform.market.content import FloatArray
from riskplatform.risk.figures import Detail, RiskFigures
from riskplatform.risk.sample import Question, Sample, figures_of
from riskplatform.simulation.volatility_scaled import ewma_volatility

WARM_UP_DAYS = 20
_FILTER_NOTE = "of the scenarios; the error of the filter is not in it"


def age_weighted(sample: Sample, question: Question) -> RiskFigures | Failure:
    """Yesterday counts most, each day before it by a factor less (Boudoukh and others, 1998)."""
    if not sample.is_history:
        return _unordered("age_weighted")
    ages = np.arange(sample.pnl.size)[::-1]
    weights = sample.shares * question.age_decay**ages
    return figures_of(
        "age_weighted",
        sample.pnl,
        weights / weights.sum(),
        question,
        horizon_days=sample.horizon_days,
        details={"decay": question.age_decay},
    )


def volatility_scaled(sample: Sample, question: Question) -> RiskFigures | Failure:
    """Each P&L times today's volatility over that of its day (Hull and White, 1998), by EWMA."""
    if not sample.is_history:
        return _unordered("volatility_scaled")
    if sample.pnl.size <= WARM_UP_DAYS + 1:
        return _short(sample, "volatility_scaled")
    forecast = ewma_volatility(sample.pnl[:, None], question.decay, WARM_UP_DAYS)[:, 0]
    then = forecast[WARM_UP_DAYS:-1]
    ratio = np.divide(forecast[-1], then, out=np.ones_like(then), where=then > 0.0)
    return figures_of(
        "volatility_scaled",
        sample.pnl[WARM_UP_DAYS:] * ratio,
        _later_weights(sample),
        question,
        horizon_days=sample.horizon_days,
        notes=(f"The first {WARM_UP_DAYS} days start the volatility and are no scenarios.",),
        details={"decay": question.decay, "volatility_today": float(forecast[-1])},
        interval_note=_FILTER_NOTE,
    )


def filtered_historical(sample: Sample, question: Question) -> RiskFigures | Failure:
    """Residuals of a GJR-GARCH with t shocks, at tomorrow's volatility (Barone-Adesi, 1999).

    For several days paths are drawn from the residuals, the volatility following each path.
    """
    return _filtered(sample, question, "filtered_historical", garch=True)


def filtered_historical_ewma(sample: Sample, question: Question) -> RiskFigures | Failure:
    """The same with exponential weights in the place of GARCH; no fit, so it works on little."""
    return _filtered(sample, question, "filtered_historical_ewma", garch=False)


def _filtered(
    sample: Sample, question: Question, name: str, *, garch: bool
) -> RiskFigures | Failure:
    if not sample.is_history:
        return _unordered(name)
    if sample.pnl.size <= WARM_UP_DAYS + 1:
        return _short(sample, name)
    model = _garch(sample.pnl) if garch else _ewma(sample.pnl, question.decay)
    if isinstance(model, Failure):
        return model
    parameters, details = model
    path = parameters.filter(sample.pnl)
    residuals = path.standardised()[WARM_UP_DAYS:, 0]
    tomorrow = float(path.next_variance[0])
    mean = float(parameters.mean[0])
    details = {**details, "volatility_today": math.sqrt(tomorrow)}
    days = question.horizon_days / sample.horizon_days
    whole = days > 1.0 and abs(days - round(days)) < 1e-9
    notes: tuple[str, ...] = (
        f"The first {WARM_UP_DAYS} days start the filter and are no scenarios.",
    )
    weights = _later_weights(sample)
    if whole and question.seed is not None:
        rng = np.random.default_rng(question.seed)
        pnl = simulated(parameters, residuals, weights, tomorrow, round(days), question.paths, rng)
        notes = (*notes, f"{question.paths:,} paths of {round(days)} days were drawn.")
        return figures_of(
            name, pnl, None, question, horizon_days=question.horizon_days, notes=notes,
            details=details, interval_note="of the draws; the error of the filter is not in it",
        )  # fmt: skip
    if whole:
        notes = (*notes, "Several days are simulated when a seed is given.")
    return figures_of(
        name, mean + residuals * math.sqrt(tomorrow), weights, question, notes=notes,
        horizon_days=sample.horizon_days, details=details, interval_note=_FILTER_NOTE,
    )  # fmt: skip


def simulated(
    parameters: GarchParameters,
    residuals: FloatArray,
    weights: FloatArray | None,
    variance: float,
    days: int,
    paths: int,
    rng: np.random.Generator,
) -> FloatArray:
    """P&L over ``days`` of ``paths`` paths whose shocks are drawn from the residuals."""
    drawn = rng.choice(residuals, size=(days, paths), p=weights)
    current = np.full(paths, variance)
    total = np.zeros(paths)
    for shock in drawn:
        move = shock * np.sqrt(current)
        total += parameters.mean[0] + move
        current = parameters.step(current, move)
    return total


def _garch(pnl: FloatArray) -> tuple[GarchParameters, dict[str, Detail]] | Failure:
    try:
        fit = fit_garch(pnl, GarchSpec(), name="the P&L")
    except EnvironmentSetupError as error:
        return Failure(FailureReason.NOT_SUPPORTED, str(error), "filtered_historical")
    if isinstance(fit, Failure):
        return fit
    assert isinstance(fit, GarchFit)
    found = fit.parameters
    persistence = float(found.persistence[0])
    details: dict[str, Detail] = {"filter": GarchSpec().label, "persistence": persistence}
    return found, details


def _ewma(pnl: FloatArray, decay: float) -> tuple[GarchParameters, dict[str, Detail]]:
    zero = np.zeros(1)
    found = GarchParameters(
        mean=zero, omega=zero, alpha=np.array([1.0 - decay]), gamma=zero, beta=np.array([decay])
    )
    return found, {"filter": f"EWMA {decay:g}"}


def _later_weights(sample: Sample) -> FloatArray | None:
    """The weights of the days after the warm-up, again summing to 1."""
    if sample.weights is None:
        return None
    later = sample.weights[WARM_UP_DAYS:]
    return np.asarray(later / later.sum())


def _unordered(name: str) -> Failure:
    message = "This method weighs days by their order; drawn scenarios have none: give a history"
    return Failure(FailureReason.NOT_SUPPORTED, message, name)


def _short(sample: Sample, name: str) -> Failure:
    message = f"{sample.pnl.size} days are too few: {WARM_UP_DAYS} start the volatility"
    return Failure(FailureReason.MISSING_DATA, message, name)
