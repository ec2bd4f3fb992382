"""Q U: gains of nodes a second way, exact sums, and the way between currencies."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from riskplatform.desk.holdings import holdings_of
from riskplatform.domain.instruments import Future, Instrument
from riskplatform.errors import UnknownNameError
from riskplatform.market.content import FloatArray
from riskplatform.market.fx import FxMatrix
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.pricing.units.book import unit_book, value_now
from riskplatform.simulation import own_set
from riskplatform.simulation.cube import UnitCube
from riskplatform.simulation.cube_build import CubeRequest
from riskplatform.simulation.cube_rows import LEADING
from riskplatform.store.cubes import CubeStore
from tests.pricing.units.listed_market import AS_OF, OptionDraw, basics
from tests.simulation.cube_world import (
    CONVENTIONS,
    WHOLE,
    bonds,
    book_of,
    built,
    random_holdings,
    rows_by_name,
    scenarios_for,
    world,
)

HALF_ULP = 2.0**-24
"""The relative error of one number stored in float32: 6e-8."""


def second_way() -> list[Instrument]:
    """Contracts for which a rebuilt market says all: options expire at nodes of their surface."""
    draw = OptionDraw(9)
    names = {"SHARE", "INDEX", "BTC", "CASH.EUR", "CASH.USD", "CASH.GBP", "FWD", "INDEX.F",
             "GOLD.F", "GOLD.G", "EUR.F", "ODD.F"}  # fmt: skip
    chosen = [one for one in basics() if one.instrument_id in names]
    made = [
        replace(kind(name), expiry=AS_OF + timedelta(days))
        for kind in (draw.european, draw.american)
        for name in ("SHARE", "GOLD.G")
        for days in (365, 730)
    ]
    return [*chosen, *bonds(), *made]


def model_price(market: MarketSnapshot, future: Future, gold: float) -> float:
    """What the market's parts say of a future, up to its basis; listed dividends are in that."""
    time = (future.expiry - AS_OF).days / 365
    curve = market.curve("USD.OIS")
    if future.underlying_id == "INDEX":
        grown = float(market.carry("DIV.INDEX").growth(time) / curve.discount(time))
        return market.price("INDEX") * grown
    if future.underlying_id == "EURUSD":
        earned = float(market.curve("EUR.OIS").discount(time))
        return market.fx.rate("EUR", "USD") * earned / float(curve.discount(time))
    if future.underlying_id == "GOLD":
        return gold * float(market.carry("DIV.GOLD").growth(time) / curve.discount(time))
    return market.price(future.instrument_id)


def moved_market(
    base: MarketSnapshot, moves: Mapping[str, float], futures: list[Future]
) -> MarketSnapshot:
    """The market of one scenario, put together from its parts."""

    def at(kind: str, name: str, times: FloatArray) -> FloatArray:
        return np.array([moves.get(f"{kind}.{name}@{time:.6g}", 0.0) for time in times])

    fx = FxMatrix(AS_OF, {
        code: base.fx.rate(code, "USD") * math.exp(moves.get(f"fx.{code}", 0.0))
        for code in base.fx.currencies
    })  # fmt: skip
    prices = {
        name: base.price(name) * math.exp(moves[f"spot.{name}"])
        for name in ("SHARE", "INDEX", "BTC", "ODD.F")
    }
    after = base.with_(
        fx=fx,
        curves={
            name: replace(curve, zero_rates=curve.zero_rates + at("zero", name, curve.times))
            for name, curve in base.curves.items()
        },
        credit_curves={
            name: replace(
                credit, hazard_rates=credit.hazard_rates * np.exp(at("hazard", name, credit.times))
            )
            for name, credit in base.credit_curves.items()
        },
        carries={
            name: replace(each, yields=each.yields + at("carry", name, each.times))
            for name, each in base.carries.items()
        },
        surfaces={
            name: replace(each, vols=each.vols + at("vol", name, each.expiries)[:, None])
            for name, each in base.surfaces.items()
        },
        prices=prices,
    )
    gold = math.exp(moves["spot.GOLD"])
    quotes = {
        each.instrument_id: base.price(each.instrument_id)
        * model_price(after, each, gold)
        / model_price(base, each, 1.0)
        for each in futures
        if each.underlying_id in ("INDEX", "EURUSD", "GOLD")
    }
    return after.with_(prices=quotes)


