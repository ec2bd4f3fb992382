"""Single barriers: printed cases, QuantLib, the twin, parity, and edges."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import QuantLib as ql
from hypothesis import assume, given
from hypothesis import strategies as st

from riskplatform.pricing.formulas.barrier import single_barrier
from riskplatform.pricing.options import twins
from riskplatform.pricing.options.barrier import barrier_price
from riskplatform.pricing.options.digital import one_touch
from riskplatform.pricing.options.status import Status
from riskplatform.pricing.options.vanilla import vanilla_price
from tests.pricing.options.quantlib_book import price, random_book

KINDS = {
    (False, False): ql.Barrier.DownIn,
    (False, True): ql.Barrier.DownOut,
    (True, False): ql.Barrier.UpIn,
    (True, True): ql.Barrier.UpOut,
}


def test_prices_printed_by_haug() -> None:
    """R60: Haug (2007), p. 72; S = 100, q = 4 %, r = 8 %, half a year, rebate 3."""
    cases = np.array(
        [
            # strike, barrier, vol, is_call, is_up, is_out, price
            (90, 95, 0.25, 1, 0, 1, 9.0246),
            (100, 95, 0.25, 1, 0, 1, 6.7924),
            (100, 105, 0.25, 1, 1, 1, 2.3580),
            (90, 95, 0.25, 1, 0, 0, 7.7627),
            (110, 105, 0.30, 1, 1, 0, 5.8350),
            (100, 95, 0.25, 0, 0, 1, 2.2947),
            (110, 105, 0.30, 0, 1, 1, 7.5649),
            (110, 100, 0.30, 0, 1, 0, 12.9713),
        ]
    )
    strike, barrier, vol, is_call, is_up, is_out, expected = cases.T
    found = barrier_price(
        100.0, strike, barrier, 0.5, vol, 0.08, 0.04,
        is_call=is_call, is_up=is_up, is_out=is_out, rebate=3.0,
    )  # fmt: skip
    assert found.value == pytest.approx(expected, abs=1e-4)
    assert not found.status.any()


def terms(count: int, seed: int) -> tuple[np.ndarray, ...]:
    """Barrier, direction, in or out, rebate."""
    rng = np.random.default_rng(seed)
    is_up = rng.random(count) < 0.5
    return is_up, rng.random(count) < 0.5, np.where(rng.random(count) < 0.5, 3.0, 0.0)


@pytest.mark.parametrize("lowest_rate", [0.0, -0.02])
def test_1000_contracts_each_against_quantlib(lowest_rate: float) -> None:
    """QuantLib's rebate of a knock-out is NaN at some negative rates: there without rebate."""
    book = random_book(1000, seed=11, lowest_rate=lowest_rate)
    is_up, is_out, rebate = terms(1000, 12)
    if lowest_rate < 0.0:
        rebate[:] = 0.0
    away = np.random.default_rng(13).uniform(1.01, 1.6, 1000)
    barrier = book.spot * np.where(is_up, away, 1 / away)

    def make(i: int, kind: Any, strike: float, expiry: Any) -> Any:
        return ql.BarrierOption(
            KINDS[bool(is_up[i]), bool(is_out[i])], float(barrier[i]), float(rebate[i]),
            ql.PlainVanillaPayoff(kind, strike), ql.EuropeanExercise(expiry),
        )  # fmt: skip

    oracle = price(book, make, ql.AnalyticBarrierEngine)
    spot, strike, *others = book.plain
    found = barrier_price(
        spot, strike, barrier, *others,
        is_call=book.is_call, is_up=is_up, is_out=is_out, rebate=rebate,
    )  # fmt: skip
    assert not found.status.any()
    # Haug's sums of large terms leave 1e-11 of spot of rounding in either program, and QuantLib's
    # powers overflow at the lowest volatilities.
    known = np.isfinite(oracle) & (book.vol > 0.05)
    assert known.mean() > 0.95
    np.testing.assert_allclose(found.value[known], oracle[known], rtol=1e-9, atol=1e-8)


