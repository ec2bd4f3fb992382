"""A curve's numbers against closed forms, its laws, and what it refuses."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import DataError, UnknownNameError, UserInputError
from riskplatform.market.curves import Curve, time_from
from riskplatform.market.interpolation import Interpolation

AS_OF = date(2026, 11, 20)
TIMES = [0.25, 1.0, 2.0, 5.0, 10.0, 30.0]
RATES = [0.041, 0.039, 0.036, 0.037, 0.040, 0.043]
RECORDED_HASH = "3ce6cd7e2afb5470eef2e0c1f1ff372d8c72dfa1f9fa1607daf3c31feeebeae6"


def curve(rule: Interpolation = Interpolation.LOG_LINEAR_DISCOUNT) -> Curve:
    return Curve("USD.OIS", AS_OF, TIMES, RATES, rule)  # type: ignore[arg-type]  # lists are taken


def test_zero_and_discount_at_nodes() -> None:
    for rule in Interpolation:
        assert curve(rule).zero(TIMES) == pytest.approx(RATES)
        assert curve(rule).discount(10.0) == pytest.approx(np.exp(-0.4))
        assert float(curve(rule).discount(0.0)) == 1.0
        assert np.isfinite(curve(rule).zero(0.0))


def test_forwards_of_a_flat_curve() -> None:
    flat = Curve("X", AS_OF, np.array([1.0, 10.0]), np.array([0.05, 0.05]))
    assert flat.forward(0.5, 7.0) == pytest.approx(0.05)
    assert flat.simple_forward(1.0, 1.5) == pytest.approx((np.exp(0.025) - 1) / 0.5)
    act_360 = flat.simple_forward(1.0, 1.5, accrual=182.5 / 360)
    assert act_360 == pytest.approx((np.exp(0.025) - 1) / (182.5 / 360))
    assert flat.instantaneous_forward([0.0, 3.0, 20.0]) == pytest.approx([0.05] * 3)
    # Annual coupons at par on a flat curve: e^r - 1.
    assert flat.par_swap_rate([1.0, 2.0, 3.0], [1.0] * 3) == pytest.approx(np.expm1(0.05))


@given(
    start=st.floats(0.0, 35.0), first=st.floats(0.01, 20.0), second=st.floats(0.01, 20.0),
    rule=st.sampled_from(Interpolation),
)  # fmt: skip
def test_forwards_chain(start: float, first: float, second: float, rule: Interpolation) -> None:
    middle, end = start + first, start + first + second
    made = curve(rule)
    total = made.forward(start, end) * (end - start)
    parts = made.forward(start, middle) * (middle - start) + made.forward(middle, end) * (
        end - middle
    )
    assert total == pytest.approx(parts, abs=1e-12)


def test_shifts() -> None:
    up = curve().shifted(10.0)
    assert up.zero(TIMES) == pytest.approx(np.array(RATES) + 0.001)
    key = curve().shifted([0, 0, 0, 25, 0, 0])
    assert key.zero(TIMES) == pytest.approx(np.array(RATES) + np.array([0, 0, 0, 25e-4, 0, 0]))
    with pytest.raises(UserInputError, match="6 nodes"):
        curve().shifted([1.0, 2.0])


@pytest.mark.parametrize("rule", Interpolation)
@pytest.mark.parametrize("days", [1, 30, 91, 400])
def test_rolling_keeps_the_forward_discounts(rule: Interpolation, days: int) -> None:
    today, later = curve(rule), curve(rule).rolled(days)
    elapsed = days / 365
    assert later.as_of.toordinal() - AS_OF.toordinal() == days
    expected = today.discount(later.times + elapsed) / today.discount(elapsed)
    assert later.discount(later.times) == pytest.approx(expected, rel=1e-14)
    if rule is Interpolation.LOG_LINEAR_DISCOUNT:
        at = np.linspace(0, 28, 57)
        expected = today.discount(at + elapsed) / today.discount(elapsed)
        assert later.discount(at) == pytest.approx(expected, rel=1e-13)


def test_rebased_keeps_the_rates() -> None:
    later = curve().rebased(date(2026, 12, 20))
    assert later.zero(3.3) == curve().zero(3.3)
    assert later.as_of == date(2026, 12, 20)


def test_rolling_off_the_curve_is_refused() -> None:
    with pytest.raises(UserInputError, match="rolled 10950 days; 0 to 10949"):
        curve().rolled(10_950)


def test_node_jacobian_gives_a_key_rate_duration() -> None:
    base, bumped = curve().discount(7.0), curve().shifted([0, 0, 0, 1, 0, 0]).discount(7.0)
    slope = curve().node_jacobian(7.0)[0, 3]
    assert bumped / base - 1 == pytest.approx(slope * 1e-4, rel=1e-3)


def test_equal_content_is_an_equal_curve() -> None:
    assert curve() == curve()
    assert hash(curve()) == hash(curve())
    others = [
        curve().shifted(1e-9),
        curve().rebased(date(2026, 11, 21)),
        curve(Interpolation.LINEAR_ZERO),
        Curve("EUR.OIS", AS_OF, curve().times, curve().zero_rates),
    ]
    assert len({made.content_hash() for made in [curve(), *others]}) == 5


def test_the_content_hash_is_the_same_on_every_machine() -> None:
    # Recorded once: a change of this number breaks every stored result that names a curve.
    made = Curve("X", date(2026, 1, 2), np.array([1.0, 2.0]), np.array([0.01, 0.02]))
    assert made.content_hash() == RECORDED_HASH


def test_arrays_are_private_and_read_only() -> None:
    rates = np.array(RATES)
    made = Curve("X", AS_OF, np.array(TIMES), rates)
    rates[0] = 9.0
    assert made.zero_rates[0] == 0.041
    with pytest.raises(ValueError, match="read-only"):
        made.zero_rates[0] = 1.0


@pytest.mark.parametrize(
    ("times", "rates", "message"),
    [
        ([1.0, 2.0], [0.01], "2 times and 1 zero rates"),
        ([], [], "0 times"),
        ([1.0, 2.0], [0.01, np.nan], "zero rate nan at time 2"),
        ([1.0, 1.0], [0.01, 0.02], "do not increase"),
        ([0.0, 1.0], [0.01, 0.02], "do not increase from above 0"),
        ([1.0, np.inf], [0.01, 0.02], "do not increase"),
    ],
)
def test_bad_nodes_are_refused(times: list[float], rates: list[float], message: str) -> None:
    with pytest.raises(DataError, match=f"Curve EUR.OIS of 2026-11-20 has .*{message}"):
        Curve("EUR.OIS", AS_OF, np.array(times), np.array(rates))


def test_bad_questions_are_refused() -> None:
    with pytest.raises(UserInputError, match=r"asked at time -0\.5"):
        curve().discount([1.0, -0.5])
    with pytest.raises(UserInputError, match="asked at time nan"):
        curve().zero(np.nan)
    with pytest.raises(UserInputError, match="does not end after it starts"):
        curve().forward(2.0, 2.0)
    with pytest.raises(UnknownNameError, match="interpolation rule"):
        Curve("X", AS_OF, np.array([1.0]), np.array([0.01]), "cubic")  # type: ignore[arg-type]  # the point


def test_time_is_actual_365() -> None:
    assert time_from(AS_OF, [date(2027, 11, 20), AS_OF]).tolist() == [1.0, 0.0]
