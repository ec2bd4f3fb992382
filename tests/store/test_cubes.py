"""Cubes: what was written is what is read, a crash leaves a part that goes on, damage is named."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import (
    ConflictError,
    DamagedStoreError,
    StoreError,
    StoreLockedError,
    UnknownNameError,
    UserInputError,
)
from riskplatform.store.cubes import CubeStore, cube_id
from riskplatform.store.cubes.manifest import DATA_FILE, LABELS_FILE, MANIFEST_FILE, NOTES_FILE
from riskplatform.store.cubes.partial import PROGRESS_FILE
from riskplatform.store.cubes.store import ANSWERS

KEY = {"snapshot": "s1", "scenarios": "historical", "terms": "t1"}
ROWS = tuple(f"I{i}" for i in range(7))
COLUMNS = tuple(f"S{i}" for i in range(5))
VALUES = np.random.default_rng(5).normal(size=(7, 5)).astype(np.float32)


@pytest.fixture
def store(tmp_path: Path) -> CubeStore:
    return CubeStore(tmp_path / "cubes")


def build(store: CubeStore, key: dict[str, str] = KEY) -> str:
    with store.create(key, ROWS, COLUMNS, block_rows=3) as part:
        for index in part.missing_blocks():
            part.write_block(index, VALUES[part.manifest.block(index)])
        part.commit(notes={"weights": [0.5, 0.5]})
    return cube_id(key)


def test_what_is_written_is_read_with_its_labels(store: CubeStore) -> None:
    cube = store.open(build(store))
    np.testing.assert_array_equal(cube.values, VALUES)
    assert cube.values.dtype == np.float32
    assert (cube.row_ids, cube.column_labels, cube.key) == (ROWS, COLUMNS, KEY)
    assert store.list() == (cube.cube_id,)
    assert store.list_partial() == ()
    store.verify(cube.cube_id)


def test_an_opened_cube_cannot_be_changed(store: CubeStore) -> None:
    cube = store.open(build(store))
    with pytest.raises(ValueError, match="read-only"):
        cube.values[0, 0] = 1.0


@given(
    st.dictionaries(st.text(), st.one_of(st.text(), st.integers(), st.lists(st.text())), min_size=1)
)
def test_the_id_does_not_depend_on_the_order_of_the_key(key: dict[str, object]) -> None:
    assert cube_id(key) == cube_id(dict(reversed(key.items())))
    assert cube_id(key) != cube_id({**key, "another part of the key, as yet unseen": 1})


def test_the_id_is_the_sha256_of_canonical_json() -> None:
    # printf '{"a":1,"b":["x"]}' | sha256sum
    expected = "fd5e92badbe24726f55b88132dd5fa1ceec0efd960b3bcd44f527b4bcc84af34"
    assert cube_id({"b": ["x"], "a": 1}) == expected


@pytest.mark.parametrize("key", [{"x": float("nan")}, {"x": object()}])
def test_a_key_that_is_not_json_is_refused(key: dict[str, object]) -> None:
    with pytest.raises(UserInputError, match="plain JSON"):
        cube_id(key)


def test_an_unfinished_cube_is_invisible_and_goes_on_where_it_stopped(store: CubeStore) -> None:
    with store.create(KEY, ROWS, COLUMNS, block_rows=3) as part:
        part.write_block(1, VALUES[3:6])
        with pytest.raises(StoreError, match="2 of 3 blocks are missing"):
            part.commit()
    assert store.list() == ()
    with pytest.raises(UnknownNameError):
        store.open(cube_id(KEY))
    with store.create(KEY, ROWS, COLUMNS, block_rows=3) as part:
        assert part.missing_blocks() == [0, 2]
    np.testing.assert_array_equal(store.open(build(store)).values, VALUES)


def test_a_torn_line_of_the_log_does_not_count(store: CubeStore) -> None:
    with store.create(KEY, ROWS, COLUMNS, block_rows=3) as part:
        part.write_block(0, VALUES[:3])
        part.write_block(1, VALUES[3:6])
        log = part.folder / PROGRESS_FILE
    log.write_text(log.read_text()[:-3])
    with store.create(KEY, ROWS, COLUMNS, block_rows=3) as part:
        assert part.missing_blocks() == [1, 2]


def test_a_part_with_other_rows_is_started_afresh(store: CubeStore) -> None:
    with store.create(KEY, ROWS, COLUMNS, block_rows=3) as part:
        part.write_block(0, VALUES[:3])
    with store.create(KEY, ROWS[::-1], COLUMNS, block_rows=3) as part:
        assert part.missing_blocks() == [0, 1, 2]


def test_a_finished_cube_is_not_built_twice(store: CubeStore) -> None:
    build(store)
    with pytest.raises(ConflictError, match="exists already"):
        store.create(KEY, ROWS, COLUMNS)
    assert store.list_partial() == ()


def test_two_builders_of_one_cube_do_not_meet(store: CubeStore) -> None:
    with (
        store.create(KEY, ROWS, COLUMNS),
        pytest.raises(StoreLockedError, match="process"),
    ):
        store.create(KEY, ROWS, COLUMNS)


def test_a_block_of_the_wrong_shape_is_refused(store: CubeStore) -> None:
    with store.create(KEY, ROWS, COLUMNS, block_rows=3) as part:
        with pytest.raises(UserInputError, match="shape"):
            part.write_block(2, VALUES[:3])
        with pytest.raises(UserInputError, match="no 3"):
            part.write_block(3, VALUES[:3])


def test_a_block_is_read_changed_and_written_again(store: CubeStore) -> None:
    with store.create(KEY, ROWS, COLUMNS, block_rows=3) as part:
        for index in part.missing_blocks():
            part.write_block(index, VALUES[part.manifest.block(index)])
        block = part.read_block(2)
        np.testing.assert_array_equal(block, VALUES[6:])
        block[0, 1] = 7.0
        part.write_block(2, block)
        part.commit()
    cube = store.open(cube_id(KEY))
    store.verify(cube.cube_id)
    np.testing.assert_array_equal(cube.values[:6], VALUES[:6])
    assert cube.values[6].tolist() == [VALUES[6, 0], 7.0, *VALUES[6, 2:]]


def test_an_empty_cube_is_refused(store: CubeStore) -> None:
    with pytest.raises(UserInputError, match="at least one row"):
        store.create(KEY, (), COLUMNS)


def test_prune_keeps_what_it_is_told_and_what_is_being_written(store: CubeStore) -> None:
    kept, dropped = build(store, {"a": "1"}), build(store, {"a": "2"})
    store.create({"a": "3"}, ROWS, COLUMNS).close()
    with store.create({"a": "4"}, ROWS, COLUMNS):
        removed = store.prune(keep=[kept])
        assert set(removed) == {dropped, cube_id({"a": "3"})}
        assert store.list() == (kept,)
        assert store.list_partial() == (cube_id({"a": "4"}),)


def test_an_open_map_survives_pruning(store: CubeStore) -> None:
    cube = store.open(build(store))
    store.prune(keep=[])
    np.testing.assert_array_equal(cube.values, VALUES)


def test_an_id_cannot_climb_out_of_the_folder(store: CubeStore) -> None:
    with pytest.raises(UserInputError, match="not the id of a cube"):
        store.open("../../etc/passwd")


def damage_size(folder: Path) -> str:
    with (folder / DATA_FILE).open("r+b") as file:
        file.truncate(20)
    return DATA_FILE


def damage_missing(folder: Path) -> str:
    (folder / DATA_FILE).unlink()
    return DATA_FILE


def damage_labels(folder: Path) -> str:
    path = folder / LABELS_FILE
    path.write_bytes(path.read_bytes().replace(b"I1", b"I2"))
    return LABELS_FILE


def damage_manifest(folder: Path) -> str:
    (folder / MANIFEST_FILE).write_text("{}")
    return MANIFEST_FILE


def damage_format(folder: Path) -> str:
    path = folder / MANIFEST_FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": "another"}))
    return MANIFEST_FILE


def damage_key(folder: Path) -> str:
    path = folder / MANIFEST_FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), "key": {"other": 1}}))
    return MANIFEST_FILE


def damage_notes(folder: Path) -> str:
    path = folder / NOTES_FILE
    path.write_text(path.read_text().replace("0.5", "0.6", 1))
    return NOTES_FILE


def damage_no_notes(folder: Path) -> str:
    (folder / NOTES_FILE).unlink()
    return NOTES_FILE


def damage_foreign_data(folder: Path) -> str:
    """Of another cube of the same shape: only the checksums can tell."""
    (folder / DATA_FILE).write_bytes((VALUES + 1).tobytes())
    return DATA_FILE


def damage_one_bit(folder: Path) -> str:
    content = bytearray((folder / DATA_FILE).read_bytes())
    content[70] ^= 1
    (folder / DATA_FILE).write_bytes(content)
    return DATA_FILE


def damage_one_checksum(folder: Path) -> str:
    path = folder / MANIFEST_FILE
    card = json.loads(path.read_text())
    path.write_text(json.dumps({**card, "block_crc32": card["block_crc32"][:-1]}))
    os.utime(folder / DATA_FILE)
    return MANIFEST_FILE


@pytest.mark.parametrize(
    "damage",
    [damage_size, damage_missing, damage_labels, damage_manifest, damage_format, damage_key,
     damage_notes, damage_no_notes, damage_foreign_data, damage_one_bit, damage_one_checksum],
)  # fmt: skip
def test_damage_is_refused_with_the_name_of_the_file(
    store: CubeStore, damage: Callable[[Path], str]
) -> None:
    identifier = build(store)
    name = damage(store.folder / identifier)
    with pytest.raises(DamagedStoreError, match=name):
        store.open(identifier)


def test_verify_finds_one_changed_bit(store: CubeStore) -> None:
    identifier = build(store)
    path = store.folder / identifier / DATA_FILE
    content = bytearray(path.read_bytes())
    at = path.stat().st_mtime_ns
    content[70] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(at, at))  # as a failing disk does it
    with pytest.raises(DamagedStoreError, match="block 1 has changed"):
        store.verify(identifier)


def test_a_copy_of_a_cube_is_proved_and_opened(store: CubeStore, tmp_path: Path) -> None:
    identifier = build(store)
    other = CubeStore(tmp_path / "copy")
    shutil.copytree(store.folder, other.folder, copy_function=shutil.copyfile)
    np.testing.assert_array_equal(other.open(identifier).values, VALUES)


def part_of(store: CubeStore, *blocks: int) -> Path:
    """An interrupted build."""
    with store.create(KEY, ROWS, COLUMNS, block_rows=3) as part:
        for index in blocks:
            part.write_block(index, VALUES[part.manifest.block(index)])
        return part.folder


def missing_of(store: CubeStore) -> list[int]:
    with store.create(KEY, ROWS, COLUMNS, block_rows=3) as part:
        return part.missing_blocks()


def test_a_block_whose_bytes_are_no_longer_those_is_written_again(store: CubeStore) -> None:
    data = part_of(store, 0, 1, 2) / DATA_FILE
    content = bytearray(data.read_bytes())
    content[70] ^= 1
    data.write_bytes(content)
    assert missing_of(store) == [1]
    np.testing.assert_array_equal(store.open(build(store)).values, VALUES)


@pytest.mark.parametrize("size", [0, 30, 100])
def test_a_part_that_was_cut_short_is_written_again(store: CubeStore, size: int) -> None:
    """And not filled with zeros that count as numbers."""
    os.truncate(part_of(store, 0, 1, 2) / DATA_FILE, size)
    assert missing_of(store) == [i for i, end in enumerate((60, 120, 140)) if end > size]
    np.testing.assert_array_equal(store.open(build(store)).values, VALUES)


@pytest.mark.parametrize("line", ["[2, ", "[7, 1]\n", "null\n", "[0]\n", '["a", "b"]\n', "\x00\n"])
def test_what_is_not_a_line_of_the_log_does_not_count(store: CubeStore, line: str) -> None:
    """Nor does it spoil what is written after it."""
    log = part_of(store, 1) / PROGRESS_FILE
    log.write_text(log.read_text() + line)
    part_of(store, 0)
    assert missing_of(store) == [2]


def test_a_death_just_before_the_end_costs_nothing(
    store: CubeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The card is finished, the folder has not got its name yet."""

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", dies)
        with pytest.raises(KeyboardInterrupt):
            build(store)
    assert store.list() == ()
    assert missing_of(store) == []
    np.testing.assert_array_equal(store.open(build(store)).values, VALUES)


