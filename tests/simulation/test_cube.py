"""The unit P&L cube: its columns and rows, and units without a value."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from riskplatform.domain.instruments import Equity, Instrument
from riskplatform.domain.outcome import FailureReason
from riskplatform.errors import DataError
from riskplatform.pricing.units.book import carry, value_now
from riskplatform.pricing.units.engine import value_states
from riskplatform.simulation.cube import UnitCube
from riskplatform.simulation.cube_build import CubeRequest
from riskplatform.simulation.cube_rows import LEADING, PIECE, RowMaker
from riskplatform.simulation.nodes import state_maker
from riskplatform.simulation.own import zero_set
from riskplatform.simulation.plan import ScenarioPlan
from riskplatform.simulation.scenario_set import ScenarioSet
from riskplatform.store.cubes import CubeStore
from tests.simulation.cube_world import (
    EVERYTHING,
    SCENARIOS,
    WHOLE,
    StopError,
    bonds,
    book_of,
    built,
    drawn,
    falling,
    options,
    random_holdings,
    request_of,
    rows_by_name,
    sha256,
    stop_after,
    world,
)

HALF_ULP = 2.0**-24
"""The relative error of one number stored in float32: 6e-8."""


def maker_for(
    wanted: list[Instrument], scenarios: ScenarioSet | ScenarioPlan, days: int = 1
) -> RowMaker:
    book = book_of(wanted)
    return RowMaker(book, state_maker(book.layout, scenarios.facts.axis), scenarios, days)


def all_rows(maker: RowMaker) -> dict[str, np.ndarray]:
    names = [unit.instrument_id for unit in maker.book.units]
    return dict(zip(names, maker.rows(range(len(names)))[0], strict=True))


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


@pytest.mark.slow
@settings(max_examples=15)
@given(order=st.permutations(range(12)))
def test_permuted_scenarios_permute_the_columns(order: list[int]) -> None:
    twelve = SCENARIOS.subset(range(12))
    plain, permuted = (
        all_rows(maker_for(EVERYTHING, each)) for each in (twelve, twelve.permuted(order))
    )
    for name, row in plain.items():
        np.testing.assert_array_equal(permuted[name][LEADING:], row[LEADING:][order])


@pytest.mark.slow
@settings(max_examples=15)
@given(order=st.permutations(range(len(EVERYTHING))))
def test_permuted_instruments_permute_the_rows(order: list[int]) -> None:
    six = SCENARIOS.subset(range(6))
    plain = all_rows(maker_for(EVERYTHING, six))
    for name, row in all_rows(maker_for([EVERYTHING[i] for i in order], six)).items():
        np.testing.assert_array_equal(row, plain[name])


@pytest.mark.slow
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


def test_a_set_drawn_on_the_way_gives_the_file_of_the_whole_set(tmp_path: Path) -> None:
    plan = replace(drawn(2 * PIECE + 300), block_size=700)
    found = []
    for name, scenarios in (("plan", plan), ("set", plan.materialise())):
        store = CubeStore(tmp_path / name)
        cube, _ = built(store, CubeRequest(book_of([*bonds(), *options(1)]), scenarios, 1))
        found.append((cube.cube_id, sha256(store, cube), cube.labels, cube.weights.tolist()))
    assert found[0] == found[1]


_IN_A_PROCESS = """
import sys
from tests.simulation.cube_world import CubeRequest, CubeStore, book_of, built, drawn, options
from tests.simulation.cube_world import sha256
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


def test_its_reason_survives_an_interruption(store: CubeStore, tmp_path: Path) -> None:
    request = request_of(EVERYTHING, falling())
    with pytest.raises(StopError):
        built(store, request, progress=stop_after(3))
    found, engine = built(store, request)
    assert 0 < len(engine.units) < len(EVERYTHING)
    check_broken(found)
    whole, _ = built(CubeStore(tmp_path / "other"), request)
    assert found.failures == whole.failures


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
