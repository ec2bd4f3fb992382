"""Random contracts of each kind against QuantLib: relative 1e-8, or 1e-10 of a unit near zero."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from riskplatform.domain.instruments import CreditDefaultSwap, Instrument, VolQuote
from riskplatform.market.interpolation import Interpolation
from riskplatform.pricing.units.book import unit_book, value_now
from tests.pricing.rates.quantlib_side import QuantLibPricer, evaluation_date
from tests.pricing.rates.random_books import AS_OF, CONVENTIONS, Draw, book, sample_market

Maker = Callable[[], Instrument]
LOG_LINEAR, LINEAR = Interpolation.LOG_LINEAR_DISCOUNT, Interpolation.LINEAR_ZERO
CASES: dict[str, tuple[Callable[[Draw], Maker], Interpolation, float]] = {
    "fixed bonds": (lambda draw: draw.fixed_bond, LINEAR, 0.2),
    "zero bonds": (lambda draw: draw.zero_bond, LOG_LINEAR, 0.2),
    "floating bonds": (lambda draw: draw.floating_bond, LOG_LINEAR, 0.2),
    "swaps": (lambda draw: draw.swap, LINEAR, 0.2),
    "overnight swaps": (lambda draw: draw.ois, LOG_LINEAR, 0.2),
    "credit default swaps": (lambda draw: draw.cds, LOG_LINEAR, 0.2),
    "lognormal caps": (lambda draw: lambda: draw.cap_floor(VolQuote.LOGNORMAL), LINEAR, 0.3),
    "normal caps": (lambda draw: lambda: draw.cap_floor(VolQuote.NORMAL), LINEAR, 0.008),
    "lognormal swaptions": (
        lambda draw: lambda: draw.swaption(VolQuote.LOGNORMAL), LOG_LINEAR, 0.3,
    ),
    "normal swaptions": (lambda draw: lambda: draw.swaption(VolQuote.NORMAL), LINEAR, 0.008),
    "shifted swaptions": (
        lambda draw: lambda: draw.swaption(VolQuote.SHIFTED_LOGNORMAL), LOG_LINEAR, 0.2,
    ),
    "currency forwards": (lambda draw: draw.fx_forward, LINEAR, 0.2),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_agrees(name: str) -> None:
    compare(name, 100)


@pytest.mark.long
@pytest.mark.parametrize("name", CASES)
def test_agrees_at_full_count(name: str) -> None:
    compare(name, 2000)


def compare(name: str, count: int) -> None:
    make, rule, vol = CASES[name]
    market = sample_market(rule, vol)
    instruments = book(make(Draw(sum(map(ord, name)))), count)
    made = unit_book(instruments, market, CONVENTIONS)
    assert made.failures == ()
    found = value_now(made)
    assert found.failures == ()
    with evaluation_date(AS_OF):
        pricer = QuantLibPricer(market.curve("C"), market.curve("P"), market.credit("X"), vol)
        theirs = np.array([pricer.value(each) for each in instruments])
    # With a maturity on a weekend the two differ by a day's accrual over one day's defaults.
    ends_on_weekend = np.array([_ends_on_weekend(each) for each in instruments])
    tolerance = np.where(ends_on_weekend, 2e-8, 1e-10) + 1e-8 * np.abs(theirs)
    assert (np.abs(found.values[:, 0] - theirs) <= tolerance).all()


def _ends_on_weekend(instrument: Instrument) -> bool:
    return isinstance(instrument, CreditDefaultSwap) and instrument.maturity.weekday() > 4
