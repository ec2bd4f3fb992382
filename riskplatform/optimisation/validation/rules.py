"""A rule of allocation as it is validated, and what it decides on what is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import DataError, UserInputError
from riskplatform.factors.covariance.result import CovarianceEstimator
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.expected_returns.contract import ExpectedReturnEstimator
from riskplatform.optimisation.inputs import inputs_from_returns
from riskplatform.optimisation.portfolio import Allocator, FailedPortfolio
from riskplatform.optimisation.validation.baselines import EqualWeight, SixtyForty

EQUAL, SIXTY_FORTY = "1/N", "60/40"


@dataclass(frozen=True)
class Rule:
    """A method under a name, with the estimators that make its inputs from returns.

    ``benchmark`` are weights that do not change, of methods that need them.
    """

    name: str
    method: Allocator
    expected: ExpectedReturnEstimator | None = None
    covariance: CovarianceEstimator | None = None
    benchmark: Mapping[str, float] | None = None


class Decision(NamedTuple):
    """Weights on the axis of the history, None where there are none, and why."""

    weights: FloatArray | None
    failures: tuple[Failure, ...]


def decided(
    rule: Rule,
    known: FloatArray,
    asset_ids: Sequence[str],
    when: str,
    current: FloatArray | None = None,
) -> Decision:
    """What a rule holds when it knows these returns [day, asset] and nothing else.

    An asset without a whole history gets no weight; that is not a failure of the rule.
    """
    held = None if current is None else dict(zip(asset_ids, current.tolist(), strict=True))
    try:
        inputs = inputs_from_returns(
            known,
            asset_ids,
            estimator=rule.covariance,
            current=held,
            benchmark=rule.benchmark,
        )
        if rule.expected is not None:
            inputs = rule.expected.fit(inputs).into(inputs)
        found = rule.method.fit(inputs)
    except DataError as error:
        failure = Failure(FailureReason.MISSING_DATA, error.message, f"{rule.name} {when}")
        return Decision(None, (failure,))
    if isinstance(found, FailedPortfolio):
        told = Failure(found.failure.reason, found.failure.message, f"{rule.name} {when}")
        return Decision(None, (told,))
    weights = dict(zip(found.asset_ids, found.weights.tolist(), strict=True))
    return Decision(np.array([weights.get(name, 0.0) for name in asset_ids]), ())


def with_baselines(
    rules: Sequence[Rule], sixty_forty: SixtyForty | None
) -> tuple[tuple[Rule, ...], tuple[Failure, ...]]:
    """The rules, then 1/N, then 60/40 where it is known what is an equity and what a bond."""
    if not rules:
        raise UserInputError("There is no rule to validate.", hint="Give at least one.")
    names = [each.name for each in rules]
    for name in names:
        if names.count(name) > 1 or name in (EQUAL, SIXTY_FORTY) or not name:
            raise UserInputError(
                f"A rule is named {name!r}.",
                hint=f"Give each a name of its own; {EQUAL} and {SIXTY_FORTY} are always there.",
            )
    out = [*rules, Rule(EQUAL, EqualWeight())]
    if sixty_forty is not None:
        return (*out, Rule(SIXTY_FORTY, sixty_forty)), ()
    message = "60/40 is not beside the rules: nothing says which assets are equities and bonds."
    return tuple(out), (Failure(FailureReason.MISSING_DATA, message, SIXTY_FORTY),)