def test_the_memory_of_answers_survives_a_torn_file(store: CubeStore) -> None:
    identifier = build(store)
    store.remember({"asked": 1}, identifier)
    assert store.answer({"asked": 1}) == identifier
    assert store.answer({"asked": 2}) is None
    (file,) = (store.folder / ANSWERS).iterdir()
    for torn in (b"", identifier[:30].encode(), b"\xff\xfe", b"../../etc"):
        file.write_bytes(torn)
        assert store.answer({"asked": 1}) is None
    store.remember({"asked": 1}, identifier)
    store.prune(keep=[])
    assert store.answer({"asked": 1}) is None


def test_what_is_not_a_cube_is_not_listed(store: CubeStore) -> None:
    identifier = build(store)
    (store.folder / "notes").mkdir()
    (store.folder / "old.partial").mkdir()
    (store.folder / f"{'a' * 64}").write_text("a file")
    assert store.list() == (identifier,)
    assert store.list_partial() == ()


def test_a_death_while_pruning_leaves_no_half_of_a_cube(
    store: CubeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    identifier = build(store)

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "rmtree", dies)
        with pytest.raises(KeyboardInterrupt):
            store.prune(keep=[])
    assert store.list() == ()
    with pytest.raises(UnknownNameError):
        store.open(identifier)
    store.prune(keep=[])
    assert list(store.folder.iterdir()) == []


