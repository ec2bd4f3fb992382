"""Brinson-Fachler against R76 and Bacon's geometric numbers; linking by hand and by invariants."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from riskplatform.errors import DataError, UnknownNameError, UserInputError
from riskplatform.risk.attribution.brinson import brinson, brinson_of_gains, geometric
from riskplatform.risk.attribution.linking import (
    Linking,
    coefficients,
    compounded,
    linked,
    linked_contributions,
    linking_named,
)

WEIGHTS, RETURNS = [0.4, 0.3, 0.3], [0.20, -0.05, 0.06]
MARKET_WEIGHTS, MARKET_RETURNS = [0.4, 0.2, 0.4], [0.10, -0.04, 0.08]
daily = arrays(np.float64, 6, elements=st.floats(-0.2, 0.25))


def test_r76() -> None:
    """Bacon, Practical Portfolio Performance Measurement and Attribution, 2nd ed., ch. 5."""
    found = brinson(WEIGHTS, RETURNS, MARKET_WEIGHTS, MARKET_RETURNS)
    assert 100 * found.portfolio_return == pytest.approx(8.3)
    assert 100 * found.benchmark_return == pytest.approx(6.4)
    assert 100 * found.allocation == pytest.approx([0.0, -1.04, -0.16])
    assert 100 * found.selection == pytest.approx([4.0, -0.2, -0.8])
    assert 100 * found.interaction == pytest.approx([0.0, -0.1, 0.2])
    assert 100 * found.total.sum() == pytest.approx(1.90)


def test_geometric_effects_of_the_same_case() -> None:
    """1.083 / 1.064 is 1.052 / 1.064 times 1.083 / 1.052: Bacon prints -1.13 %, 2.95 %, 1.79 %."""
    found = geometric(brinson(WEIGHTS, RETURNS, MARKET_WEIGHTS, MARKET_RETURNS))
    assert float(found.allocation) == pytest.approx(1.052 / 1.064 - 1)
    assert float(found.selection) == pytest.approx(1.083 / 1.052 - 1)
    assert 100 * float(found.allocation) == pytest.approx(-1.13, abs=0.005)
    assert 100 * float(found.selection) == pytest.approx(2.95, abs=0.005)
    assert 100 * float(found.total) == pytest.approx(1.79, abs=0.005)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    shape = (draw(st.integers(1, 5)), draw(st.integers(2, 6)))
    weights, market = (
        draw(arrays(np.float64, shape, elements=st.floats(0.01, 1.0))) for _ in range(2)
    )
    returns, market_returns = (
        draw(arrays(np.float64, shape, elements=st.floats(-0.3, 0.4))) for _ in range(2)
    )
    weights /= weights.sum(axis=1, keepdims=True)
    market /= market.sum(axis=1, keepdims=True)
    return weights, returns, market, market_returns


@given(worlds(), st.sampled_from(list(Linking)))
def test_linked_effects_sum_to_the_excess_of_the_whole(
    world: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray], rule: Linking
) -> None:
    found = brinson(*world)
    r, b = found.portfolio_return, found.benchmark_return
    assert found.total.sum(axis=1) == pytest.approx(r - b, abs=1e-12)
    whole = linked(found.total, r, b, rule).sum()
    assert float(whole) == pytest.approx(compounded(r) - compounded(b), abs=1e-9)
    factors = geometric(found)
    ratio = (1 + compounded(r)) / (1 + compounded(b)) - 1
    joined = (1 + compounded(factors.allocation)) * (1 + compounded(factors.selection)) - 1
    assert joined == pytest.approx(ratio, abs=1e-9)


def test_carino_by_hand() -> None:
    """Two periods: 10 % against 8 %, then -5 % against 2 %; k is a ratio of logarithms."""
    r, b = np.array([0.10, -0.05]), np.array([0.08, 0.02])
    whole, market = 1.10 * 0.95 - 1, 1.08 * 1.02 - 1
    k = (math.log(1 + whole) - math.log(1 + market)) / (whole - market)
    expected = [(math.log(1.10) - math.log(1.08)) / 0.02 / k,
                (math.log(0.95) - math.log(1.02)) / -0.07 / k]  # fmt: skip
    assert coefficients(r, b) == pytest.approx(expected)
    assert expected[0] * 0.02 + expected[1] * -0.07 == pytest.approx(whole - market)


def test_menchero_by_hand() -> None:
    r, b = np.array([0.10, -0.05]), np.array([0.08, 0.02])
    whole, market = 1.10 * 0.95 - 1, 1.08 * 1.02 - 1
    even = (whole - market) / 2 / ((1 + whole) ** 0.5 - (1 + market) ** 0.5)
    left = (whole - market - even * -0.05) / (0.02**2 + 0.07**2)
    expected = [even + left * 0.02, even - left * 0.07]
    assert coefficients(r, b, Linking.MENCHERO) == pytest.approx(expected)


@given(daily)
def test_equal_returns_have_a_coefficient_and_no_excess(returns: np.ndarray) -> None:
    for rule in Linking:
        found = coefficients(returns, returns, rule)
        assert np.isfinite(found).all()
        assert (found > 0).all()


@given(daily, st.floats(-0.05, 0.05))
def test_contributions_sum_to_the_compounded_return(returns: np.ndarray, one: float) -> None:
    parts = np.column_stack([np.full(6, one), returns - one])
    found = linked_contributions(parts, returns)
    assert float(found.sum()) == pytest.approx(compounded(returns), abs=1e-9)


def test_what_only_one_of_them_holds_is_allocation() -> None:
    found = brinson([0.5, 0.5, 0.0], [0.10, 0.02, 0.0], [0.5, 0.0, 0.5], [0.08, 0.0, 0.04])
    assert found.benchmark_return == pytest.approx(0.06)
    assert found.allocation == pytest.approx([0.0, 0.5 * (0.02 - 0.06), -0.5 * (0.04 - 0.06)])
    assert found.selection == pytest.approx([0.5 * 0.02, 0.0, 0.0])
    assert found.interaction == pytest.approx([0.0, 0.0, 0.0])


def test_gains_without_capital_are_selection() -> None:
    """A future is worth nothing and gains: there is no return, yet the sum holds."""
    found = brinson_of_gains([1.0, 0.0], [0.01, 0.005], [1.0, 0.0], [0.02, 0.0])
    assert found.total.sum() == pytest.approx(0.015 - 0.02)
    assert found.selection == pytest.approx([-0.01, 0.005])


def test_weights_that_are_no_shares_are_refused() -> None:
    with pytest.raises(UserInputError, match="weights of the portfolio sum to 100"):
        brinson([40, 30, 30], RETURNS, MARKET_WEIGHTS, MARKET_RETURNS)
    with pytest.raises(UserInputError, match="must be the same"):
        brinson([0.5, 0.5], RETURNS, MARKET_WEIGHTS, MARKET_RETURNS)


def test_a_total_loss_cannot_be_linked() -> None:
    with pytest.raises(DataError, match="lost all of its value"):
        coefficients([0.1, -1.0], [0.1, 0.1])
    with pytest.raises(UnknownNameError, match="linking"):
        linking_named("frongello")
