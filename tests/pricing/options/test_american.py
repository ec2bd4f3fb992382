"""American options: printed cases, QuantLib's fixed-point engine, the lattice, laws, and edges."""

from __future__ import annotations

import numpy as np
import pytest
import QuantLib as ql
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.pricing.formulas.american import leisen_reimer
from riskplatform.pricing.options.american import american_price
from riskplatform.pricing.options.status import Status
from riskplatform.pricing.options.vanilla import vanilla_price
from tests.pricing.options.quantlib_book import Book, american, price, random_book


def test_exact_prices() -> None:
    """R56: contracts of Haug (2007), p. 24 and 27; the numbers are QuantLib's, high precision.

    The reference prints 23.000294 for the ten-year put, QuantLib's ten rounds of its system B. Its
    system A, and B after thirty rounds, give 23.0003053, as we do.
    """
    cases = np.array(
        [
            # spot, strike, time, vol, rate, yield, is_call, price
            (100, 100, 0.1, 0.15, 0.10, 0.10, 1, 1.876453),
            (110, 100, 0.5, 0.35, 0.10, 0.10, 1, 15.539093),
            (100, 100, 0.5, 0.25, 0.10, 0.10, 0, 6.775281),
            (90, 100, 0.5, 0.35, 0.10, 0.10, 0, 14.669408),
            (110, 100, 0.5, 0.35, 0.10, 0.10, 0, 5.845836),
            (42, 40, 0.75, 0.35, 0.04, 0.08, 1, 5.309058),
            (36, 40, 1.0, 0.20, 0.06, 0.0, 0, 4.486674),
            (100, 120, 10.0, 0.25, 0.10, 0.03, 0, 23.000305),
        ]
    )
    exact = american_price(*cases.T[:7], accurate=True)
    assert exact.value == pytest.approx(cases[:, 7], abs=1e-6)
    fast = american_price(*cases.T[:7]).value
    assert (np.abs(fast - cases[:, 7]) < 2e-5 * cases[:, 0]).all()


def test_puts_of_geske_and_johnson() -> None:
    """R57: Geske and Johnson (1984) and Broadie and Detemple (1996): S = 40, r = 4.88 %."""
    strikes, times = np.array([[35.0], [40.0], [45.0]]), np.array([0.0833, 0.3333, 0.5833])
    found = american_price(40.0, strikes, times, 0.2, 0.0488, 0.0, False, accurate=True).value
    expected = [[0.0062, 0.2004, 0.4328], [0.8522, 1.5798, 1.9905], [5.0, 5.0883, 5.2670]]
    assert found == pytest.approx(np.array(expected), abs=5.1e-5)
    wild = american_price(
        40.0, [40, 40, 45], 0.5833, [0.3, 0.4, 0.4], 0.0488, 0.0, False, accurate=True
    )
    assert wild.value == pytest.approx([3.1697, 4.3527, 7.3830], abs=5.1e-5)


def has_two_boundaries(book: Book) -> np.ndarray:
    """A put with yield < rate < 0, or the call that mirrors it."""
    lent = np.where(book.is_call, book.carry_yield, book.rate)
    carried = np.where(book.is_call, book.rate, book.carry_yield)
    return np.asarray((lent < 0.0) & (carried < lent))


def test_2000_contracts_against_quantlib() -> None:
    book = random_book(2000, seed=5)
    oracle = price(
        book,
        american,
        lambda p: ql.QdFpAmericanEngine(p, ql.QdFpAmericanEngine.accurateScheme()),
    )
    found = american_price(*book.plain, book.is_call)
    assert not found.status.any()
    known = ~np.isnan(oracle)
    np.testing.assert_array_equal(known, ~has_two_boundaries(book))
    assert (np.abs(found.value - oracle) / book.spot)[known].max() < 1e-4


def test_strong_drift_against_quantlib() -> None:
    """One to fifteen per cent of volatility, rates to 15 %, twenty years: where system A swings."""
    book = random_book(1000, seed=104, lowest_rate=0.0)
    book.vol[:] = np.random.default_rng(1).uniform(0.01, 0.15, 1000)
    oracle = price(
        book,
        american,
        lambda p: ql.QdFpAmericanEngine(p, ql.QdFpAmericanEngine.accurateScheme()),
    )
    found = american_price(*book.plain, book.is_call)
    assert not found.status.any()
    assert (np.abs(found.value - oracle) / book.spot).max() < 1e-4


