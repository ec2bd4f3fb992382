"""The unit P&L cube: its properties, its numbers a second way, and what is computed again when."""

from __future__ import annotations

import hashlib
import math
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from riskplatform.desk.cubing import holdings_of
from riskplatform.domain.instruments import Equity, FixedBond, Future, Instrument
from riskplatform.domain.outcome import FailureReason
from riskplatform.errors import DamagedStoreError, DataError, UnknownNameError
from riskplatform.market.content import FloatArray
from riskplatform.market.fx import FxMatrix
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.pricing.units.book import carry, unit_book, value_now
from riskplatform.pricing.units.engine import value_states
from riskplatform.simulation import Gaussian, MoveKind, factor_axis, monte_carlo_plan, own_set
from riskplatform.simulation.cube import UnitCube
from riskplatform.simulation.cube_build import CubeRequest, build_cube, open_cube
from riskplatform.simulation.cube_rows import LEADING, PIECE, RowMaker
from riskplatform.simulation.nodes import state_maker
from riskplatform.simulation.own import zero_set
from riskplatform.simulation.plan import ScenarioPlan
from riskplatform.simulation.scenario_set import ScenarioSet
from riskplatform.store.cubes import CubeStore
from riskplatform.store.cubes.manifest import DATA_FILE
from tests.pricing.units.listed_market import AS_OF, OptionDraw, basics, listed_market
from tests.simulation.cube_world import (
    CONVENTIONS,
    SIZES,
    bonds,
    book_of,
    built,
    instruments,
    options,
    request_of,
    rows_by_name,
    scenarios_for,
    world,
)

EVERYTHING = instruments()
WHOLE = book_of(EVERYTHING)
SCENARIOS = scenarios_for(WHOLE, 40)
HALF_ULP = 2.0**-24
"""The relative error of one number stored in float32: 6e-8."""


@pytest.fixture
def store(tmp_path: Path) -> CubeStore:
    return CubeStore(tmp_path / "cubes")


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> UnitCube:
    """A cube that no test changes."""
    folder = CubeStore(tmp_path_factory.mktemp("cubes"))
    return built(folder, CubeRequest(WHOLE, SCENARIOS, 1))[0]


def maker_for(
    wanted: list[Instrument], scenarios: ScenarioSet | ScenarioPlan, days: int = 1
) -> RowMaker:
    book = book_of(wanted)
    return RowMaker(book, state_maker(book.layout, scenarios.facts.axis), scenarios, days)


def all_rows(maker: RowMaker) -> dict[str, np.ndarray]:
    names = [unit.instrument_id for unit in maker.book.units]
    return dict(zip(names, maker.rows(range(len(names)))[0], strict=True))


def sha256(store: CubeStore, found: UnitCube) -> str:
    return hashlib.sha256((store.folder / found.cube_id / DATA_FILE).read_bytes()).hexdigest()


def random_holdings(nodes: int, width: int, seed: int = 2) -> sparse.csr_matrix:
    rng = np.random.default_rng(seed)
    dense = np.round(rng.normal(0, 1000, (nodes, width))) * (rng.random((nodes, width)) < 0.6)
    return sparse.csr_matrix(dense)


# --- columns and rows ---------------------------------------------------------------------


@pytest.mark.parametrize("days", [0, 1, 10])
def test_without_a_move_there_is_the_passing_of_time(store: CubeStore, days: int) -> None:
    """Bit for bit the column of time, which is the carry of the pricing room."""
    request = CubeRequest(WHOLE, zero_set(SCENARIOS.axis), days)
    found, _ = built(store, request)
    units = np.asarray(found.cube.values)[len(request.key["currencies"]) :]
    np.testing.assert_array_equal(units[:, LEADING], units[:, 1])
    np.testing.assert_array_equal(found.time(), carry(WHOLE, days).total.astype(np.float32))
    np.testing.assert_array_equal(found.values(), value_now(WHOLE).values[:, 0].astype(np.float32))
    assert (found.time() != 0).any() == (days > 0)


