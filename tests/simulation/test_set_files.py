"""Scenario sets on disk: what was kept is what is opened, and damage is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from riskplatform.errors import (
    DamagedStoreError,
    EnvironmentSetupError,
    UnknownNameError,
    UserInputError,
)
from riskplatform.simulation import Gaussian, ScenarioSet, monte_carlo_plan, own_set
from riskplatform.simulation.set_files import FACTS_FILE, MOVES_FILE, WEIGHTS_FILE, SetStore
from tests.simulation.worlds import COVARIANCE, axis_of

WHOLE = monte_carlo_plan(axis_of(3), COVARIANCE, Gaussian(scenarios=50), seed=3).materialise()


@pytest.fixture
def store(tmp_path: Path) -> SetStore:
    return SetStore(tmp_path / "sets")


def test_what_is_kept_is_what_is_opened(store: SetStore) -> None:
    store.save(WHOLE)
    found = store.open(WHOLE.scenario_set_id[:8], proved=True)
    assert found == WHOLE
    assert found.moves_hash() == WHOLE.moves_hash()
    assert (found.labels, found.factor_ids, found.kinds) == (
        WHOLE.labels, WHOLE.factor_ids, WHOLE.kinds,
    )  # fmt: skip
    assert (found.seed, found.as_of, found.recipe) == (3, WHOLE.as_of, WHOLE.recipe)
    assert not found.moves.flags.writeable
    assert store.list() == (WHOLE.scenario_set_id,)


def test_weights_and_labels_of_the_user_are_kept(store: SetStore) -> None:
    mine = own_set(axis_of(2), [[0.1, 0.2], [0.0, -0.1]], labels=["up", "down"], weights=[0.3, 0.7])
    store.save(mine)
    found = store.open(mine.scenario_set_id)
    assert (found.labels, found.weights.tolist()) == (("up", "down"), [0.3, 0.7])


def test_keeping_a_set_twice_changes_nothing(store: SetStore) -> None:
    folder = store.save(WHOLE)
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert store.save(WHOLE) == folder
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    assert [path.name for path in store.folder.iterdir()] == [WHOLE.scenario_set_id]


def test_a_set_that_is_not_there_is_named(store: SetStore) -> None:
    with pytest.raises(UnknownNameError, match="abcdef12"):
        store.open("abcdef12")
    store.save(WHOLE)
    with pytest.raises(UserInputError, match="too short"):
        store.open(WHOLE.scenario_set_id[:3])


def test_a_beginning_that_is_not_enough_is_refused(store: SetStore) -> None:
    store.save(WHOLE)
    twin = store.folder / f"{WHOLE.scenario_set_id[:-1]}x"
    twin.mkdir()
    with pytest.raises(UserInputError, match="Say more"):
        store.open(WHOLE.scenario_set_id[:20])


def change_a_move(folder: Path) -> None:
    moves = np.load(folder / MOVES_FILE)
    moves[7, 1] *= 1.001
    np.save(folder / MOVES_FILE, moves)


def change_a_weight(folder: Path) -> None:
    weights = np.load(folder / WEIGHTS_FILE)
    weights[:2] += (0.001, -0.001)
    np.save(folder / WEIGHTS_FILE, weights)


def change_a_label(folder: Path) -> None:
    facts = json.loads((folder / FACTS_FILE).read_text())
    facts["labels"][0] = "another"
    (folder / FACTS_FILE).write_text(json.dumps(facts))


@pytest.mark.parametrize("damage", [change_a_move, change_a_weight, change_a_label])
def test_changed_numbers_are_found_by_their_hash(
    store: SetStore, damage: Callable[[Path], None]
) -> None:
    damage(store.save(WHOLE))
    with pytest.raises(DamagedStoreError, match="numbers have changed"):
        store.open(WHOLE.scenario_set_id, proved=True)
    with pytest.raises(DamagedStoreError, match="numbers have changed"):
        store.verify(WHOLE.scenario_set_id)


def truncate(folder: Path) -> None:
    with (folder / MOVES_FILE).open("r+b") as file:
        file.truncate(200)


def remove(folder: Path) -> None:
    (folder / WEIGHTS_FILE).unlink()


def foreign(folder: Path) -> None:
    (folder / MOVES_FILE).write_bytes(b"PK\x03\x04 this is another file")


def torn(folder: Path) -> None:
    path = folder / FACTS_FILE
    path.write_text(path.read_text()[:-10])


def other_seed(folder: Path) -> None:
    path = folder / FACTS_FILE
    path.write_text(path.read_text().replace('"seed": 3', '"seed": 4'))


def not_a_mapping(folder: Path) -> None:
    (folder / FACTS_FILE).write_text("[]")


@pytest.mark.parametrize("damage", [truncate, remove, foreign, torn, other_seed, not_a_mapping])
def test_damage_is_refused_with_the_way_out(
    store: SetStore, damage: Callable[[Path], None]
) -> None:
    damage(store.save(WHOLE))
    with pytest.raises(DamagedStoreError, match="build it again"):
        store.open(WHOLE.scenario_set_id)


def test_a_save_that_fails_leaves_nothing(store: SetStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(EnvironmentSetupError, match=r"No space.*Free disk space"):
        store.save(WHOLE)
    assert list(store.folder.iterdir()) == []


def test_a_set_from_disk_can_be_sent_to_a_process(store: SetStore) -> None:
    import pickle

    store.save(WHOLE)
    found: ScenarioSet = pickle.loads(pickle.dumps(store.open(WHOLE.scenario_set_id)))
    assert found.moves_hash() == WHOLE.moves_hash()