def test_who_waits_is_told_how_far_the_other_is(store: CubeStore) -> None:
    seen: list[tuple[int, int]] = []
    with store.create(KEY, ROWS, COLUMNS, block_rows=3) as part:
        part.write_block(0, VALUES[:3])
        with pytest.raises(StoreLockedError, match=r"process.*no block in 0\.2 s"):
            store.create(
                KEY, ROWS, COLUMNS, block_rows=3, timeout_seconds=0.2,
                waiting=lambda *at: seen.append(at),
            )  # fmt: skip
    assert seen == [(3, 7)]


def test_who_waits_may_stop_waiting(store: CubeStore) -> None:
    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with (
        store.create(KEY, ROWS, COLUMNS),
        pytest.raises(KeyboardInterrupt),
    ):
        store.create(KEY, ROWS, COLUMNS, timeout_seconds=5.0, waiting=stop)


def test_who_waited_for_a_part_that_was_given_up_goes_on_with_it(store: CubeStore) -> None:
    part = store.create(KEY, ROWS, COLUMNS, block_rows=3)
    part.write_block(0, VALUES[:3])
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(
            store.create, KEY, ROWS, COLUMNS, block_rows=3, timeout_seconds=60.0,
            waiting=lambda _done, _total: part.close(),
        )  # fmt: skip
        with second.result() as taken_over:
            assert taken_over.missing_blocks() == [1, 2]