POSITIONS = pd.DataFrame(
    [
        ("growth", "SHARE", 1200.0, 0.0), ("growth", "GOVT", 30_000.0, 0.0),
        ("growth", "CASH.EUR", -5_000.0, 0.0), ("growth", "INDEX.F", -3.0, 786_000.0),
        ("growth", "O1", 15.0, 0.0), ("growth", "CORP", -8_000.0, 0.0),
        ("macro", "INDEX.F", 5.0, -1_300_000.0), ("macro", "GOLD.G", 4.0, -480_000.0),
        ("macro", "EUR.F", -2.0, 100.0), ("macro", "ODD.F", 7.0, 0.0),
        ("macro", "O3", -20.0, 0.0), ("macro", "O5", 11.0, 0.0), ("macro", "O8", 9.0, 0.0),
        ("macro", "FWD", 100_000.0, 0.0), ("macro", "TINY", 900.0, 0.0),
        ("macro", "CASH.GBP", 1_234.5, 0.0), ("macro", "BTC", 0.25, 0.0),
    ],
    columns=["portfolio_id", "instrument_id", "quantity", "balance"],
)  # fmt: skip


def market_for(smile: str) -> MarketSnapshot:
    """With its smiles, or with the volatility of the middle at every strike."""
    base = world()
    if smile == "smile":
        return base
    surfaces = {
        name: replace(each, vols=np.repeat(each.vols[:, 2:3], each.vols.shape[1], axis=1))
        for name, each in base.surfaces.items()
    }
    return base.with_(surfaces=surfaces)


@pytest.mark.slow
@pytest.mark.parametrize("base_currency", ["USD", "EUR"])
@pytest.mark.parametrize("smile", ["smile", "flat"])
def test_gains_of_nodes_by_valuing_each_scenario_in_a_market_of_its_own(
    store: CubeStore, smile: str, base_currency: str
) -> None:
    """Within the float32 error of each unit's gain and of each currency's move.

    Shifts of volatility are added to what is read off a smile, and a market's smile is read
    between its points in variance: the two are the same where the smile is flat, which no skew
    leaves it.
    """
    wanted = second_way()
    base = market_for(smile)
    book = book_of(wanted, base)
    drawn_set = scenarios_for(book, 12)
    moves = np.array(drawn_set.moves)
    types = ("basis", "skew", "vol") if smile == "smile" else ("basis", "skew")
    moves[:, [i for i, name in enumerate(drawn_set.factor_ids) if name.startswith(types)]] = 0.0
    scenarios = own_set(drawn_set.axis, moves)
    found, _ = built(store, CubeRequest(book, scenarios, 0))
    held, nodes, missing = holdings_of(POSITIONS, found)
    assert (nodes, missing) == (("growth", "macro"), ())
    gains = found.profits(held, base_currency)

    futures = [one for one in wanted if isinstance(one, Future)]
    names = found.instrument_ids

    def worth(market: MarketSnapshot) -> tuple[FloatArray, FloatArray]:
        terms = {one.instrument_id: one for one in [*basics(), *wanted]}
        rates = market.fx.rates(found.currencies, base_currency)
        return value_now(unit_book(wanted, market, CONVENTIONS, terms=terms)).values[:, 0], rates

    now, rate = worth(base)
    for scenario, row in enumerate(moves):
        market = moved_market(base, dict(zip(scenarios.factor_ids, row, strict=True)), futures)
        later, later_rate = worth(market)
        expected, bound = np.zeros(2), np.zeros(2)
        for line in POSITIONS.itertuples():
            place, node = names.index(line.instrument_id), nodes.index(line.portfolio_id)
            before, after = now[place], later[place]
            at, then = rate[place], later_rate[place]
            expected[node] += line.quantity * (after * then - before * at)
            expected[node] += line.balance * (then - at)
            size = abs(line.quantity)
            bound[node] += size * then * 2 * HALF_ULP * abs(after - before)
            bound[node] += (size * abs(before) + abs(line.balance)) * 4 * HALF_ULP * abs(then - at)
            bound[node] += (size * abs(before) + abs(line.balance)) * 1e-11 * at
        assert (np.abs(gains[:, scenario] - expected) <= bound).all()
        assert (np.abs(gains[:, scenario]) > 1e3 * bound).all()


