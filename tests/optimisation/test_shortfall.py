"""Programmes on the tail, against linear programmes written here and what their measures say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

from riskplatform.errors import MissingDataError, UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.constraints import Box, Holdings
from riskplatform.optimisation.inputs import Inputs, inputs_from_moments, inputs_from_returns
from riskplatform.optimisation.mean_variance import MeanVariance
from riskplatform.optimisation.portfolio import Allocation, FailedPortfolio, Portfolio
from riskplatform.optimisation.robust import RobustMeanVariance, RobustShortfall
from riskplatform.optimisation.shortfall import (
    MeanDrawdown,
    MeanEntropic,
    MeanShortfall,
    conditional_drawdown,
    entropic_value_at_risk,
)
from riskplatform.risk.quantiles import expected_shortfall
from tests.optimisation.random_markets import names, returns

COUNT, DAYS = 8, 120
TABLE = returns(COUNT, DAYS, 6) + 0.0005
MEANS = dict(zip(names(COUNT), TABLE.mean(axis=0).tolist(), strict=True))
INPUTS = inputs_from_returns(TABLE, names(COUNT), expected=MEANS)
METHODS = [MeanShortfall, MeanDrawdown, MeanEntropic]


def good(found: Allocation) -> Portfolio:
    assert isinstance(found, Portfolio), found
    assert found.certificate is not None
    assert found.certificate.is_good, found.certificate
    return found


def least_shortfall(table: FloatArray, shares: FloatArray, tail: float) -> float:
    """By the dual: the best that can be done against the worst weights of scenarios."""
    days, count = table.shape
    cost = np.append(np.zeros(days), 1.0)
    rows = np.column_stack([table.T, -np.ones(count)])
    # max over q of min over assets of -q'r is where the least v has q'r <= v for all assets.
    found = optimize.linprog(
        cost, A_ub=rows, b_ub=np.zeros(count), A_eq=[np.append(np.ones(days), 0.0)], b_eq=[1.0],
        bounds=[*((0.0, share / tail) for share in shares), (None, None)],
    )  # fmt: skip
    return -float(found.fun)


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99, 0.999])
def test_the_least_shortfall_is_that_of_the_dual_programme(confidence: float) -> None:
    found = good(MeanShortfall(confidence).fit(INPUTS))
    tail = max(1.0 - confidence, 1.0 / DAYS)
    exact = least_shortfall(TABLE, np.full(DAYS, 1.0 / DAYS), tail)
    assert found.objective == pytest.approx(exact, rel=1e-6)
    measured = float(expected_shortfall(TABLE @ found.weights, confidence))
    assert found.objective == pytest.approx(measured, rel=1e-6)


def test_weighted_scenarios() -> None:
    shares = np.linspace(0.0, 2.0, DAYS)
    shares /= shares.sum()
    inputs = inputs_from_returns(TABLE, names(COUNT), shares=shares)
    found = good(MeanShortfall(0.9).fit(inputs))
    assert found.objective == pytest.approx(least_shortfall(TABLE, shares, 0.1), rel=1e-6)


def measured(method: type, weights: FloatArray) -> float:
    gains = TABLE @ weights
    if method is MeanShortfall:
        return float(expected_shortfall(gains, 0.95))
    if method is MeanDrawdown:
        return conditional_drawdown(gains, 0.95)
    return entropic_value_at_risk(gains, 0.95, np.full(DAYS, 1.0 / DAYS))


@pytest.mark.parametrize("method", METHODS)
def test_no_other_weights_have_less_risk(method: type) -> None:
    found = good(method(0.95).fit(INPUTS))
    assert found.certificate is not None
    assert found.objective == pytest.approx(found.certificate.objective, rel=1e-5)
    rng = np.random.default_rng(1)
    for _ in range(300):
        near = np.maximum(found.weights + rng.normal(0.0, 0.02, COUNT), 0.0)
        for other in (rng.dirichlet(np.full(COUNT, 0.5)), near / near.sum()):
            assert measured(method, other) >= float(found.objective or 0) * (1.0 - 1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_targets_and_aversions_meet(method: type) -> None:
    best = max(MEANS.values())
    floor = good(method().fit(INPUTS))
    start = float(INPUTS.views @ floor.weights)
    target = 0.5 * (start + best)
    found = good(method(target_return=target).fit(INPUTS))
    assert INPUTS.views @ found.weights == pytest.approx(target, rel=1e-5)
    # The price of the target is the aversion's inverse at which the same weights are best.
    price = -next(b.shadow_price for b in found.binding if b.constraint.startswith("target return"))
    again = good(method(aversion=1.0 / abs(price)).fit(INPUTS))
    utility = target - measured(method, found.weights) / abs(price)
    assert again.objective == pytest.approx(utility, abs=1e-6)
    impossible = method(target_return=2.0 * best).fit(INPUTS)
    assert isinstance(impossible, FailedPortfolio)
    assert "target return" in impossible.failure.message


def test_drawdowns_by_hand() -> None:
    gains = np.array([0.01, -0.03, 0.01, -0.02, 0.05])
    # Path 1 -2 -1 -3 2 %, peak 1 until the last day: drawdowns 0 3 2 4 0 %.
    assert conditional_drawdown(gains, 0.999) == pytest.approx(0.04)
    assert conditional_drawdown(gains, 0.6) == pytest.approx(0.035)
    with pytest.raises(UserInputError, match="days in their order"):
        MeanDrawdown().fit(inputs_from_returns(TABLE, names(COUNT), is_history=False))


def test_the_entropic_var_of_a_normal_is_known() -> None:
    # Of N(0, σ²) it is σ √(-2 ln(1 - confidence)).
    points = np.linspace(-8.0, 8.0, 4001)
    shares = np.exp(-0.5 * points**2)
    shares /= shares.sum()
    found = entropic_value_at_risk(0.01 * points, 0.95, shares)
    assert found == pytest.approx(0.01 * np.sqrt(-2.0 * np.log(0.05)), rel=1e-5)


def test_the_worst_case_of_means_costs_what_it_should() -> None:
    plain = good(MeanVariance(5.0).fit(INPUTS))
    near = good(RobustMeanVariance(5.0, 0.0).fit(INPUTS))
    assert near.objective == pytest.approx(plain.objective, abs=1e-9)
    careful = good(RobustMeanVariance(5.0, 2.0).fit(INPUTS))

    def worst(weights: FloatArray) -> float:
        """By the means that hurt most: against the gradient of the standard error."""
        omega = INPUTS.sigma / DAYS
        hurt = INPUTS.views - 2.0 * omega @ weights / np.sqrt(weights @ omega @ weights)
        return float(hurt @ weights - 2.5 * weights @ INPUTS.sigma @ weights)

    assert careful.objective == pytest.approx(worst(careful.weights), rel=1e-6)
    assert worst(careful.weights) > worst(plain.weights)
    rng = np.random.default_rng(2)
    for other in rng.dirichlet(np.ones(COUNT), 300):
        assert worst(other) <= worst(careful.weights) + 1e-10
    with pytest.raises(MissingDataError, match="how many observations"):
        RobustMeanVariance(1.0).fit(inputs_from_moments(["A"], np.eye(1), [0.1]))
    with pytest.raises(UserInputError, match="radius"):
        RobustMeanVariance(1.0, -1.0).fit(INPUTS)


def test_a_ball_of_distributions_spreads_the_weights() -> None:
    plain = good(MeanShortfall(0.9).fit(INPUTS))
    none = good(RobustShortfall(0.0, 0.9).fit(INPUTS))
    assert none.objective == pytest.approx(plain.objective, rel=1e-6)
    wide = good(RobustShortfall(0.1, 0.9).fit(INPUTS))
    assert wide.weights == pytest.approx(1.0 / COUNT, abs=0.01)
    # Worse scenarios within the ball: the tail moved against the weights by distance / (1 - c).
    near = good(RobustShortfall(0.001, 0.9).fit(INPUTS))
    gains = TABLE @ near.weights
    worst = np.argsort(gains)[: DAYS // 10]
    moved = TABLE.copy()
    moved[worst] -= 0.001 / 0.1 * near.weights / np.linalg.norm(near.weights)
    assert near.objective == pytest.approx(
        float(expected_shortfall(moved @ near.weights, 0.9)), rel=1e-6
    )


def test_a_small_number_of_holdings() -> None:
    few: Inputs = inputs_from_returns(TABLE[:60, :5], names(5))
    found = MeanShortfall(0.9, constraints=(Holdings(most=2), Box(0.0, 0.8))).fit(few)
    assert isinstance(found, Portfolio)
    assert (found.weights > 1e-6).sum() <= 2
    best = np.inf
    for one in range(5):
        for other in range(one):
            for share in np.linspace(0.2, 0.8, 61):
                gains = share * TABLE[:60, one] + (1 - share) * TABLE[:60, other]
                best = min(best, float(expected_shortfall(gains, 0.9)))
    assert float(found.objective or 0) <= best + 1e-9


@pytest.mark.parametrize("method", METHODS)
def test_one_asset_and_twins(method: type) -> None:
    one = inputs_from_returns(TABLE[:, :1], ["A"])
    assert good(method().fit(one)).weights == pytest.approx([1.0])
    twins = inputs_from_returns(TABLE[:, [0, 0]], ["A", "B"])
    assert good(method().fit(twins)).weights.sum() == pytest.approx(1.0)
