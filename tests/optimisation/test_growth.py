"""The fastest growing book: bets with closed forms, no better neighbour, ruin is never chosen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from riskplatform.errors import MissingDataError
from riskplatform.factors.covariance.matrices import Dense
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.constraints import Box, Net, VolatilityCap
from riskplatform.optimisation.growth import GrowthOptimal, mean_growth
from riskplatform.optimisation.inputs import Inputs, inputs_from_moments, inputs_from_returns
from riskplatform.optimisation.kelly import Kelly, binary_fraction, binary_growth
from riskplatform.optimisation.portfolio import Allocation, FailedPortfolio, Portfolio
from tests.optimisation.random_markets import names, returns

CASH = Net(0.0, 1.0)


def good(found: Allocation) -> Portfolio:
    assert isinstance(found, Portfolio), found
    assert found.certificate is not None
    assert found.certificate.is_good, found.certificate
    return found


def bets(table: FloatArray, shares: list[float]) -> Inputs:
    count = table.shape[1]
    return Inputs(
        tuple(names(count)), Dense(np.eye(count)), returns=table, shares=np.array(shares),
        is_history=False,
    )  # fmt: skip


@pytest.mark.slow
@settings(deadline=None, max_examples=25)
@given(st.floats(0.1, 0.9), st.floats(0.5, 3.0))
@example(0.5, 1.0)
def test_a_bet_is_sized_by_the_textbook(chance: float, odds: float) -> None:
    inputs = bets(np.array([[odds], [-1.0]]), [chance, 1.0 - chance])
    found = good(GrowthOptimal((CASH,)).fit(inputs))
    fraction = binary_fraction(chance, odds)
    assert found.weights == pytest.approx([fraction], abs=1e-5)
    assert found.objective == pytest.approx(binary_growth(fraction, chance, odds), abs=1e-9)


def test_no_other_allowed_book_grows_faster() -> None:
    rng = np.random.default_rng(3)
    table = returns(6, 250, 3) * 3.0 + 0.001
    inputs = inputs_from_returns(table, names(6))
    found = good(GrowthOptimal((Box(0.0, 0.5),)).fit(inputs))
    even = np.full(250, 1.0 / 250)
    assert found.objective == pytest.approx(np.log1p(table @ found.weights).mean())
    for other in rng.dirichlet(np.full(6, 0.4), 500):
        if other.max() <= 0.5:
            step = 0.9 * found.weights + 0.1 * other
            assert mean_growth(other, table, even) <= float(found.objective or 0) + 1e-9
            assert mean_growth(step, table, even) <= float(found.objective or 0) + 1e-9


def test_for_small_returns_it_is_kelly() -> None:
    """ln(1 + x) is x - x²/2 where x is small: Σ⁻¹μ, with moments about zero."""
    rng = np.random.default_rng(5)
    table = 0.001 * rng.standard_normal((4000, 3)) + np.array([2e-6, 1e-6, 3e-6])
    table += np.array([2e-6, 1e-6, 3e-6]) - table.mean(axis=0)
    sigma = table.T @ table / 4000
    closed = Kelly().fit(inputs_from_moments(names(3), sigma, table.mean(axis=0)))
    assert isinstance(closed, Portfolio)
    wide = (Box(-50.0, 50.0), Net(-100.0, 100.0))
    inputs = Inputs(tuple(names(3)), Dense(sigma), returns=table)
    found = good(GrowthOptimal(wide).fit(inputs))
    assert found.weights == pytest.approx(closed.weights, rel=0.02, abs=0.02)


def test_ruin_is_never_chosen() -> None:
    lottery = bets(np.array([[10.0, 0.01], [-1.0, 0.01]]), [0.9, 0.1])
    found = good(GrowthOptimal().fit(lottery))
    assert found.weights[0] < 1.0
    assert np.isfinite(float(found.objective or 0))
    # Where only ruin is allowed there is no best.
    forced = GrowthOptimal((Box(1.0, 1.0, (names(2)[0],)),)).fit(lottery)
    assert isinstance(forced, FailedPortfolio)
    with pytest.raises(MissingDataError, match="scenarios"):
        GrowthOptimal().fit(inputs_from_moments(["A"], np.eye(1)))


@pytest.mark.parametrize("seed", range(6))
def test_newton_arrives_and_is_certified_by_the_cones(seed: int) -> None:
    inputs = inputs_from_returns(returns(12, 200, seed) + 0.0005, names(12))
    limits = (Box(0.0, 0.4), VolatilityCap(0.012))
    for constraints in ((), limits[:1], limits):
        found = good(GrowthOptimal(constraints).fit(inputs))
        assert found.certificate is not None
        assert found.certificate.solver.startswith("Newton")
        assert found.certificate.gap < 1e-6
        weights = found.weights
        assert np.sqrt(weights @ inputs.sigma @ weights) <= 0.012 + 1e-8 or len(constraints) < 2


def test_growth_of_ruin_has_no_bottom() -> None:
    gains = np.array([[0.5], [-1.0]])
    assert mean_growth(np.ones(1), gains, np.array([0.5, 0.5])) == -np.inf
    assert mean_growth(np.ones(1), gains, np.array([1.0, 0.0])) == pytest.approx(np.log(1.5))