def test_sums_are_made_in_double_precision(everything: UnitCube) -> None:
    """Against exact sums of the stored numbers; float32 sums would err a million times more."""
    names = [i for i, code in enumerate(everything.currencies) if code == "USD"]
    quantities = np.random.default_rng(3).normal(0, 1e7, len(names))
    held = sparse.csr_matrix(
        (quantities, (np.zeros(len(names), int), names)), (1, len(everything.instrument_ids))
    )
    rows = np.array([rows_by_name(everything)[everything.instrument_ids[i]] for i in names])
    for scenario, gain in enumerate(everything.profits(held, "USD")[0]):
        parts = quantities * rows[:, LEADING + scenario].astype(np.float64)
        assert gain == pytest.approx(math.fsum(parts), abs=1e-14 * np.abs(parts).sum())


def test_there_and_back_between_currencies(everything: UnitCube) -> None:
    """A gain in euros, turned into dollars at the scenario's rate, is the gain in dollars."""
    dollars, euros = everything.units("USD"), everything.units("EUR")
    move = rows_by_name(everything)["currency EUR"][LEADING:].astype(np.float64)
    rate = WHOLE.market.fx.rate("EUR", "USD")
    value = np.array([
        amount * WHOLE.market.fx.rate(code, "EUR")
        for amount, code in zip(everything.values(), everything.currencies, strict=True)
    ])  # fmt: skip
    back = (value[:, None] + euros) * rate * (1 + move) - value[:, None] * rate
    scale = np.abs(value[:, None] * rate) + np.abs(dollars)
    assert (np.abs(back - dollars) <= 1e-13 * scale).all()


def test_gains_in_its_own_currency_are_the_stored_ones(everything: UnitCube) -> None:
    for currency in ("USD", "EUR"):
        mine = [i for i, code in enumerate(everything.currencies) if code == currency]
        names = [everything.instrument_ids[i] for i in mine]
        stored = np.array([rows_by_name(everything)[name][LEADING:] for name in names])
        np.testing.assert_array_equal(everything.units(currency)[mine], stored)


@given(seed=st.integers(0, 10_000))
def test_adding_and_taking_away_gives_the_same_bits(everything: UnitCube, seed: int) -> None:
    width = len(everything.instrument_ids)
    held, more = random_holdings(3, width, seed), random_holdings(3, width, seed + 1)
    base = everything.profits(held, "EUR")
    np.testing.assert_array_equal(everything.profits(held + more - more, "EUR"), base)
    both = everything.profits(held + more, "EUR")
    apart = base + everything.profits(more, "EUR")
    assert both == pytest.approx(apart, rel=1e-11, abs=1e-12 * np.abs(apart).max())


@given(seed=st.integers(0, 10_000))
def test_a_node_gains_the_same_in_any_company(everything: UnitCube, seed: int) -> None:
    held = random_holdings(4, len(everything.instrument_ids), seed)
    together = everything.profits(held, "GBP")
    for node in range(4):
        np.testing.assert_array_equal(everything.profits(held[node], "GBP")[0], together[node])


def test_a_base_currency_without_a_rate_is_named(everything: UnitCube) -> None:
    with pytest.raises(UnknownNameError, match="'JPY'"):
        everything.units("JPY")
    with pytest.raises(UnknownNameError, match="'GOVTX'"):
        everything.place("GOVTX")
    assert everything.instrument_ids[everything.place("GOVT")] == "GOVT"