def test_who_waited_for_a_cube_that_is_finished_is_told_so(store: CubeStore) -> None:
    part = store.create(KEY, ROWS, COLUMNS, block_rows=7)
    part.write_block(0, VALUES)

    def finish(_done: int, _total: int) -> None:
        if store.list() == ():
            part.commit()

    with pytest.raises(ConflictError, match="exists already"):
        store.create(KEY, ROWS, COLUMNS, block_rows=7, timeout_seconds=60.0, waiting=finish)
    assert (len(store.list()), store.list_partial()) == (1, ())


def _die_in_the_middle(folder: str) -> None:
    import os
    import signal

    part = CubeStore(folder).create(KEY, ROWS, COLUMNS, block_rows=3)
    part.write_block(0, VALUES[:3])
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_killed_builder_leaves_only_a_part_that_another_finishes(store: CubeStore) -> None:
    process = multiprocessing.get_context("spawn").Process(
        target=_die_in_the_middle, args=(str(store.folder),)
    )
    process.start()
    process.join()
    assert process.exitcode == -9
    assert store.list() == ()
    with store.create(KEY, ROWS, COLUMNS, block_rows=3) as part:
        assert part.missing_blocks() == [1, 2]
    np.testing.assert_array_equal(store.open(build(store)).values, VALUES)