def test_the_twin_agrees() -> None:
    book = random_book(2000, seed=14, lowest_rate=0.0)
    is_up, is_out, rebate = terms(2000, 15)
    barrier = book.spot * np.where(is_up, 1.2, 0.8)
    spot, strike, *others = book.plain
    kinds = {"is_call": book.is_call, "is_up": is_up, "is_out": is_out, "rebate": rebate}
    found = barrier_price(spot, strike, barrier, *others, **kinds).value
    expected = single_barrier(spot, strike, barrier, *others, **kinds)
    known = np.isfinite(expected) & (book.vol > 0.05)
    np.testing.assert_allclose(found[known], expected[known], rtol=1e-8, atol=1e-8)


@given(
    spot=st.floats(50.0, 200.0),
    away=st.floats(0.3, 3.0),
    time=st.floats(0.0, 10.0),
    vol=st.floats(0.0, 1.5),
    rate=st.floats(-0.05, 0.15),
    carry_yield=st.floats(-0.05, 0.15),
    is_call=st.booleans(),
)
def test_in_and_out_make_the_plain_option(
    spot: float,
    away: float,
    time: float,
    vol: float,
    rate: float,
    carry_yield: float,
    is_call: bool,
) -> None:
    assume(abs(away - 1.0) > 1e-6)
    market = (time, vol, rate, carry_yield)
    parts = barrier_price(
        spot, 100.0, spot * away, *market, is_call=is_call, is_up=away > 1.0, is_out=[True, False]
    )
    assert not parts.status.any()
    assert (parts.value >= -1e-9 * spot).all()
    whole = vanilla_price(spot, 100.0, *market, is_call).value
    assert parts.value.sum() == pytest.approx(float(whole), abs=1e-9 * spot)


def test_the_rebate_at_negative_rates_where_the_closed_form_is_complex() -> None:
    """(r - q - σ²/2)² + 2 r σ² < 0, against the density of the first passage, integrated."""
    for barrier, time in ((120.0, 1.0), (80.0, 5.0), (101.0, 0.1)):
        found = one_touch(100.0, barrier, time, 0.2, -0.02, -0.01, is_up=barrier > 100.0).value
        expected = twins.paid_at_touch(100.0, barrier, time, 0.2, -0.02, -0.01)
        assert found == pytest.approx(expected, rel=1e-7)


def test_edges() -> None:
    def one(spot: float, time: float, vol: float, **kinds: bool) -> float:
        found = barrier_price(
            spot, 100.0, 120.0, time, vol, 0.10, 0.0, rebate=2.0, is_call=True, **kinds
        )
        assert found.status == Status.OK
        return float(found.value)

    up_out, up_in = {"is_up": True, "is_out": True}, {"is_up": True, "is_out": False}
    assert one(120.0, 1.0, 0.2, **up_out) == 2.0
    plain = float(vanilla_price(125.0, 100.0, 1.0, 0.2, 0.10, 0.0, True).value)
    assert one(125.0, 1.0, 0.2, **up_in) == plain
    assert one(110.0, 0.0, 0.2, **up_out) == 10.0
    assert one(110.0, 0.0, 0.2, **up_in) == 2.0
    # Without volatility the spot reaches 120 from 115 after log(120/115)/10 % years, surely.
    assert one(115.0, 1.0, 0.0, **up_out) == pytest.approx(2.0 * 115 / 120)
    assert one(105.0, 1.0, 0.0, **up_in) == pytest.approx(2.0 * np.exp(-0.1))
    assert one(115.0, 1.0, 1e-3, **up_out) == pytest.approx(2.0 * 115 / 120, rel=1e-4)


def test_a_broken_row_spoils_no_other() -> None:
    found = barrier_price(
        100, [100, 100, 0, 100, 100], [90, 0, 90, 90, 90], 1, 0.2, 0.05, 0.0,
        is_call=True, is_up=False, is_out=True, rebate=[0, 0, 0, -1, 0],
    )  # fmt: skip
    codes = [0, Status.BAD_BARRIER, Status.BAD_STRIKE, Status.BAD_REBATE, 0]
    assert found.status.tolist() == codes
    assert found.value[0] == found.value[-1] > 0.0
