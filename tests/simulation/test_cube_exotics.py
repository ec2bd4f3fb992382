"""Exotics in a cube: a number depends on its own scenario, bit for bit, though grids are read."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from riskplatform.domain.instruments import Instrument
from riskplatform.market.content import FloatArray
from riskplatform.pricing.exotics.values import grid_report
from riskplatform.pricing.purpose import Purpose
from riskplatform.pricing.units.book import value_now
from riskplatform.pricing.units.engine import value_states
from riskplatform.simulation import cube_rows
from riskplatform.simulation.cube_rows import LEADING, RowMaker
from riskplatform.simulation.nodes import state_maker
from riskplatform.simulation.own import own_set, zero_set
from riskplatform.simulation.scenario_set import ScenarioSet
from riskplatform.store.cubes import CubeStore
from tests.pricing.units.listed_market import AS_OF
from tests.pricing.units.test_exotics import american_barrier, asian
from tests.simulation.cube_world import bonds, book_of, built, request_of, scenarios_for, sha256

pytestmark = pytest.mark.slow

DAYS = 10


def exotics() -> list[Instrument]:
    dates = tuple(AS_OF + timedelta(shift) for shift in (5, 60, 120))
    return [
        american_barrier(instrument_id="BARRIER"),
        asian(instrument_id="AVERAGE", averaging_dates=dates, expiry=dates[-1]),
    ]


BOOK = book_of([*exotics(), *bonds()[:1]])


def shocks(count: int = 100) -> ScenarioSet:
    """Most like a day's, every tenth like a crash, and two beyond every grid."""
    usual = scenarios_for(BOOK, count)
    moves, spot = np.array(usual.moves), usual.factor_ids.index("spot.SHARE")
    vols = [i for i, name in enumerate(usual.factor_ids) if name.startswith("vol.VOL.SHARE")]
    moves[:, spot] = np.clip(moves[:, spot], -0.1, 0.1)
    # Up, where the put is not knocked out.
    moves[::10, vols] += 0.3
    moves[5::50, spot] = 1.5
    return own_set(usual.axis, moves)


ALL = shocks()


def rows(scenarios: ScenarioSet, days: int = DAYS) -> FloatArray:
    maker = RowMaker(BOOK, state_maker(BOOK.layout, scenarios.axis), scenarios, days)
    table, failures = maker.rows(range(len(BOOK.units)))
    assert failures == ()
    return table


@pytest.fixture(scope="module")
def whole() -> FloatArray:
    return rows(ALL)


def test_permuted_scenarios_permute_the_columns(
    whole: FloatArray, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So that scenarios change the pieces that they are in.
    monkeypatch.setattr(cube_rows, "PIECE", 70)
    order = np.random.default_rng(3).permutation(len(ALL)).tolist()
    permuted = rows(ALL.permuted(order))
    np.testing.assert_array_equal(permuted[:, LEADING:], whole[:, LEADING:][:, order])
    np.testing.assert_array_equal(permuted[:, :LEADING], whole[:, :LEADING])


def test_the_length_of_a_piece_changes_nothing(
    whole: FloatArray, monkeypatch: pytest.MonkeyPatch
) -> None:
    for piece in (7, 64):
        monkeypatch.setattr(cube_rows, "PIECE", piece)
        np.testing.assert_array_equal(rows(ALL), whole)


def test_some_of_the_scenarios_have_the_numbers_of_all(whole: FloatArray) -> None:
    for chosen in ([0], [5], [12, 55, 3], list(range(20, 100))):
        part = rows(ALL.subset(chosen))
        np.testing.assert_array_equal(part[:, LEADING:], whole[:, LEADING:][:, chosen])
        np.testing.assert_array_equal(part[:, :LEADING], whole[:, :LEADING])


@pytest.mark.parametrize("days", [0, DAYS])
def test_without_a_move_there_is_the_passing_of_time(days: int) -> None:
    """In a set of its own, and among others."""
    moves = np.concatenate([ALL.moves, np.zeros((1, len(ALL.axis)))])
    for scenarios in (zero_set(ALL.axis), own_set(ALL.axis, moves)):
        found = rows(scenarios, days)
        np.testing.assert_array_equal(found[:, -1], found[:, 1])
        assert (found[:, 1] != 0).all() == (days > 0)


@pytest.mark.usefixtures("whole")
def test_these_scenarios_read_more_than_one_grid() -> None:
    report = grid_report()
    mine = report[report["contract"] == "BARRIER"]
    assert {50.0, 200.0} <= set(mine["rate_move_bp"])


def test_today_s_value_is_that_of_the_book_within_the_tolerance(whole: FloatArray) -> None:
    multipliers = [float(one.multiplier) for one in exotics()]  # type: ignore[attr-defined]
    gap = (whole[:, 0] - value_now(BOOK).values[:, 0])[:2] / multipliers
    assert np.abs(gap).max() < 1e-4 * 100.0


def test_a_state_beyond_every_grid_is_solved(whole: FloatArray) -> None:
    """It is worth what it is worth when that alone is asked for, to the last bit."""
    states = state_maker(BOOK.layout, ALL.axis).states(ALL.moves[5:6])
    single = value_states(BOOK.plan(DAYS), states)
    now = value_states(BOOK.plan(), BOOK.layout.states(1), purpose=Purpose.SCENARIOS)
    gained = single.values[:, 0] + single.cash - now.values[:, 0]
    np.testing.assert_array_equal(whole[:, LEADING + 5], gained.astype(np.float32))


def test_blocks_of_one_unit_give_the_file_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    request = request_of([*exotics(), *bonds()[:1]], ALL, DAYS)
    sums = set()
    for length in (1, 256):
        store = CubeStore(tmp_path_factory.mktemp("cubes"))
        sums.add(sha256(store, built(store, request, block_rows=length)[0]))
    assert len(sums) == 1
