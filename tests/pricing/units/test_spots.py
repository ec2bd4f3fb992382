"""Spots, futures and perpetuals: today their quotes, later and elsewhere what carry says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from riskplatform.domain.instruments import FutureFamily
from riskplatform.pricing.exposures.units import UnitExposures, unit_exposures
from riskplatform.pricing.units.book import unit_book, value_now
from riskplatform.pricing.units.engine import value_states
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.pricing.units.sensitivities import gradient
from tests.pricing.units.listed_market import (
    AS_OF,
    PRICES,
    OptionDraw,
    basics,
    future,
    listed_market,
)


def test_today_everything_is_worth_its_quote() -> None:
    book = unit_book(basics(), listed_market())
    assert book.coverage.is_complete
    found = value_now(book)
    for name, value in zip(found.instrument_ids, found.values[:, 0].tolist(), strict=True):
        if name in PRICES:
            size = 50 if name.endswith((".F", ".G")) else 1
            assert value == pytest.approx(PRICES[name] * size, rel=1e-13), name


def test_contracts_on_one_underlying_share_its_spot() -> None:
    """Only futures quote gold, so the nearest says what spot is, and both follow it."""
    book = unit_book(basics(), listed_market())
    states = book.layout.states(2)
    states[1, book.layout.place(NodeKind.SPOT, "GOLD")] += np.log(1.1)
    found = value_states(book.plan(), states)
    names = list(found.instrument_ids)
    for name in ("GOLD.F", "GOLD.G"):
        now, then = found.values[names.index(name)]
        assert then == pytest.approx(1.1 * now, rel=1e-13)
    alone = unit_book(
        [each for each in basics() if each.instrument_id == "GOLD.G"], listed_market()
    )
    states = alone.layout.states(1)
    states[0, alone.layout.place(NodeKind.SPOT, "GOLD")] += np.log(1.1)
    moved = value_states(alone.plan(), states).values[0, 0]
    # The spot is read off another contract here, and the move is the same.
    assert moved == pytest.approx(50 * PRICES["GOLD.G"] * 1.1, rel=1e-13)


def test_an_index_future_pays_carry_and_keeps_its_basis() -> None:
    """Rates up by 1 %: the price grows by the time to delivery times that."""
    contract = future("INDEX.F", FutureFamily.EQUITY_INDEX, "INDEX")
    market = listed_market()
    carry = market.carry("DIV.INDEX")
    plain = market.with_(carries={"DIV.INDEX": replace(carry, dividend_times=np.empty(0),
                                                       dividend_amounts=np.empty(0))})  # fmt: skip
    book = unit_book([contract], plain)
    states = book.layout.states(1)
    states[0, book.layout.place(NodeKind.ZERO, "USD.OIS")] += 0.01
    time = (contract.expiry - AS_OF).days / 365
    expected = 50 * PRICES["INDEX.F"] * np.exp(0.01 * time)
    assert value_states(book.plan(), states).values[0, 0] == pytest.approx(expected, rel=1e-12)


def test_a_future_arrives_at_spot_times_basis() -> None:
    contract = future("INDEX.F", FutureFamily.EQUITY_INDEX, "INDEX")
    book = unit_book([contract], listed_market())
    days = (contract.expiry - AS_OF).days
    basis = book.layout.base[book.layout.place(NodeKind.BASIS, "INDEX.F")][0]
    for horizon in (days, days + 90):
        value = value_states(book.plan(horizon), book.layout.states(1)).values[0, 0]
        assert value == pytest.approx(50 * PRICES["INDEX"] * np.exp(basis), rel=1e-12)


def test_a_currency_future_is_on_the_other_currency_however_the_pair_is_named() -> None:
    market = listed_market().with_(prices={"GBPUSD": 1.27, "USDGBP": 1 / 1.27, "GBP.F": 1.28})
    market = market.with_(curves={"GBP.OIS": replace(market.curve("EUR.OIS"), curve_id="GBP.OIS")})
    for pair in ("GBPUSD", "USDGBP"):
        book = unit_book([future("GBP.F", FutureFamily.FX, pair)], market)
        states = book.layout.states(1)
        states[0, book.layout.place(NodeKind.FX, "GBP")] += np.log(1.05)
        value = value_states(book.plan(), states).values[0, 0]
        assert value == pytest.approx(50 * 1.28 * 1.05, rel=1e-12)


def test_a_bond_future_moves_with_its_curve() -> None:
    """Against the notional bond priced by hand on a shifted curve."""
    contract = future("BOND.F", FutureFamily.BOND, "USD.GOVT", expiry=date(2026, 12, 15),
                      notional_years=10)  # fmt: skip
    market = listed_market()
    book = unit_book([contract], market)
    found = gradient(book.plan(), book.layout.base)
    dv01 = found.of(NodeKind.ZERO, "USD.GOVT").sum() * 1e-4
    curve = market.curve("USD.GOVT")
    delivered = (date(2026, 12, 15) - AS_OF).days / 365
    coupons = [date(2027 + k // 2, 6 if k % 2 == 0 else 12, 15) for k in range(20)]
    times = np.array([(day - AS_OF).days for day in coupons]) / 365

    def forward(shift_bp: float) -> float:
        moved = curve.shifted(shift_bp)
        flows = np.full(20, 3.0) + np.where(np.arange(20) == 19, 100.0, 0.0)
        return float((flows * moved.discount(times)).sum() / moved.discount(delivered))

    expected = 50 * PRICES["BOND.F"] * (forward(1) - forward(-1)) / 2 / forward(0)
    # Coupons on a weekend are paid on the Monday.
    assert dv01 == pytest.approx(expected, rel=2e-4)
    assert -dv01 / (50 * PRICES["BOND.F"]) == pytest.approx(7.5e-4, abs=0.5e-4)


def test_without_a_model_a_contract_follows_its_own_quote() -> None:
    book = unit_book(basics(), listed_market())
    found = gradient(book.plan(), book.layout.base)
    names = list(found.plan.instrument_ids)
    odd, minus = names.index("ODD.F"), names.index("MINUS.F")
    assert found.of(NodeKind.SPOT, "ODD.F")[odd, 0] == pytest.approx(50 * 77.0)
    assert found.of(NodeKind.PRICE, "MINUS.F")[minus, 0] == pytest.approx(50.0)
    states = book.layout.states(1)
    states[0, book.layout.place(NodeKind.PRICE, "MINUS.F")] += 40.0
    value = value_states(book.plan(), states).values[minus, 0]
    assert value == pytest.approx(50 * (40.0 - 37.6))


def test_derivatives_are_those_of_the_values() -> None:
    """Every number of the state, every kind, European options and barriers among them."""
    draw = OptionDraw(2)
    options = [draw.european(name) for name in ("SHARE", "INDEX", "EURUSD", "BTC", "GOLD.G")]
    options += [draw.barrier(name) for name in ("SHARE", "EURUSD", "GOLD.G")]
    terms = {each.instrument_id: each for each in basics()}
    book = unit_book([*basics(), *options], listed_market(), terms=terms)
    plan, base = book.plan(), book.layout.base
    step = 1e-5
    moves = np.eye(book.layout.size) * step
    up, down = (value_states(plan, base + move).values for move in (moves, -moves))
    differences = (up - down) / (2 * step)
    found = gradient(plan, base)
    assert found.is_known.all()
    size = np.abs(value_now(book).values) + np.array([[float(PRICES["INDEX"])]])
    # Barriers are differences themselves, of a tenth of a point of volatility.
    allowed = 1e-5 * np.abs(differences) + 1e-6 * size
    assert (np.abs(found.by_node - differences) <= allowed).all()


def test_the_three_of_a_currency_round_trip() -> None:
    """The value of a euro asset in dollars, and back, and its exposure to the pair either way."""
    book = unit_book(basics(), listed_market())
    in_usd, in_eur = (unit_exposures(book, currency) for currency in ("USD", "EUR"))
    assert in_usd.values == pytest.approx(in_eur.values * 1.08, rel=1e-13)

    def fx(found: UnitExposures, currency: str) -> float:
        frame = found.to_frame()
        mine = frame[(frame["measure"] == "fx_delta") & (frame["factor_id"] == currency)]
        return float(mine.loc[mine["instrument_id"] == "SHARE", "value"].sum())

    assert fx(in_usd, "EUR") == pytest.approx(PRICES["SHARE"] * 1.08)
    assert fx(in_eur, "USD") == 0.0
