"""Mean-variance programmes against the exact frontier, ratios, benchmarks and counted holdings."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskplatform.domain.outcome import FailureReason
from riskplatform.errors import MissingDataError, UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.constraints import Box, Constraint, Group, Holdings, Net
from riskplatform.optimisation.frontier import Frontier, efficient_frontier
from riskplatform.optimisation.inputs import Inputs, inputs_from_moments, inputs_from_returns
from riskplatform.optimisation.long_only import MaximumSharpe, MinimumVariance
from riskplatform.optimisation.mean_variance import (
    MaximumDiversification,
    MeanVariance,
    TrackingErrorMinimum,
)
from riskplatform.optimisation.portfolio import Allocation, FailedPortfolio, Portfolio
from tests.optimisation import conditions
from tests.optimisation.published import markowitz_todd
from tests.optimisation.random_markets import names, returns


def good(found: Allocation) -> Portfolio:
    assert isinstance(found, Portfolio), found
    assert found.certificate is not None
    assert found.certificate.is_good, found.certificate
    return found


def market(count: int, seed: int) -> Inputs:
    sigma = np.cov(returns(count, 120, seed).T).reshape(count, count)
    mu = np.random.default_rng(seed).normal(0.0004, 0.0008, count)
    return inputs_from_moments(names(count), sigma, mu)


def test_programmes_pass_through_the_published_turning_points() -> None:
    mu, sigma = markowitz_todd()
    inputs = inputs_from_moments(names(10), sigma, mu)
    unit = Box(0.0, 1.0)
    for expected, risk, price in ((1.1601, 0.4173, 1.946), (1.0153, 0.2280, 0.0520)):
        by_return = good(MeanVariance(target_return=expected, constraints=(unit,)).fit(inputs))
        # Risk rises steeply there: the printed return may be 5e-5 off, and the risk by more.
        assert by_return.objective == pytest.approx(risk, abs=4e-4)
        by_risk = good(MeanVariance(target_volatility=risk).fit(inputs))
        assert mu @ by_risk.weights == pytest.approx(expected, abs=2e-4)
        by_price = good(MeanVariance(aversion=1.0 / price).fit(inputs))
        assert mu @ by_price.weights == pytest.approx(expected, abs=2e-4)
    boxed = good(MaximumSharpe((unit,)).fit(inputs))
    assert boxed.objective == pytest.approx(4.4535, abs=5e-5)
    expected_weights = [0.0840, 0.0489, 0, 0.2183, 0.0017, 0.1812, 0, 0.0312, 0.0079, 0.4269]
    assert boxed.weights == pytest.approx(expected_weights, abs=5e-5)


@settings(deadline=None, max_examples=30)
@given(st.integers(2, 20), st.integers(0, 300), st.sampled_from([1.0, 20.0, 400.0]))
def test_every_aversion_is_a_point_of_the_frontier(count: int, seed: int, aversion: float) -> None:
    inputs = market(count, seed)
    frontier = efficient_frontier(inputs)
    assert isinstance(frontier, Frontier)
    exact = frontier.at_price(1.0 / aversion)
    found = good(MeanVariance(aversion=aversion).fit(inputs))

    def utility(weights: FloatArray) -> float:
        return float(inputs.views @ weights - 0.5 * aversion * weights @ inputs.sigma @ weights)

    assert found.objective == pytest.approx(utility(exact), abs=1e-9)
    slope = aversion * inputs.sigma @ found.weights - inputs.views
    assert conditions.miss(found.weights, slope, equal=[(np.ones(count), 1.0)]) < 1e-4


@pytest.mark.slow
@settings(deadline=None, max_examples=30)
@given(st.integers(2, 20), st.integers(0, 300))
def test_with_constraints_that_do_not_bind_the_pivoting_answer_comes_back(
    count: int, seed: int
) -> None:
    inputs = market(count, seed)
    loose = (Box(0.0, 2.0),)
    exact, found = MinimumVariance().fit(inputs), MinimumVariance(loose).fit(inputs)
    assert good(found).objective == pytest.approx(good(exact).objective, rel=1e-6)
    best = MaximumSharpe().fit(inputs)
    if isinstance(best, Portfolio):
        ratio = good(MaximumSharpe(loose).fit(inputs)).objective
        assert ratio == pytest.approx(best.objective, rel=1e-6)


def test_the_most_diversified_book_is_the_best_ratio_of_volatilities() -> None:
    inputs = market(8, 5)
    deviation = np.sqrt(np.diagonal(inputs.sigma))
    found = good(MaximumDiversification().fit(inputs))
    named = inputs_from_moments(names(8), inputs.sigma, deviation)
    assert found.weights == pytest.approx(good(MaximumSharpe().fit(named)).weights, abs=1e-6)
    ratio = deviation @ found.weights / np.sqrt(found.weights @ inputs.sigma @ found.weights)
    assert found.objective == pytest.approx(ratio)
    # All assets held are correlated with the book by the same amount (Choueifaty 2008).
    held = found.weights > 1e-6
    alike = (inputs.sigma @ found.weights / deviation)[held]
    assert alike == pytest.approx(np.full(held.sum(), alike[0]), rel=1e-5)


def test_the_closest_to_a_benchmark() -> None:
    table = returns(10, 200, 3)
    benchmark = dict.fromkeys(names(10), 0.1)
    inputs = inputs_from_returns(table, names(10), benchmark=benchmark)
    same = good(TrackingErrorMinimum().fit(inputs))
    assert same.weights == pytest.approx(0.1, abs=1e-6)
    without = Box(0.0, 0.0, tuple(names(10)[:4]), "excluded")
    found = good(TrackingErrorMinimum((Box(0.0), without)).fit(inputs))
    rest = slice(4, None)
    slope = (inputs.sigma @ (found.weights - 0.1))[rest]
    assert conditions.miss(found.weights[rest], slope, equal=[(np.ones(6), 1.0)]) < 1e-5
    active = found.weights - 0.1
    assert found.objective == pytest.approx(np.sqrt(active @ inputs.sigma @ active))
    with pytest.raises(MissingDataError, match="benchmark"):
        TrackingErrorMinimum().fit(inputs_from_returns(table, names(10)))


@pytest.mark.slow
def test_counted_holdings_are_the_best_of_all_subsets() -> None:
    inputs = market(8, 11)
    found = MinimumVariance((Holdings(most=3, least=0.1),)).fit(inputs)
    assert isinstance(found, Portfolio)
    held = found.weights > 1e-6
    assert held.sum() <= 3
    assert found.weights[held].min() >= 0.1 - 1e-7
    best = np.inf
    for size in (1, 2, 3):
        for chosen in itertools.combinations(range(8), size):
            part = inputs_from_moments(
                names(size), inputs.sigma[np.ix_(chosen, chosen)], inputs.views[list(chosen)]
            )
            answer = MinimumVariance((Box(0.1, 1.0),)).fit(part)
            if isinstance(answer, Portfolio):
                best = min(best, float(answer.objective or 0))
    assert found.objective == pytest.approx(best, rel=1e-5)


def test_what_cannot_be_counted_says_so() -> None:
    inputs = market(5, 1)
    for method in (
        MaximumSharpe((Holdings(most=2),)),
        MeanVariance(target_volatility=0.01, constraints=(Holdings(most=2),)),
    ):
        found = method.fit(inputs)
        assert isinstance(found, FailedPortfolio)
        assert found.failure.reason is FailureReason.NOT_SUPPORTED


def test_wrong_questions_and_books_without_a_best() -> None:
    inputs = market(4, 2)
    for wrong in (MeanVariance(), MeanVariance(1.0, target_return=0.1)):
        with pytest.raises(UserInputError, match="exactly one"):
            wrong.fit(inputs)
    with pytest.raises(UserInputError, match="from 0 on"):
        MeanVariance(-1.0).fit(inputs)
    free = (Box(-1.0, 1.0, (names(4)[0],)), Net(-5.0, 5.0))
    unbounded = MeanVariance(0.0, constraints=(Net(0.0, np.inf),)).fit(inputs)
    assert good(MeanVariance(0.0, constraints=free).fit(inputs)).weights[1:].min() >= -1e-9
    assert isinstance(unbounded, FailedPortfolio)
    assert unbounded.failure.reason is FailureReason.CALCULATION_FAILED
    assert "no bound" in unbounded.failure.message
    losing = inputs_from_moments(names(2), np.eye(2), [-0.01, -0.02])
    found = MaximumSharpe((Box(0.0, 0.9),)).fit(losing)
    assert isinstance(found, FailedPortfolio)
    assert "ratio above zero" in found.failure.message


SPECIAL: dict[str, tuple[FloatArray, FloatArray]] = {
    "one asset": (np.array([[0.04]]), np.array([0.01])),
    "twins": (np.full((2, 2), 0.04), np.array([0.01, 0.01])),
    "no variance": (np.diag([0.0, 0.04, 0.09]), np.array([0.001, 0.01, 0.02])),
    "singular": (np.array([[0.04, -0.04], [-0.04, 0.04]]), np.array([0.01, 0.02])),
}


@pytest.mark.parametrize("name", sorted(SPECIAL))
@pytest.mark.parametrize("method", [MeanVariance(3.0), MinimumVariance((Box(0.0, 1.0),))])
def test_odd_markets_still_have_an_answer(name: str, method: MeanVariance) -> None:
    sigma, mu = SPECIAL[name]
    inputs = inputs_from_moments(names(len(mu)), sigma, mu)
    found = good(method.fit(inputs))
    slope = sigma @ found.weights
    if isinstance(method, MeanVariance):
        slope = 3.0 * slope - mu
    if np.abs(slope).max() > 1e-6:
        ones = [(np.ones(len(mu)), 1.0)]
        assert conditions.miss(found.weights, slope, equal=ones, tight=1e-4) < 1e-3


@settings(deadline=None, max_examples=20)
@given(st.integers(3, 12), st.integers(0, 200))
def test_the_order_of_assets_does_not_matter(count: int, seed: int) -> None:
    inputs = market(count, seed)
    order = np.random.default_rng(seed).permutation(count)
    mixed = inputs_from_moments(
        [names(count)[i] for i in order], inputs.sigma[np.ix_(order, order)], inputs.views[order]
    )
    chosen: tuple[Constraint, ...] = (Group("two", tuple(names(count)[:2]), low=0.3), Net(1.0, 1.0))
    one = good(MeanVariance(30.0, constraints=chosen).fit(inputs))
    other = good(MeanVariance(30.0, constraints=chosen).fit(mixed))
    assert other.weights == pytest.approx(one.weights[order], abs=1e-5)
