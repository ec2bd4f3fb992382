"""What of a cube is computed again, and what is opened, copied or gone on with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from riskplatform.domain.instruments import Equity, FixedBond, Instrument
from riskplatform.errors import DamagedStoreError
from riskplatform.pricing.units.book import unit_book
from riskplatform.simulation import own_set
from riskplatform.simulation.cube_build import CubeRequest, build_cube
from riskplatform.simulation.cube_open import open_cube
from riskplatform.store.cubes import CubeStore
from riskplatform.store.cubes.manifest import DATA_FILE
from tests.pricing.units.listed_market import OptionDraw, basics, listed_market
from tests.simulation.cube_world import (
    EVERYTHING,
    SCENARIOS,
    WHOLE,
    StopError,
    bonds,
    book_of,
    built,
    falling,
    request_of,
    scenarios_for,
    sha256,
    stop_after,
    world,
)


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


@pytest.mark.slow
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


def test_a_name_that_cannot_be_priced_makes_another_cube_of_the_same_rows(
    store: CubeStore,
) -> None:
    """What has no unit is part of what is asked: coverage must not be that of an older cube."""
    ghost = Equity(instrument_id="GHOST", name="ghost", currency="USD")
    first, _ = built(store, request_of(EVERYTHING, SCENARIOS))
    second, engine = built(store, request_of([*EVERYTHING, ghost], SCENARIOS))
    assert engine.units == []
    assert first.cube_id != second.cube_id
    assert first.coverage.is_complete
    assert [failure.subject for failure in second.coverage.failures] == ["GHOST"]
    assert np.array_equal(first.cube.values, second.cube.values, equal_nan=True)
