"""Each measure of a unit against a revaluation in which that thing alone has moved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest

from riskplatform.domain.instruments import FixedBond, Instrument, Option
from riskplatform.market.credit import CreditCurve
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.market.surfaces import SmileRule
from riskplatform.pricing.conventions import PricingConventions
from riskplatform.pricing.exposures.measures import MEASURES
from riskplatform.pricing.exposures.units import UnitExposures, unit_exposures
from riskplatform.pricing.units.book import unit_book, value_now
from tests.pricing.units.listed_market import AS_OF, OptionDraw, basics, listed_market

# A market read anew places strikes on a moved smile, which is sticky delta.
SLIDING = PricingConventions(smile_rule=SmileRule.STICKY_DELTA)
KNOWN = {each.instrument_id: each for each in basics()}


def risky_bond() -> FixedBond:
    return FixedBond(
        instrument_id="BOND", name="bond", currency="EUR", issue_date=AS_OF - timedelta(200),
        maturity=AS_OF + timedelta(2000), discount_curve_id="EUR.OIS", credit_curve_id="X",
        coupon_rate=0.05,
    )  # fmt: skip


def market() -> MarketSnapshot:
    times = np.array([0.5, 1.0, 3.0, 5.0])
    credit = CreditCurve("X", AS_OF, times, np.array([0.01, 0.015, 0.02, 0.03]), 0.4)
    return listed_market().with_(credit_curves={"X": credit})


def instruments() -> list[Instrument]:
    draw = OptionDraw(21)
    names = ("SHARE", "INDEX", "EURUSD", "BTC", "GOLD.G")
    return [*basics(), risky_bond(), *(draw.european(name) for name in names)]


def value_in(at: MarketSnapshot, base_currency: str) -> dict[str, float]:
    book = unit_book(instruments(), at, terms=KNOWN)
    found = value_now(book)
    rates = [at.fx.rate(currency, base_currency) for currency in found.currencies]
    return dict(zip(found.instrument_ids, found.values[:, 0] * rates, strict=True))


def measured(found: UnitExposures, measure: str, factor: str | None = None) -> dict[str, float]:
    frame = found.to_frame()
    part = frame[frame["measure"] == measure]
    if factor is not None:
        part = part[part["factor_id"] == factor]
    sums = part.groupby("instrument_id")["value"].sum()
    return {name: float(sums.get(name, 0.0)) for name in found.instrument_ids}


Bump = Callable[[MarketSnapshot, float], MarketSnapshot]


def spot(name: str) -> Bump:
    return lambda at, x: at.with_(prices={name: at.price(name) * (1 + x)})


def zero_rates(name: str) -> Bump:
    return lambda at, x: at.with_(curves={name: at.curve(name).shifted(x * 1e4)})


def volatilities(name: str) -> Bump:
    return lambda at, x: at.with_(surfaces={name: at.surface(name).parallel(x)})


def hazards(name: str) -> Bump:
    return lambda at, x: at.with_(credit_curves={name: at.credit(name).shifted(x * 1e4)})


def exchange(currency: str) -> Bump:
    """The currency against the dollar, everything else against the dollar as it is."""
    return lambda at, x: at.with_(
        fx=at.fx.with_prices({currency: at.fx.rate(currency, "USD") * (1 + x)})
    )


@pytest.mark.parametrize(
    ("measure", "factor", "bump", "size"),
    [
        ("dv01", "USD.OIS", zero_rates("USD.OIS"), 1e-4),
        ("dv01", "EUR.OIS", zero_rates("EUR.OIS"), 1e-4),
        ("vega", "VOL.SHARE", volatilities("VOL.SHARE"), 1e-2),
        ("vega", "VOL.EURUSD", volatilities("VOL.EURUSD"), 1e-2),
        ("vega", "VOL.GOLD", volatilities("VOL.GOLD"), 1e-2),
        ("cs01", "X", hazards("X"), 1e-4),
        ("fx_delta", "EUR", exchange("EUR"), 1.0),
        ("fx_delta", "GBP", exchange("GBP"), 1.0),
    ],
)
def test_a_measure_is_the_change_of_full_revaluation(
    measure: str, factor: str, bump: Bump, size: float
) -> None:
    """Central differences of a tiny move, scaled to the move that the measure names.

    Quotes stay, so the basis of a future takes up what a curve moves; futures are left out, and so
    is the option on a surface by strike, which does not slide when a market is read anew. Expiries
    between two of the surface take up a parallel shift a little differently.
    """
    at, step = market(), 1e-6
    book = unit_book(instruments(), at, SLIDING, terms=KNOWN)
    found = measured(unit_exposures(book, "USD"), measure, factor)
    up, down = (value_in(bump(at, s * step), "USD") for s in (1, -1))
    left_out = {"INDEX.F", "GOLD.F", "GOLD.G", "EUR.F", "BOND.F", "BTC.PERP", "ODD.F", "MINUS.F"}
    if measure == "dv01":
        left_out |= {"O2", "O5"}
    for name, value in found.items():
        if name in left_out:
            continue
        expected = (up[name] - down[name]) / (2 * step) * size
        close = 3e-3 if measure == "vega" else 1e-4
        assert value == pytest.approx(expected, rel=close, abs=1e-4 * size), name


def test_delta_and_gamma_explain_a_move_of_the_spot() -> None:
    """A move of 2 % of the share: two terms of Taylor leave the third."""
    at, move = market(), 0.02
    found = unit_exposures(unit_book(instruments(), at, terms=KNOWN), "USD")
    delta, gamma = measured(found, "delta", "SHARE"), measured(found, "gamma", "SHARE")
    now, then = value_in(at, "USD"), value_in(spot("SHARE")(at, move), "USD")
    for name in found.instrument_ids:
        taylor = delta[name] * move + 0.5 * gamma[name] / 0.01 * move**2
        assert taylor == pytest.approx(then[name] - now[name], abs=2e-3 * abs(delta[name]) + 1e-9)
        if name == "SHARE":
            assert gamma[name] == 0.0


def test_vanna_and_volga_are_changes_of_delta_and_vega() -> None:
    at = market()
    book = unit_book(instruments(), at, terms=KNOWN)
    found = unit_exposures(book, "USD")
    step = 1e-4
    moved = [
        unit_exposures(
            unit_book(instruments(), volatilities("VOL.SHARE")(at, s * step), terms=KNOWN), "USD"
        )
        for s in (1, -1)
    ]
    for measure, of, factor in (("vanna", "delta", "SHARE"), ("volga", "vega", "VOL.SHARE")):
        up, down = (measured(each, of, factor) for each in moved)
        for name, value in measured(found, measure, factor).items():
            expected = (up[name] - down[name]) / (2 * step) * 0.01
            assert value == pytest.approx(expected, rel=2e-3, abs=1e-6), (measure, name)


def test_theta_is_the_value_of_tomorrow_in_the_market_of_today() -> None:
    """Money and shares earn nothing by waiting; a bond accrues its yield, less what it may lose."""
    book = unit_book(instruments(), market(), terms=KNOWN)
    found = measured(unit_exposures(book, "EUR"), "theta")
    assert found["CASH.EUR"] == found["SHARE"] == found["INDEX"] == 0.0
    bond = found["BOND"] * 365
    value = value_in(market(), "EUR")["BOND"]
    assert 0.0 < bond < 0.08 * value


def test_par_and_zero_ladders_agree_on_a_parallel_move() -> None:
    """The par ladder of a bond is spread otherwise and sums to nearly the same."""
    found = unit_exposures(unit_book(instruments(), market(), terms=KNOWN), "USD")
    zero, par = measured(found, "dv01"), measured(found, "dv01_par")
    assert par["BOND"] == pytest.approx(zero["BOND"], rel=0.05)
    assert zero["BOND"] < 0


def test_every_measure_is_described_and_some_unit_has_it() -> None:
    found = unit_exposures(unit_book(instruments(), market(), terms=KNOWN), "USD")
    seen = set(found.columns["measure"])
    assert seen == set(MEASURES) - {"beta"}
    assert all(each.bump and each.per and each.method for each in MEASURES.values())


def test_one_without_a_value_has_a_reason_and_a_row_of_zeros() -> None:
    terms = OptionDraw(1).terms("GOLD.G") | {"underlying_id": "MINUS.F", "instrument_id": "BAD"}
    bad = Option(**terms)  # type: ignore[arg-type]  # terms by name
    found = unit_exposures(unit_book([*instruments(), bad], market(), terms=KNOWN), "USD")
    row = list(found.instrument_ids).index(bad.instrument_id)
    assert not found.is_known[row]
    assert found.matrix[row].nnz == 0
    assert [failure.subject for failure in found.failures] == [bad.instrument_id]
    assert np.isfinite(found.matrix.data).all()
