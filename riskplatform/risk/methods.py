"""All methods by name, so that they stand side by side for one P&L vector or history.

A method takes a :class:`Sample` and a :class:`Question` and returns :class:`RiskFigures` or, where
it has no answer, a :class:`Failure` with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from numpy.typing import ArrayLike

from riskplatform.domain.outcome import Coverage, Failure, FailureReason
from riskplatform.errors import DataError, UnknownNameError
from riskplatform.risk import method_distributions as distributions
from riskplatform.risk import method_histories as histories
from riskplatform.risk import method_vectors as vectors
from riskplatform.risk.figures import RiskFigures
from riskplatform.risk.sample import Question, Sample, problem, sample_of

Method = Callable[[Sample, Question], RiskFigures | Failure]

METHODS: dict[str, Method] = {
    "historical": vectors.historical,
    "age_weighted": histories.age_weighted,
    "volatility_scaled": histories.volatility_scaled,
    "filtered_historical": histories.filtered_historical,
    "filtered_historical_ewma": histories.filtered_historical_ewma,
    "normal": distributions.normal,
    "student_t": distributions.student_t,
    "cornish_fisher": distributions.cornish_fisher,
    "evt": distributions.evt,
    "evt_pwm": distributions.evt_pwm,
    "monte_carlo": vectors.monte_carlo,
}
OF_HISTORY = tuple(name for name in METHODS if name != "monte_carlo")
OF_SCENARIOS = ("monte_carlo", "normal", "student_t", "cornish_fisher", "evt", "evt_pwm")


def measure(
    method: str, pnl: Sample | ArrayLike, question: Question | None = None, **sample: Any
) -> RiskFigures | Failure:
    """One method's figures at the horizon asked for; what it cannot reach is scaled and says so.

    ``sample`` are the fields of :class:`Sample` where ``pnl`` is a bare vector.
    """
    if method not in METHODS:
        raise UnknownNameError("risk method", method, METHODS)
    given, asked = sample_of(pnl, **sample), question or Question()
    bad = problem(given)
    if bad is not None:
        return replace(bad, subject=method)
    try:
        found = METHODS[method](given, asked)
    except (DataError, ArithmeticError) as error:
        return Failure(FailureReason.CALCULATION_FAILED, str(error), method)
    if isinstance(found, Failure):
        return replace(found, subject=method)
    return found.scaled_to(asked.horizon_days)


@dataclass(frozen=True)
class SideBySide:
    """The same question answered by several methods; those without an answer say why."""

    figures: tuple[RiskFigures, ...]
    failures: tuple[Failure, ...]
    question: Question

    @property
    def coverage(self) -> Coverage:
        return Coverage(len(self.figures), self.failures)

    def __getitem__(self, method: str) -> RiskFigures:
        for found in self.figures:
            if found.method == method:
                return found
        raise UnknownNameError(
            "answer by the method", method, [each.method for each in self.figures]
        )

    def to_frame(self) -> pd.DataFrame:
        """One row per method; a failed one has its reason in ``notes`` and no figures."""
        rows = [figures.to_row() for figures in self.figures]
        rows += [{"method": each.subject, "notes": each.message} for each in self.failures]
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, Any]:
        return {
            "figures": [figures.to_dict() for figures in self.figures],
            "failures": [failure.to_dict() for failure in self.failures],
        }

    def _repr_html_(self) -> str:
        shown = ["method", "var", "var_low", "var_high", "es", "es_low", "es_high", "notes"]
        return str(self.to_frame().reindex(columns=shown).to_html(index=False))


def side_by_side(
    pnl: Sample | ArrayLike,
    question: Question | None = None,
    methods: Iterable[str] | None = None,
    **sample: Any,
) -> SideBySide:
    """Every method that suits the sample, or those named."""
    given, asked = sample_of(pnl, **sample), question or Question()
    names = methods if methods is not None else OF_HISTORY if given.is_history else OF_SCENARIOS
    found = [measure(name, given, asked) for name in names]
    return SideBySide(
        tuple(each for each in found if isinstance(each, RiskFigures)),
        tuple(each for each in found if isinstance(each, Failure)),
        asked,
    )
