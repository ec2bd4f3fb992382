"""Par rates of a curve's nodes, and sensitivities by them against curves solved again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import root

from riskplatform.market.curves import Curve
from riskplatform.market.interpolation import Interpolation
from riskplatform.pricing.exposures.par_rates import by_par_rates, par_jacobian, par_rates
from tests.pricing.units.listed_market import AS_OF

TIMES = np.array([0.25, 1.0, 2.0, 5.0, 10.0])


def curve(rule: Interpolation) -> Curve:
    return Curve("C", AS_OF, TIMES, np.array([0.02, 0.022, 0.025, 0.03, 0.033]), rule)


def with_rates(base: Curve, wanted: np.ndarray) -> Curve:
    """The curve whose par rates are ``wanted``: a bootstrap by a root finder."""

    def miss(zeros: np.ndarray) -> np.ndarray:
        return par_rates(replace(base, zero_rates=zeros)) - wanted

    return replace(base, zero_rates=root(miss, base.zero_rates, method="lm", tol=1e-15).x)


def test_the_par_rate_of_a_year_is_a_deposit_and_of_a_flat_curve_the_flat_rate() -> None:
    flat = Curve("C", AS_OF, TIMES, np.full(5, np.log(1.03)), Interpolation.LINEAR_ZERO)
    rates = par_rates(flat)
    assert rates[0] == pytest.approx((1.03**0.25 - 1) / 0.25, rel=1e-12)
    assert rates[1:] == pytest.approx(np.full(4, 0.03), rel=1e-12)


@pytest.mark.parametrize("rule", Interpolation)
def test_the_jacobian_is_that_of_the_rates(rule: Interpolation) -> None:
    base, step = curve(rule), 1e-6
    for node in range(5):
        move = np.where(np.arange(5) == node, step, 0.0)
        up, down = (
            par_rates(replace(base, zero_rates=base.zero_rates + s * move)) for s in (1, -1)
        )
        assert par_jacobian(base)[:, node] == pytest.approx((up - down) / (2 * step), abs=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize("rule", Interpolation)
def test_by_par_rates_is_a_bump_of_a_quote_and_a_new_curve(rule: Interpolation) -> None:
    """Of a bond with yearly coupons of 4 % for seven years."""
    base = curve(rule)
    times = np.arange(1.0, 8.0)
    amounts = np.where(times == 7.0, 104.0, 4.0)

    def value(at: Curve) -> float:
        return float((amounts * at.discount(times)).sum())

    discounts = base.discount(times)
    by_zero = (amounts * discounts) @ base.node_jacobian(times)
    found = by_par_rates(by_zero[None, :], base)[0]
    step = 1e-5
    for node in range(5):
        move = np.where(np.arange(5) == node, step, 0.0)
        up, down = (value(with_rates(base, par_rates(base) + s * move)) for s in (1, -1))
        assert found[node] == pytest.approx((up - down) / (2 * step), rel=1e-5, abs=1e-4)
