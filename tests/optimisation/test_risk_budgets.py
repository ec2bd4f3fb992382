"""Risk budgeting: published weights, the shares themselves, and another library."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import UserInputError
from riskplatform.optimisation.inputs import inputs_from_moments
from riskplatform.optimisation.portfolio import FailedPortfolio, Portfolio
from riskplatform.optimisation.risk_budgets import RiskBudgets, risk_shares_of
from tests.optimisation.random_markets import names, returns


def covariance(percent: list[float], correlation: dict[tuple[int, int], float]) -> np.ndarray:
    matrix = np.eye(len(percent))
    for (one, other), value in correlation.items():
        matrix[one, other] = matrix[other, one] = value
    deviation = np.array(percent) / 100
    return np.outer(deviation, deviation) * matrix


def fitted(sigma: np.ndarray, shares: list[float] | None = None) -> Portfolio:
    assets = names(len(sigma))
    budgets = None if shares is None else dict(zip(assets, shares, strict=True))
    found = RiskBudgets(budgets).fit(inputs_from_moments(assets, sigma))
    assert isinstance(found, Portfolio)
    assert found.certificate is not None
    assert found.certificate.is_good
    return found


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.9])
def test_equal_correlations_give_inverse_volatility(rho: float) -> None:
    """Maillard, Roncalli and Teïletche (2010): 48, 24, 16, 12 %."""
    pairs = {(i, j): rho for i in range(4) for j in range(i)}
    found = fitted(covariance([10, 20, 30, 40], pairs))
    assert found.weights == pytest.approx([0.48, 0.24, 0.16, 0.12])
    if rho == 0.0:
        assert found.objective == pytest.approx(0.0960, abs=5e-5)


def test_the_four_assets_of_maillard_roncalli_and_teiletche() -> None:
    sigma = covariance([10, 20, 30, 40], {(0, 1): 0.8, (2, 3): -0.5})
    found = fitted(sigma)
    assert 100 * found.weights == pytest.approx([38.36, 19.18, 24.26, 18.20], abs=5e-3)
    assert 100 * float(found.objective or 0) == pytest.approx(10.29, abs=5e-3)


def test_the_three_assets_of_roncalli() -> None:
    """Introduction to Risk Parity and Budgeting (2013)."""
    sigma = covariance([30, 20, 15], {(0, 1): 0.8, (0, 2): 0.5, (1, 2): 0.3})
    given_weights = np.array([0.5, 0.2, 0.3])
    shares = 100 * risk_shares_of(sigma, given_weights)
    assert shares == pytest.approx([70.43, 15.93, 13.64], abs=5e-3)
    assert 100 * np.sqrt(given_weights @ sigma @ given_weights) == pytest.approx(20.87, abs=5e-3)
    budgeted = fitted(sigma, [0.5, 0.2, 0.3])
    assert 100 * budgeted.weights == pytest.approx([31.15, 21.90, 46.96], abs=6e-3)
    assert 100 * float(budgeted.objective or 0) == pytest.approx(17.49, abs=5e-3)
    equal = fitted(sigma)
    assert 100 * equal.weights == pytest.approx([19.69, 32.44, 47.87], abs=5e-3)
    assert 100 * float(equal.objective or 0) == pytest.approx(16.13, abs=5e-3)


def test_two_assets_have_a_closed_form() -> None:
    found = fitted(covariance([10, 20], {(0, 1): 0.5}), [0.3, 0.7])
    assert 100 * found.weights == pytest.approx([51.32, 48.68], abs=5e-3)


@given(st.integers(1, 60), st.integers(0, 200), st.data())
def test_shares_of_the_risk_are_the_budgets(count: int, seed: int, data: st.DataObject) -> None:
    sigma = np.cov(returns(count, 90, seed).T).reshape(count, count)
    shares = data.draw(st.lists(st.floats(1e-4, 1.0), min_size=count, max_size=count))
    found = fitted(sigma, shares)
    assert risk_shares_of(sigma, found.weights) == pytest.approx(
        np.array(shares) / sum(shares), abs=1e-9
    )
    assert found.weights.sum() == pytest.approx(1.0)


def test_a_budget_of_nothing_gets_no_weight() -> None:
    found = fitted(covariance([10, 20, 30], {}), [0.5, 0.0, 0.5])
    assert found.weights == pytest.approx([0.75, 0.0, 0.25])


def test_assets_that_hedge_each_other_wholly_have_no_budgets() -> None:
    sigma = covariance([10, 10], {(0, 1): -1.0})
    found = RiskBudgets().fit(inputs_from_moments(names(2), sigma))
    assert isinstance(found, FailedPortfolio)
    assert "no risk at all" in found.failure.message


@pytest.mark.parametrize("budgets", [{"ASSET000": -1.0}, {"ELSE": 1.0}, {"ASSET000": 0.0}])
def test_budgets_that_are_none_are_refused(budgets: dict[str, float]) -> None:
    with pytest.raises(UserInputError):
        RiskBudgets(budgets).fit(inputs_from_moments(names(2), np.eye(2)))


@pytest.mark.slow
def test_the_weights_are_those_of_riskfolio() -> None:
    riskfolio = pytest.importorskip("riskfolio")
    history = pd.DataFrame(returns(20), columns=names(20))
    peer = riskfolio.Portfolio(returns=history)
    peer.assets_stats(method_mu="hist", method_cov="hist")
    theirs = peer.rp_optimization(model="Classic", rm="MV", rf=0, b=None, hist=True)
    ours = fitted(history.cov().to_numpy())
    assert ours.weights == pytest.approx(theirs["weights"].to_numpy(), abs=1e-4)