@pytest.mark.slow
def test_contracts_against_quantlib_at_its_highest_precision() -> None:
    """Sixteen nodes and rounds until settled agree with thirty nodes and tanh-sinh quadrature."""
    book = random_book(120, seed=6, lowest_rate=0.0)
    oracle = price(
        book,
        american,
        lambda p: ql.QdFpAmericanEngine(p, ql.QdFpAmericanEngine.highPrecisionScheme()),
    )
    exact = american_price(*book.plain, book.is_call, accurate=True).value
    assert (np.abs(exact - oracle) / book.spot).max() < 2e-6
    fast = american_price(*book.plain, book.is_call).value
    assert (np.abs(fast - oracle) / book.spot).max() < 1e-4


def test_two_boundaries_by_the_lattice() -> None:
    """A put with yield < rate < 0, where QuantLib refuses, against 2,001 steps in NumPy."""
    book = random_book(600, seed=7, lowest_rate=-0.06)
    some = np.flatnonzero(has_two_boundaries(book))[:25]
    columns = [column[some] for column in (*book.plain, book.is_call)]
    found = american_price(*columns)
    assert not found.status.any()
    expected = leisen_reimer(*columns, steps=2001)
    assert (np.abs(found.value - expected) / columns[0]).max() < 1e-4


def test_the_twin_agrees() -> None:
    """A lattice knows nothing of boundaries, and agrees to its own error."""
    book = random_book(300, seed=8)
    found = american_price(*book.plain, book.is_call).value
    expected = leisen_reimer(*book.plain, book.is_call, steps=401)
    # The lattice's own error grows with the deviation.
    narrow = book.vol * np.sqrt(book.time) < 0.6
    assert (np.abs(found - expected) / book.spot)[narrow].max() < 1e-4


@given(
    spot=st.floats(1.0, 500.0),
    time=st.floats(0.0, 30.0),
    vol=st.floats(0.0, 2.0),
    rate=st.floats(-0.05, 0.3),
    carry_yield=st.floats(-0.05, 0.3),
    is_call=st.booleans(),
)
def test_bounds_and_order_for_any_market(
    spot: float, time: float, vol: float, rate: float, carry_yield: float, is_call: bool
) -> None:
    strikes = spot * np.linspace(0.2, 3.0, 15)
    market = (time, vol, rate, carry_yield, is_call)
    found = american_price(spot, strikes, *market)
    assert not found.status.any()
    sign = 1.0 if is_call else -1.0
    allowed = 1e-4 * spot
    assert (found.value >= np.maximum(sign * (spot - strikes), 0.0) - 1e-9 * spot).all()
    european = vanilla_price(spot, strikes, *market).value
    assert (found.value >= european - allowed).all()
    most = spot if is_call else strikes
    kept = np.exp(max(-(carry_yield if is_call else rate) * time, 0.0))
    assert (found.value <= most * kept + allowed).all()
    assert (sign * np.diff(found.value) <= 2 * allowed).all()


def test_edges() -> None:
    # Expired; no volatility: best now, best at expiry, best in between; no spot; no strike.
    found = american_price(
        [90, 90, 110, 100, 0, 100],
        [100, 100, 100, 100, 100, 0],
        [0, 1, 1, 10, 1, 1],
        [0.2, 0, 0, 0, 0.2, 0.2],
        [0.05, 0.05, -0.05, -0.02, 0.05, 0.05],
        [0, 0, 0.05, -0.05, 0, 0.02],
        [False, False, False, True, False, True],
    )
    forever = np.linspace(0.0, 10.0, 100_001)
    best = np.max(100 * np.exp(0.05 * forever) - 100 * np.exp(0.02 * forever))
    at_expiry = 100 * np.exp(0.05) - 110 * np.exp(-0.05)
    assert found.value == pytest.approx([10, 10, at_expiry, best, 100, 100])
    day = american_price(100.0, [1.0, 99.0, 101.0, 1000.0], 1 / 365, 0.2, 0.05, 0.0, False)
    assert 0.0 <= day.value[0] < 1e-300
    assert day.value[3] == 900.0
    assert not day.status.any()


def test_a_broken_row_spoils_no_other() -> None:
    vol = [0.2, 0.2, -1, 0.2, 0.2]
    found = american_price([100, np.nan, 100, -1, 100], 100, 1, vol, 0.05, 0, False)
    assert found.status.tolist() == [0, Status.NOT_FINITE, Status.BAD_VOL, Status.BAD_SPOT, 0]
    assert found.value[0] == found.value[-1] > 0.0
    assert (found.value[1:4] == 0.0).all()