def test_a_row_is_the_change_of_value_rounded_once(everything: UnitCube) -> None:
    """So the error of a number is at most 6e-8 of it, whatever the unit is worth."""
    states = state_maker(WHOLE.layout, SCENARIOS.axis).states(SCENARIOS.moves)
    later = value_states(WHOLE.plan(1), states)
    exact = later.values + later.cash[:, None] - value_now(WHOLE).values
    stored = np.array([rows_by_name(everything)[name] for name in everything.instrument_ids])
    np.testing.assert_array_equal(stored[:, LEADING:], exact.astype(np.float32))
    assert (np.abs(stored[:, LEADING:] - exact) <= HALF_ULP * np.abs(exact)).all()


@settings(max_examples=15)
@given(order=st.permutations(range(12)))
def test_permuted_scenarios_permute_the_columns(order: list[int]) -> None:
    twelve = SCENARIOS.subset(range(12))
    plain, permuted = (
        all_rows(maker_for(EVERYTHING, each)) for each in (twelve, twelve.permuted(order))
    )
    for name, row in plain.items():
        np.testing.assert_array_equal(permuted[name][LEADING:], row[LEADING:][order])


@settings(max_examples=15)
@given(order=st.permutations(range(len(EVERYTHING))))
def test_permuted_instruments_permute_the_rows(order: list[int]) -> None:
    six = SCENARIOS.subset(range(6))
    plain = all_rows(maker_for(EVERYTHING, six))
    for name, row in all_rows(maker_for([EVERYTHING[i] for i in order], six)).items():
        np.testing.assert_array_equal(row, plain[name])


@settings(max_examples=15)
@given(which=st.lists(st.booleans(), min_size=len(EVERYTHING), max_size=len(EVERYTHING)))
def test_two_books_together_have_the_rows_of_both(which: list[bool]) -> None:
    six = SCENARIOS.subset(range(6))
    together = all_rows(maker_for(EVERYTHING, six))
    parts: dict[str, np.ndarray] = {}
    for chosen in (True, False):
        part = [one for one, taken in zip(EVERYTHING, which, strict=True) if taken is chosen]
        parts |= all_rows(maker_for(part, six)) if part else {}
    assert parts.keys() == together.keys()
    for name, row in together.items():
        np.testing.assert_array_equal(parts[name], row)


def test_blocks_of_any_length_give_the_same_file(tmp_path: Path) -> None:
    request = request_of(EVERYTHING, SCENARIOS)
    sums = set()
    for rows in (1, 5, 256):
        store = CubeStore(tmp_path / str(rows))
        sums.add(sha256(store, built(store, request, block_rows=rows)[0]))
    assert len(sums) == 1


def drawn(count: int) -> ScenarioPlan:
    sizes = np.array([SIZES[name.split(".")[0]] for name in SCENARIOS.factor_ids])
    recipe = Gaussian(scenarios=count)
    return monte_carlo_plan(SCENARIOS.axis, np.diag(sizes**2), recipe, seed=11)


def test_a_set_drawn_on_the_way_gives_the_file_of_the_whole_set(tmp_path: Path) -> None:
    plan = replace(drawn(2 * PIECE + 300), block_size=700)
    found = []
    for name, scenarios in (("plan", plan), ("set", plan.materialise())):
        store = CubeStore(tmp_path / name)
        cube, _ = built(store, CubeRequest(book_of(bonds()), scenarios, 1))
        found.append((cube.cube_id, sha256(store, cube), cube.labels, cube.weights.tolist()))
    assert found[0] == found[1]


_IN_A_PROCESS = """
import sys
from tests.simulation.test_cube import CubeRequest, CubeStore, book_of, built, drawn, options
from tests.simulation.test_cube import sha256
store = CubeStore(sys.argv[1])
found, _ = built(store, CubeRequest(book_of(options(2)), drawn(1500), 1))
print(found.cube_id, sha256(store, found))
"""


