"""Interpolation rules: QuantLib's values, laws at nodes and beyond, derivatives by differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import QuantLib as ql
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import UnknownNameError
from riskplatform.market.interpolation import (
    FloatArray,
    Interpolation,
    instantaneous_forward,
    interpolation_rule,
    log_discount,
    log_discount_jacobian,
)

DAYS = np.array([30, 91, 182, 365, 730, 1096, 1826, 2557, 3652, 7305, 10957])
TIMES = DAYS / 365.0
RATES = st.lists(st.floats(-0.02, 0.12), min_size=len(DAYS), max_size=len(DAYS)).map(np.array)
INSIDE = np.linspace(0.01, TIMES[-1], 97)
LINEAR = (Interpolation.LINEAR_ZERO, Interpolation.LOG_LINEAR_DISCOUNT)


def quantlib_curve(rule: Interpolation, rates: FloatArray) -> ql.YieldTermStructure:
    today = ql.Date(20, 11, 2026)
    dates = [today, *(today + int(days) for days in DAYS)]
    if rule is Interpolation.LINEAR_ZERO:
        return ql.ZeroCurve(dates, [rates[0], *rates], ql.Actual365Fixed())
    discounts = [1.0, *np.exp(-rates * TIMES)]
    make: dict[Interpolation, Callable[..., ql.YieldTermStructure]] = {
        Interpolation.LOG_LINEAR_DISCOUNT: ql.DiscountCurve,
        Interpolation.MONOTONE_CUBIC_LOG_DISCOUNT: ql.MonotonicLogCubicDiscountCurve,
    }
    return make[rule](dates, discounts, ql.Actual365Fixed())


@pytest.mark.filterwarnings("ignore:MonotonicLogCubic:FutureWarning")
@pytest.mark.parametrize("rule", Interpolation)
@given(rates=RATES)
def test_discounts_are_quantlibs(rule: Interpolation, rates: FloatArray) -> None:
    curve = quantlib_curve(rule, rates)
    expected = [curve.discount(float(t)) for t in INSIDE]
    ours = np.exp(log_discount(rule, TIMES, rates, INSIDE))
    assert ours == pytest.approx(expected, rel=1e-13, abs=1e-13)


@pytest.mark.parametrize("rule", Interpolation)
@given(rates=RATES)
def test_nodes_are_met(rule: Interpolation, rates: FloatArray) -> None:
    assert log_discount(rule, TIMES, rates, TIMES) == pytest.approx(-rates * TIMES, abs=1e-13)


@pytest.mark.parametrize("rule", Interpolation)
@given(rates=RATES)
def test_beyond_the_nodes_as_stated(rule: Interpolation, rates: FloatArray) -> None:
    beyond = TIMES[-1] + np.array([1.0, 2.0, 10.0])
    logs = log_discount(rule, TIMES, rates, beyond)
    forwards = instantaneous_forward(rule, TIMES, rates, beyond)
    if rule is Interpolation.LINEAR_ZERO:
        assert -logs / beyond == pytest.approx(np.full(3, rates[-1]))
        assert forwards == pytest.approx(np.full(3, rates[-1]))
    else:
        just_before = instantaneous_forward(rule, TIMES, rates, TIMES[-1:] - 1e-9)
        assert forwards == pytest.approx(np.full(3, just_before[0]), abs=1e-7)
    if rule in LINEAR:
        early = np.array([1e-6, 0.01, TIMES[0]])
        assert -log_discount(rule, TIMES, rates, early) / early == pytest.approx(
            np.full(3, rates[0])
        )


@pytest.mark.parametrize("rule", Interpolation)
@given(rates=RATES)
def test_forward_is_the_slope(rule: Interpolation, rates: FloatArray) -> None:
    middles, step = (TIMES[1:] + TIMES[:-1]) / 2, 1e-6
    up = log_discount(rule, TIMES, rates, middles + step)
    down = log_discount(rule, TIMES, rates, middles - step)
    forwards = instantaneous_forward(rule, TIMES, rates, middles)
    assert forwards == pytest.approx(-(up - down) / (2 * step), abs=1e-8)


@given(steps=st.lists(st.floats(0.0, 0.1), min_size=len(DAYS), max_size=len(DAYS)).map(np.array))
def test_the_monotone_rule_never_makes_a_negative_forward(steps: FloatArray) -> None:
    rates = np.cumsum(steps * np.diff(TIMES, prepend=0.0)) / TIMES
    rule = Interpolation.MONOTONE_CUBIC_LOG_DISCOUNT
    forwards = instantaneous_forward(rule, TIMES, rates, np.linspace(0, 40, 801))
    assert forwards.min() >= -1e-12


@pytest.mark.parametrize("rule", Interpolation)
def test_jacobian_is_the_derivative(rule: Interpolation) -> None:
    rates = 0.03 + 0.01 * np.sin(np.arange(len(DAYS)))
    at = np.array([0.0, 0.02, TIMES[3], 1.7, 12.3, TIMES[-1], 45.0])
    jacobian = log_discount_jacobian(rule, TIMES, rates, at)
    for node in range(len(DAYS)):
        bump = np.zeros(len(DAYS))
        bump[node] = 1e-6
        up = log_discount(rule, TIMES, rates + bump, at)
        down = log_discount(rule, TIMES, rates - bump, at)
        assert jacobian[:, node] == pytest.approx((up - down) / 2e-6, abs=1e-7)


@pytest.mark.parametrize("rule", Interpolation)
def test_leading_axes_are_carried(rule: Interpolation) -> None:
    rng = np.random.default_rng(7)
    scenarios = 0.03 + 0.01 * rng.standard_normal((5, len(DAYS)))
    shifted = TIMES + rng.uniform(0, 0.01, (5, 1))
    shared = log_discount(rule, TIMES, scenarios, INSIDE)
    own = log_discount(rule, shifted, scenarios, np.broadcast_to(INSIDE, (5, len(INSIDE))))
    for row in range(5):
        one = log_discount(rule, TIMES, scenarios[row], INSIDE)
        assert shared[row] == pytest.approx(one, abs=1e-15)
        one = log_discount(rule, shifted[row], scenarios[row], INSIDE)
        assert own[row] == pytest.approx(one, abs=1e-15)
    assert log_discount_jacobian(rule, TIMES, scenarios, INSIDE).shape == (
        (5, len(INSIDE), len(DAYS))
        if rule is Interpolation.MONOTONE_CUBIC_LOG_DISCOUNT
        else (len(INSIDE), len(DAYS))
    )


@pytest.mark.parametrize("rule", Interpolation)
@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_nodes_are_enough(rule: Interpolation, count: int) -> None:
    times, rates = np.array([1.0, 2.0, 5.0])[:count], np.array([0.02, 0.025, 0.03])[:count]
    assert log_discount(rule, times, rates, times) == pytest.approx(-rates * times)
    assert np.isfinite(log_discount(rule, times, rates, np.array([0.0, 0.5, 9.0]))).all()


def test_an_unknown_rule_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="linear_zero"):
        interpolation_rule("linear_zeros")
