"""Swap legs against QuantLib's discounting engine."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import QuantLib as ql

from riskplatform.pricing.formulas.swap import (
    compounded_leg,
    fixed_leg,
    payer_value,
    projected_leg,
)

TODAY = ql.Date(15, 5, 2024)
COUNTING = ql.Actual365Fixed()


def _years(day: ql.Date) -> float:
    return float(COUNTING.yearFraction(TODAY, day))


def test_a_term_swap_agrees_with_quantlib() -> None:
    ql.Settings.instance().evaluationDate = TODAY
    discount = ql.YieldTermStructureHandle(ql.FlatForward(TODAY, 0.028, COUNTING))
    projection = ql.YieldTermStructureHandle(ql.FlatForward(TODAY, 0.031, COUNTING))
    calendar, start = ql.TARGET(), ql.Date(15, 5, 2024)
    index = ql.IborIndex(
        "six months", ql.Period(6, ql.Months), 0, ql.EURCurrency(), calendar,
        ql.ModifiedFollowing, False, ql.Actual360(), projection,
    )  # fmt: skip
    fixed, floating = (
        ql.Schedule(
            start, ql.Date(15, 5, 2031), ql.Period(months, ql.Months), calendar,
            ql.ModifiedFollowing, ql.ModifiedFollowing, ql.DateGeneration.Backward, False,
        )
        for months in (12, 6)
    )  # fmt: skip
    rule = ql.Thirty360(ql.Thirty360.BondBasis)
    swap = ql.VanillaSwap(
        ql.Swap.Payer, 1.0, fixed, 0.03, rule, floating, index, 0.001, ql.Actual360()
    )
    swap.setPricingEngine(ql.DiscountingSwapEngine(discount))

    def factors(schedule: ql.Schedule, rate: float) -> np.ndarray:
        return np.array([[np.exp(-rate * _years(day)) for day in schedule]])

    fixed_dates, floating_dates = list(fixed), list(floating)
    fixed_accruals = np.array([rule.yearFraction(a, b) for a, b in itertools.pairwise(fixed_dates)])
    floating_accruals = np.array([(b - a) / 360 for a, b in itertools.pairwise(floating_dates)])
    projected = factors(floating, 0.031)
    leg = projected_leg(
        floating_accruals, projected[:, :-1], projected[:, 1:], factors(floating, 0.028)[:, 1:],
        spread=0.001,
    )  # fmt: skip
    annuity = fixed_leg(0.03, fixed_accruals, factors(fixed, 0.028)[:, 1:])
    assert payer_value(leg, annuity)[0] == pytest.approx(swap.NPV(), abs=1e-9)


def test_a_fixed_period_pays_its_fixing_and_a_paid_one_nothing() -> None:
    accruals = np.array([0.0, 0.5, 0.5])
    ones = np.array([[1.0, 0.99, 0.97]])
    ends = np.array([[1.0, 0.97, 0.95]])
    fixings = np.array([[0.9, 0.04, np.nan]])
    value = projected_leg(accruals, ones, ends, ends, fixings)[0]
    forward = (0.97 / 0.95 - 1) / 0.5
    assert value == pytest.approx(0.5 * 0.04 * 0.97 + 0.5 * forward * 0.95, rel=1e-14)


def test_an_overnight_leg_telescopes() -> None:
    # Three yearly periods valued at their start: each forward payment, discounted, is the
    # difference of two discount factors, so the sum is 1 − P(3).
    discounts = np.exp(-0.03 * np.array([1.0, 2.0, 3.0]))
    starts = np.concatenate([[1.0], discounts[:-1]])
    piecewise = ((starts / discounts - 1.0) * discounts).sum()
    whole = compounded_leg(np.array([1.0]), np.array([1.0]), discounts[-1:])
    assert whole[0] == pytest.approx(piecewise, rel=1e-14)
