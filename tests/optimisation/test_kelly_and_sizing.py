"""Bets and sizes against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import MissingDataError, UserInputError
from riskplatform.optimisation import sizing
from riskplatform.optimisation.inputs import inputs_from_moments
from riskplatform.optimisation.kelly import (
    Kelly,
    binary_fraction,
    binary_growth,
    growth,
    shrinkage_for_error,
)
from riskplatform.optimisation.portfolio import FailedPortfolio, Portfolio


def test_bets_of_the_textbook() -> None:
    assert binary_fraction(0.6, 1.0) == pytest.approx(0.20)
    assert binary_growth(0.2, 0.6, 1.0) == pytest.approx(0.020136, abs=5e-7)
    assert binary_fraction(0.55, 2.0) == pytest.approx(0.325)
    assert binary_fraction(0.4, 1.0) == 0.0


@given(st.floats(0.05, 0.95), st.floats(0.2, 5.0), st.floats(0.0, 0.95))
def test_no_other_fraction_grows_faster(chance: float, odds: float, other: float) -> None:
    best = binary_fraction(chance, odds)
    assert binary_growth(other, chance, odds) <= binary_growth(best, chance, odds) + 1e-12


def test_one_and_two_assets_in_continuous_time() -> None:
    one = Kelly().fit(inputs_from_moments(["A"], [[0.15**2]], [0.05]))
    assert isinstance(one, Portfolio)
    assert one.weights == pytest.approx([2.2222], abs=5e-5)
    assert 0.06 + float(one.objective or 0.0) == pytest.approx(0.1156, abs=5e-5)
    sigma = np.array([[0.04, 0.01], [0.01, 0.09]])
    two = Kelly().fit(inputs_from_moments(["A", "B"], sigma, [0.05, 0.08]))
    assert isinstance(two, Portfolio)
    assert two.weights == pytest.approx([1.0571, 0.7714], abs=5e-5)
    assert two.objective == pytest.approx(0.057286, abs=5e-7)
    assert two.details["cash"] == pytest.approx(1.0 - 1.8285714, abs=1e-6)


def test_half_of_it_grows_three_quarters_as_fast() -> None:
    inputs = inputs_from_moments(["A", "B"], np.diag([0.04, 0.09]), [0.05, 0.08])
    half, full = Kelly(0.5).fit(inputs), Kelly().fit(inputs)
    assert isinstance(half, Portfolio)
    assert isinstance(full, Portfolio)
    assert half.objective == pytest.approx(0.75 * float(full.objective or 0.0))


@pytest.mark.slow
def test_the_part_for_estimation_error_grows_fastest_over_many_estimates() -> None:
    rng = np.random.default_rng(7)
    true, sigma, periods = np.array([0.02, 0.01, 0.015]), np.diag([0.04, 0.03, 0.05]), 240
    theta = float(true @ np.linalg.solve(sigma, true))
    part = theta / (theta + 3 / periods)
    estimates = rng.multivariate_normal(true, sigma / periods, 20_000)
    bets = np.linalg.solve(sigma, estimates.T).T

    def mean_growth(share: float) -> float:
        return float(np.mean([growth(share * bet, true, sigma) for bet in bets[:4000]]))

    here = mean_growth(part)
    assert here > max(mean_growth(part * 0.6), mean_growth(min(part * 1.6, 1.0)), mean_growth(1.0))
    estimated = np.mean([shrinkage_for_error(row, sigma, periods) for row in estimates[:4000]])
    # Where the ratio itself is estimated the part errs on the side of less.
    assert 0.5 * part < estimated < part


def test_what_cannot_be_bet_on_is_said() -> None:
    singular = np.full((2, 2), 0.04)
    found = Kelly().fit(inputs_from_moments(["A", "B"], singular, [0.05, 0.04]))
    assert isinstance(found, FailedPortfolio)
    with pytest.raises(MissingDataError, match="expected returns"):
        Kelly().fit(inputs_from_moments(["A"], [[0.04]]))
    for wrong in ((1.2, 1.0), (0.5, 0.0)):
        with pytest.raises(UserInputError):
            binary_fraction(*wrong)


def test_a_stop_loses_the_share_that_was_put_at_risk() -> None:
    units = sizing.fixed_fraction(100_000, 0.01, entry=50.0, stop=47.5)
    assert units == pytest.approx(400)
    assert units * (50.0 - 47.5) == pytest.approx(1_000)
    assert sizing.fixed_fraction(100_000, 0.01, entry=50.0, stop=52.5) == pytest.approx(-400)
    with pytest.raises(UserInputError):
        sizing.fixed_fraction(100_000, 0.01, entry=50.0, stop=50.0)


def test_positions_of_one_volatility() -> None:
    units = sizing.same_volatility(1e6, 0.01, [10.0, 200.0], [0.02, 0.04])
    assert units * np.array([10.0, 200.0]) * np.array([0.02, 0.04]) == pytest.approx([1e4, 1e4])


def test_the_true_range_counts_gaps() -> None:
    high, low = np.array([10.0, 12.0, 11.0, 15.0]), np.array([9.0, 11.0, 10.0, 14.0])
    close = np.array([9.5, 11.5, 10.5, 14.5])
    found = sizing.average_true_range(high, low, close, days=2)
    # Ranges with gaps: 12 - 9.5, 11.5 - 10, 15 - 10.5.
    assert np.isnan(found[:2]).all()
    assert found[2:] == pytest.approx([(2.5 + 1.5) / 2, ((2.5 + 1.5) / 2 + 4.5) / 2])
    assert sizing.by_true_range(100_000, 0.01, 2.0, 2.5) == pytest.approx(1_000 / 5.0)
