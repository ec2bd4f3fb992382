"""Digitals and touches: printed cases, QuantLib, the twin, laws, and edges."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import QuantLib as ql

from riskplatform.pricing.options import twins
from riskplatform.pricing.options.digital import (
    asset_or_nothing,
    cash_or_nothing,
    gap_option,
    no_touch,
    one_touch,
)
from riskplatform.pricing.options.status import Status
from tests.pricing.options.quantlib_book import TODAY, price, random_book


def test_prices_printed_by_haug() -> None:
    """R61: Haug (2007), p. 88-95."""
    cash = cash_or_nothing(100, 80, 0.75, 0.35, 0.06, 0.06, False, cash=10)
    assert cash.value == pytest.approx(2.671046, abs=5e-7)
    asset = asset_or_nothing(70, 65, 0.5, 0.27, 0.07, 0.05, False)
    assert asset.value == pytest.approx(20.206947, abs=5e-7)
    gap = gap_option(50, 50, 57, 0.5, 0.2, 0.09, 0.0, True)
    assert gap.value == pytest.approx(-0.005252, abs=5e-7)
    touch = one_touch([105, 95], 100, 0.5, 0.2, 0.1, 0.0, is_up=[False, True], cash=15)
    assert touch.value == pytest.approx([9.726394, 11.655260], abs=5e-7)


@pytest.mark.parametrize("kind", ["cash", "asset", "gap"])
def test_2000_contracts_against_quantlib(kind: str) -> None:
    book = random_book(2000, seed=21)

    def make(_: int, side: Any, strike: float, expiry: Any) -> Any:
        payoff = {
            "cash": lambda: ql.CashOrNothingPayoff(side, strike, 7.0),
            "asset": lambda: ql.AssetOrNothingPayoff(side, strike),
            "gap": lambda: ql.GapPayoff(side, strike, 110.0),
        }[kind]()
        return ql.VanillaOption(payoff, ql.EuropeanExercise(expiry))

    oracle = price(book, make, ql.AnalyticEuropeanEngine)
    spot, trigger, *others = book.plain
    found = {
        "cash": lambda: cash_or_nothing(*book.plain, book.is_call, cash=7.0),
        "asset": lambda: asset_or_nothing(*book.plain, book.is_call),
        "gap": lambda: gap_option(spot, trigger, 110.0, *others, book.is_call),
    }[kind]()
    assert not found.status.any()
    np.testing.assert_allclose(found.value, oracle, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("at_hit", [True, False])
def test_2000_touches_against_quantlib(at_hit: bool) -> None:
    """QuantLib's American digital: a call is touched from below, a put from above."""
    book = random_book(2000, seed=22, lowest_rate=0.0)

    def make(_: int, side: Any, strike: float, expiry: Any) -> Any:
        payoff = ql.CashOrNothingPayoff(side, strike, 15.0)
        return ql.VanillaOption(payoff, ql.AmericanExercise(TODAY, expiry, not at_hit))

    oracle = price(book, make, ql.AnalyticDigitalAmericanEngine)
    found = one_touch(*book.plain, is_up=book.is_call, cash=15.0, at_hit=at_hit)
    touched = np.where(book.is_call, book.spot >= 100.0, book.spot <= 100.0)
    known = ~touched & np.isfinite(oracle) & (book.vol > 0.05)
    np.testing.assert_allclose(found.value[known], oracle[known], rtol=1e-9, atol=1e-9)
    now = 15.0 * (1.0 if at_hit else np.exp(-book.rate * book.time))
    np.testing.assert_allclose(found.value[touched], np.broadcast_to(now, 2000)[touched])


def test_the_twin_agrees() -> None:
    book = random_book(2000, seed=23)
    cash, asset = twins.binary(*book.plain, book.is_call)
    ours = cash_or_nothing(*book.plain, book.is_call).value
    np.testing.assert_allclose(ours, cash, rtol=1e-10, atol=1e-13)
    ours = asset_or_nothing(*book.plain, book.is_call).value
    np.testing.assert_allclose(ours, asset, rtol=1e-10, atol=1e-11)
    for s, k, t, v, r, q in np.array(book.plain).T[:20]:
        found = one_touch(s, k, t, v, r, q, is_up=s < k).value
        assert found == pytest.approx(twins.paid_at_touch(s, k, t, v, r, q), rel=1e-6, abs=1e-9)


def test_touch_and_no_touch_make_the_discount() -> None:
    book = random_book(500, seed=24)
    is_up = book.is_call
    both = one_touch(*book.plain, is_up=is_up, at_hit=False).value
    both = both + no_touch(*book.plain, is_up=is_up).value
    np.testing.assert_allclose(both, np.exp(-book.rate * book.time), rtol=1e-12)


def test_edges_and_broken_rows() -> None:
    expired = cash_or_nothing([101, 100, 99], 100, 0, 0.2, 0.05, 0.0, True)
    assert expired.value.tolist() == [1.0, 0.5, 0.0]
    # Without volatility the spot reaches 105 from 100 after log(1.05)/10 % years.
    assert one_touch(100, 105, 1, 0.0, 0.1, 0.0, is_up=True).value == pytest.approx(1 / 1.05)
    assert no_touch(100, 90, 1, 0.0, 0.1, 0.0, is_up=False).value == pytest.approx(np.exp(-0.1))
    broken = one_touch([100, 100, np.nan], [110, -1, 110], 1, 0.2, 0.0, 0.0, is_up=True)
    assert broken.status.tolist() == [0, Status.BAD_BARRIER, Status.NOT_FINITE]
    assert cash_or_nothing(100, [100, 0], 1, 0.2, 0, 0, True).status.tolist() == [
        0,
        Status.BAD_STRIKE,
    ]
