"""Methods that read VaR and ES off a vector of P&L as it is: a history, or drawn scenarios."""

from __future__ import annotations

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.risk.figures import RiskFigures
from riskplatform.risk.sample import Question, Sample, figures_of

_OF_DRAWS = "of the draws alone, not of the model that they are drawn from"


def historical(sample: Sample, question: Question) -> RiskFigures | Failure:
    """Each past move once, or by its weight."""
    return _as_it_is("historical", sample, question, "")


def monte_carlo(sample: Sample, question: Question) -> RiskFigures | Failure:
    """Full revaluation in drawn scenarios, by their weights."""
    if sample.is_history:
        message = "Monte Carlo reads drawn scenarios; this is a history of days"
        return Failure(FailureReason.NOT_SUPPORTED, message, "monte_carlo")
    return _as_it_is("monte_carlo", sample, question, _OF_DRAWS)


def _as_it_is(name: str, sample: Sample, question: Question, note: str) -> RiskFigures | Failure:
    return figures_of(
        name,
        sample.pnl,
        sample.weights,
        question,
        horizon_days=sample.horizon_days,
        interval_note=note,
    )