@pytest.mark.slow
def test_a_seed_gives_the_same_bits_in_every_process(tmp_path: Path, repo_root: Path) -> None:
    answers = set()
    for number in (1, 2):
        run = subprocess.run(
            [sys.executable, "-c", _IN_A_PROCESS, str(tmp_path / str(number))],
            cwd=repo_root, env={**os.environ, "PYTHONHASHSEED": str(number)},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        answers.add(run.stdout)
    store = CubeStore(tmp_path / "here")
    found, _ = built(store, CubeRequest(book_of(options(2)), drawn(1500), 1))
    assert answers == {f"{found.cube_id} {sha256(store, found)}\n"}


def test_rows_stand_in_the_order_of_the_book(store: CubeStore, everything: UnitCube) -> None:
    """Also when that is not the order of the alphabet, and with currencies to match."""
    assert everything.instrument_ids == tuple(unit.instrument_id for unit in WHOLE.units)
    assert everything.currencies == tuple(unit.currency for unit in WHOLE.units)
    assert everything.instrument_ids != tuple(sorted(everything.instrument_ids))
    backwards, engine = built(store, request_of(EVERYTHING[::-1], SCENARIOS))
    assert len(engine.units) == len(EVERYTHING)
    again, engine = built(store, CubeRequest(WHOLE, SCENARIOS, 1))
    assert (engine.units, again.instrument_ids) == ([], backwards.instrument_ids)
    assert again.instrument_ids == everything.instrument_ids[::-1]
    assert again.currencies == everything.currencies[::-1]
    np.testing.assert_array_equal(again.units("EUR")[::-1], everything.units("EUR"))


# --- Q U ----------------------------------------------------------------------------------


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


@pytest.mark.parametrize("base_currency", ["USD", "EUR"])
@pytest.mark.parametrize("smile", ["smile", "flat"])
def test_gains_of_nodes_by_valuing_each_scenario_in_a_market_of_its_own(
    store: CubeStore, smile: str, base_currency: str
) -> None:
    """Within the float32 error of each unit's gain and of each currency's move.

    Shifts of volatility are added to what is read off a smile, and a market's smile is read
    between its points in variance: the two are the same where the smile is flat.
    """
    wanted = second_way()
    base = market_for(smile)
    book = book_of(wanted, base)
    drawn_set = scenarios_for(book, 12)
    moves = np.array(drawn_set.moves)
    types = ("basis", "vol") if smile == "smile" else ("basis",)
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


# --- partial failure ----------------------------------------------------------------------


def falling(count: int = 12) -> ScenarioSet:
    """In scenario 7 the share falls below zero."""
    axis = factor_axis(["spot.SHARE", "fx.EUR"], AS_OF, [MoveKind.ABSOLUTE, MoveKind.LOG])
    moves = np.random.default_rng(4).normal(0, 0.01, (count, 2))
    moves[7, 0] = -150.0
    return own_set(axis, moves)


def broken_names() -> set[str]:
    wanted = [one for one in EVERYTHING if getattr(one, "underlying_id", "") == "SHARE"]
    return {"SHARE", *(one.instrument_id for one in wanted)}


def check_broken(found: UnitCube) -> None:
    names = broken_names() & set(found.instrument_ids)
    assert names
    assert {failure.subject for failure in found.failures} == names
    assert {failure.reason for failure in found.failures} == {FailureReason.CALCULATION_FAILED}
    for failure in found.failures:
        assert f"{failure.subject} has no value in 1 of 12 scenarios, the first is number 8: " in (
            failure.message
        )
    for name, row in rows_by_name(found).items():
        assert np.isnan(row).all() == (name in names)
        assert np.isfinite(row).all() == (name not in names)
    assert found.coverage.done == len(found.instrument_ids) - len(names)
    held = random_holdings(2, len(found.instrument_ids))
    left = held.toarray()
    places = [found.place(name) for name in names]
    left[:, places] = 0.0
    without = sparse.csr_matrix(left)
    np.testing.assert_array_equal(found.profits(held, "USD"), found.profits(without, "USD"))
    assert set(found.not_covered(held)) == set(np.flatnonzero(held.getnnz(axis=0))) & set(places)
    assert found.not_covered(without).size == 0


def test_a_unit_that_fails_in_one_scenario_is_left_out_by_name(store: CubeStore) -> None:
    check_broken(built(store, request_of(EVERYTHING, falling()))[0])


class StopError(Exception):
    pass


def stop_after(blocks: int) -> object:
    calls = []

    def progress(done: int, total: int) -> None:
        calls.append(done)
        if len(calls) > blocks:
            raise StopError

    return progress


def test_its_reason_survives_an_interruption(store: CubeStore, tmp_path: Path) -> None:
    request = request_of(EVERYTHING, falling())
    with pytest.raises(StopError):
        built(store, request, progress=stop_after(3))
    found, engine = built(store, request)
    assert 0 < len(engine.units) < len(EVERYTHING)
    check_broken(found)
    whole, _ = built(CubeStore(tmp_path / "other"), request)
    assert found.failures == whole.failures


def test_its_reason_is_copied_with_its_row(store: CubeStore) -> None:
    before, _ = built(store, request_of(EVERYTHING[:-1], falling()))
    found, engine = built(store, request_of(EVERYTHING, falling()))
    assert engine.units == [EVERYTHING[-1].instrument_id]
    check_broken(found)
    assert {f.subject: f.message for f in before.failures}.items() <= {
        f.subject: f.message for f in found.failures
    }.items()


def test_a_unit_that_cannot_be_described_is_a_failure_of_the_cube(store: CubeStore) -> None:
    lost = Equity(instrument_id="LOST", name="Lost", currency="USD")
    found, _ = built(store, request_of([*bonds(), lost], SCENARIOS))
    assert [(f.subject, f.reason) for f in found.failures] == [("LOST", FailureReason.MISSING_DATA)]
    assert (found.coverage.done, found.coverage.total) == (len(bonds()), len(bonds()) + 1)


def test_a_currency_without_a_rate_spoils_only_its_own(store: CubeStore) -> None:
    yen = Equity(instrument_id="YEN", name="Yen", currency="JPY")
    book = book_of([*bonds(), yen], world().with_(prices={"YEN": 500.0}))
    found, _ = built(store, CubeRequest(book, SCENARIOS, 1))
    assert [(f.subject, f.reason) for f in found.failures] == [("YEN", FailureReason.MISSING_DATA)]
    assert "JPY, which has no exchange rate" in found.failures[0].message
    assert found.coverage.done == len(bonds())
    one_each = sparse.csr_matrix(np.ones((1, len(found.instrument_ids))))
    assert found.not_covered(one_each).tolist() == [found.place("YEN")]
    expected = found.units("USD")
    assert (expected[found.place("YEN")] == 0).all()
    assert found.profits(one_each, "USD")[0] == pytest.approx(expected.sum(axis=0), rel=1e-12)


def test_nothing_to_price_is_refused() -> None:
    lost = Equity(instrument_id="LOST", name="Lost", currency="USD")
    with pytest.raises(DataError, match="nothing to build"):
        request_of([lost], SCENARIOS)


def test_numbers_that_no_factor_moves_are_noted(store: CubeStore) -> None:
    found, _ = built(store, request_of(bonds(), falling()))
    still = found.cube.notes["still"]
    assert "zero.USD.GOVT@5" in still
    assert "fx.EUR" not in still


# --- what is computed again when ----------------------------------------------------------


def test_a_second_build_opens_what_is_there(store: CubeStore) -> None:
    first, engine = built(store, CubeRequest(WHOLE, SCENARIOS, 1))
    assert sorted(engine.units) == sorted(first.instrument_ids)
    again, engine = built(store, CubeRequest(book_of(EVERYTHING), scenarios_for(WHOLE, 40), 1))
    assert (engine.parts, engine.units) == (0, [])
    assert again.cube_id == first.cube_id
    assert store.list() == (first.cube_id,)


def changed_book() -> list[Instrument]:
    """One bond pays more, one option is gone, one share is new."""
    changed = [
        replace(one, coupon_rate=0.05) if isinstance(one, FixedBond) and one.instrument_id == "BUND"
        else one
        for one in EVERYTHING[:-1]
    ]  # fmt: skip
    return [*changed, replace(OptionDraw(77).european("INDEX"), instrument_id="NEW")]


def test_only_what_changed_is_computed_and_the_file_is_as_from_scratch(
    store: CubeStore, tmp_path: Path
) -> None:
    built(store, request_of(EVERYTHING, SCENARIOS))
    request = request_of(changed_book(), SCENARIOS)
    found, engine = built(store, request)
    assert set(engine.units) == {"BUND", "NEW"}
    other = CubeStore(tmp_path / "scratch")
    scratch, engine = built(other, request)
    assert len(engine.units) == len(EVERYTHING)
    assert sha256(store, found) == sha256(other, scratch)
    assert found.failures == scratch.failures


@pytest.mark.parametrize("what", ["scenarios", "horizon", "market", "conventions"])
def test_what_changes_every_number_is_computed_anew(store: CubeStore, what: str) -> None:
    built(store, CubeRequest(WHOLE, SCENARIOS, 1))
    scenarios = scenarios_for(WHOLE, 40, seed=2) if what == "scenarios" else SCENARIOS
    market = listed_market() if what != "market" else listed_market().with_(prices={"BTC": 5e4})
    wanted = [one for one in EVERYTHING if one.instrument_id != "CORP"]
    book = book_of(wanted, market.with_(credit_curves=world().credit_curves))
    if what == "conventions":
        terms = {one.instrument_id: one for one in [*basics(), *wanted]}
        book = unit_book(wanted, book.market, terms=terms)
    _, engine = built(store, CubeRequest(book, scenarios, 2 if what == "horizon" else 1))
    assert len(engine.units) == len(wanted)


def test_a_damaged_older_cube_is_no_source_and_no_obstacle(store: CubeStore) -> None:
    old, _ = built(store, request_of(EVERYTHING[:-1], SCENARIOS))
    data = store.folder / old.cube_id / DATA_FILE
    content = bytearray(data.read_bytes())
    content[-9] ^= 64
    data.write_bytes(content)
    found, engine = built(store, request_of(EVERYTHING, SCENARIOS))
    assert len(engine.units) == len(EVERYTHING)
    assert np.isfinite(found.units("USD")).all()
    with pytest.raises(DamagedStoreError):
        open_cube(store, old.cube_id)


def test_stopping_keeps_the_blocks_that_are_done(store: CubeStore, tmp_path: Path) -> None:
    request = CubeRequest(WHOLE, SCENARIOS, 1)
    with pytest.raises(StopError):
        built(store, request, progress=stop_after(2))
    assert (store.list(), store.list_partial()) == ((), (request.cube_id,))
    seen: list[tuple[int, int]] = []
    found, engine = built(store, request, progress=lambda *at: seen.append(at))
    rows = len(request.row_ids)
    assert seen[0] == (16, rows)
    assert seen[-1] == (rows, rows)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert len(engine.units) == rows - 16
    other = CubeStore(tmp_path / "other")
    assert sha256(store, found) == sha256(other, built(other, request)[0])


def test_weights_of_the_set_are_those_of_the_cube(store: CubeStore) -> None:
    weights = np.arange(1.0, 13.0) / 78.0
    weighted = own_set(falling().axis, falling().moves, weights=weights)
    assert built(store, request_of(bonds(), weighted))[0].weights.tolist() == weights.tolist()
    plain, _ = built(store, request_of(bonds(), falling()))
    assert plain.weights.tolist() == falling().weights.tolist()


def test_a_cube_of_another_kind_is_not_opened_as_one(store: CubeStore) -> None:
    with store.create({"what": "something else"}, ["a"], ["b"]) as part:
        part.write_block(0, np.zeros((1, 1), dtype=np.float32))
        part.commit()
    with pytest.raises(DamagedStoreError, match="not of unit profit and loss"):
        open_cube(store, store.list()[0])


def test_the_engine_is_local_unless_another_is_asked_for(store: CubeStore) -> None:
    request = request_of(bonds(), SCENARIOS)
    assert build_cube(store, request).cube_id == request.cube_id
