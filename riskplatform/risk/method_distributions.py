"""Methods that fit a distribution to a vector of P&L: they reach beyond its worst loss."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.risk.closed_forms import normal_tail
from riskplatform.risk.cornish_fisher import (
    cornish_fisher_mean_beyond,
    cornish_fisher_quantile,
    validity,
)
from riskplatform.risk.extreme import TailModel, fit_tail
from riskplatform.risk.figures import Detail, RiskFigures
from riskplatform.risk.intervals import TailIntervals
from riskplatform.risk.measures import mean_pnl, volatility
from riskplatform.risk.moments import Moments, moment_interval, moments_of
from riskplatform.risk.profile import profile_intervals
from riskplatform.risk.quantiles import Tail
from riskplatform.risk.sample import Question, Sample
from riskplatform.risk.student_fit import fit_student, student_intervals

LEAST_SCENARIOS = 30


def normal(sample: Sample, question: Question) -> RiskFigures | Failure:
    """Mean and volatility of the P&L, and the normal's tail."""
    bad = _unfit(sample, "normal")
    if bad is not None:
        return bad
    mean = float(mean_pnl(sample.pnl, sample.weights))
    deviation = float(volatility(sample.pnl, sample.weights))
    confidence = question.confidence
    found = normal_tail(deviation, confidence, mean)

    def var_of(m: Moments) -> float:
        return float(normal_tail(m.volatility, confidence, m.mean).var)

    def es_of(m: Moments) -> float:
        return float(normal_tail(m.volatility, confidence, m.mean).es)

    intervals = TailIntervals(
        moment_interval(sample.pnl, sample.shares, var_of, question.level),
        moment_interval(sample.pnl, sample.shares, es_of, question.level),
    )
    return _figures("normal", "closed form", sample, question, found, intervals)


def cornish_fisher(sample: Sample, question: Question) -> RiskFigures | Failure:
    """Mean, volatility, skew and kurtosis by the expansion; refused where it falls in the tail."""
    bad = _unfit(sample, "cornish_fisher")
    if bad is not None:
        return bad
    loss = moments_of(sample.pnl, sample.shares).of_loss()
    confidence = question.confidence
    checked = validity(loss, confidence)
    if not checked.rises_beyond_quantile:
        return Failure(FailureReason.CALCULATION_FAILED, checked.message, "cornish_fisher")
    var = cornish_fisher_quantile(loss, confidence)
    es = cornish_fisher_mean_beyond(loss, confidence)
    shares, level = sample.shares, question.level
    intervals = TailIntervals(
        moment_interval(-sample.pnl, shares,
                        lambda m: cornish_fisher_quantile(m, confidence), level),
        moment_interval(-sample.pnl, shares,
                        lambda m: cornish_fisher_mean_beyond(m, confidence), level),
    )  # fmt: skip
    notes = () if checked.is_valid else (checked.message,)
    details = {"skew": -loss.skew, "excess_kurtosis": loss.excess_kurtosis,
               "is_valid": checked.is_valid}  # fmt: skip
    found = Tail(np.asarray(var), np.asarray(es))
    return _figures("cornish_fisher", "expansion to the fourth moment", sample, question, found,
                    intervals, notes, details)  # fmt: skip


def student_t(sample: Sample, question: Question) -> RiskFigures | Failure:
    """A Student t by maximum likelihood: location, scale and degrees of freedom."""
    bad = _unfit(sample, "student_t")
    if bad is not None:
        return bad
    fit = fit_student(sample.pnl, sample.shares)
    intervals = student_intervals(
        fit, sample.pnl, sample.shares, question.confidence, question.level
    )
    details: dict[str, Detail] = {
        "degrees": fit.degrees,
        "location": fit.location,
        "scale": fit.scale,
    }
    notes = ("The degrees of freedom are at the bound of their range.",) if fit.at_bound else ()
    if math.isinf(fit.volatility):
        notes = (*notes, "The fitted t has no volatility; the one shown is of the P&L.")
    found = fit.tail(question.confidence)
    return _figures("student_t", "closed form", sample, question, found, intervals, notes, details)


def evt(sample: Sample, question: Question) -> RiskFigures | Failure:
    """A Pareto tail beyond the default threshold, by maximum likelihood."""
    return _evt(sample, question, "evt", "ml")


def evt_pwm(sample: Sample, question: Question) -> RiskFigures | Failure:
    """The same tail by probability-weighted moments."""
    return _evt(sample, question, "evt_pwm", "pwm")


def _evt(sample: Sample, question: Question, name: str, fit: str) -> RiskFigures | Failure:
    bad = _unfit(sample, name)
    if bad is not None:
        return bad
    if sample.weights is not None:
        message = "A Pareto tail is fitted to losses that count the same; these have weights"
        return Failure(FailureReason.NOT_SUPPORTED, message, name)
    model = fit_tail(sample.pnl, fit=fit)
    if isinstance(model, Failure):
        return model
    if not model.covers(question.confidence):
        message = (
            f"The tail begins with {model.share_beyond:.3g} of the losses; {question.confidence:g} "
            "is inside, where the losses speak for themselves"
        )
        return Failure(FailureReason.NOT_SUPPORTED, message, name)
    by_profile = fit == "ml" and model.pareto.shape > -0.5
    ends = profile_intervals if by_profile else TailModel.delta_intervals
    intervals = ends(model, question.confidence, question.level)
    details = {key: value for key, value in model.to_dict().items() if key != "fit"}
    return _figures(name, f"Pareto tail beyond {model.threshold:,.6g}", sample, question,
                    model.tail(question.confidence), intervals, (), details)  # fmt: skip


def _figures(
    method: str,
    rule: str,
    sample: Sample,
    question: Question,
    found: Tail,
    intervals: TailIntervals,
    notes: tuple[str, ...] = (),
    details: Mapping[str, Detail] | None = None,
) -> RiskFigures:
    return RiskFigures(
        method=method,
        rule=rule,
        confidence=question.confidence,
        horizon_days=sample.horizon_days,
        var=float(found.var),
        es=float(found.es),
        volatility=float(volatility(sample.pnl, sample.weights)),
        mean=float(mean_pnl(sample.pnl, sample.weights)),
        scenarios=sample.pnl.size,
        effective_sample_size=sample.effective_size,
        var_interval=intervals.var,
        es_interval=intervals.es,
        notes=notes,
        details=details or {},
    )


def _unfit(sample: Sample, name: str) -> Failure | None:
    if sample.effective_size < LEAST_SCENARIOS - 1e-9:
        message = (
            f"{sample.effective_size:.4g} effective scenarios are too few to fit a distribution "
            f"to; {LEAST_SCENARIOS} are needed"
        )
        return Failure(FailureReason.MISSING_DATA, message, name)
    counted = sample.pnl if sample.weights is None else sample.pnl[sample.weights > 0.0]
    if counted.max() == counted.min():
        message = "The P&L is the same in all scenarios; it has no distribution to fit"
        return Failure(FailureReason.INVALID_DATA, message, name)
    return None
