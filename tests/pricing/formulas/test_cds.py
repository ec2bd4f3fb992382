"""Default swaps against QuantLib's midpoint engine."""

from __future__ import annotations

import numpy as np
import pytest
import QuantLib as ql

from riskplatform.pricing.formulas.cds import protection_value

TODAY = ql.Date(3, 6, 2024)
COUNTING = ql.Actual365Fixed()


@pytest.mark.parametrize(("hazard", "rate"), [(0.004, 0.03), (0.03, 0.01), (0.12, 0.045)])
def test_agrees_with_quantlib(hazard: float, rate: float) -> None:
    ql.Settings.instance().evaluationDate = TODAY
    schedule = ql.Schedule(
        ql.Date(20, 3, 2024), ql.Date(20, 6, 2029), ql.Period(3, ql.Months), ql.NullCalendar(),
        ql.Unadjusted, ql.Unadjusted, ql.DateGeneration.Backward, False,
    )  # fmt: skip
    claim, last_period = ql.FaceValueClaim(), ql.Actual360()
    swap = ql.CreditDefaultSwap(
        ql.Protection.Buyer, 1.0, 0.01, schedule, ql.Unadjusted, ql.Actual360(), True, True,
        ql.Date(20, 3, 2024), claim, last_period, False,
    )  # fmt: skip
    curve = ql.YieldTermStructureHandle(ql.FlatForward(TODAY, rate, COUNTING))
    default = ql.DefaultProbabilityTermStructureHandle(
        ql.FlatHazardRate(TODAY, ql.QuoteHandle(ql.SimpleQuote(hazard)), COUNTING)
    )
    swap.setPricingEngine(ql.MidPointCdsEngine(default, 0.4, curve))

    days = np.array([day.serialNumber() for day in schedule], dtype=float) - TODAY.serialNumber()
    starts, ends = np.maximum(days[:-1], 0) / 365, days[1:] / 365
    value = protection_value(
        0.01,
        0.4,
        np.diff(days)[np.newaxis] / 360,
        np.maximum(-days[:-1], 0)[np.newaxis] / 360,
        np.exp(-rate * ends)[np.newaxis],
        np.exp(-rate * (starts + ends) / 2)[np.newaxis],
        np.exp(-hazard * starts)[np.newaxis],
        np.exp(-hazard * ends)[np.newaxis],
    )[0]
    # QuantLib puts the middle of a period on a whole day, we on the half day.
    assert value == pytest.approx(swap.NPV(), abs=8e-6)


def test_a_premium_of_nothing_leaves_the_expected_loss() -> None:
    ones = np.ones((1, 1))
    value = protection_value(0.0, 0.4, ones, 0 * ones, ones, 0.98 * ones, ones, 0.97 * ones)
    assert value[0] == pytest.approx(0.6 * 0.98 * 0.03, rel=1e-12)
