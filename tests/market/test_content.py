"""Content hashes: equal values, equal hash; in every process."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import DataError
from riskplatform.market.content import Content, content_hash, frozen_array, increasing_array

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@dataclass(frozen=True, slots=True, eq=False)
class Point(Content):
    name: str
    at: np.ndarray


@given(VALUES)
def test_hash_depends_on_nothing_but_the_value(value: object) -> None:
    assert content_hash(value) == content_hash(value)


@given(st.dictionaries(st.text(), st.integers()))
def test_order_of_insertion_does_not_matter(values: dict[str, int]) -> None:
    assert content_hash(values) == content_hash(dict(reversed(values.items())))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["ab", "c"], ["a", "bc"]),
        (1, 1.0),
        (1, "1"),
        ([1, [2]], [[1], 2]),
        (np.zeros((2, 3)), np.zeros((3, 2))),
        (np.zeros(3), np.zeros(4)),
        (date(2024, 1, 1), "2024-01-01"),
        (None, ""),
    ],
)
def test_different_contents_differ(one: object, other: object) -> None:
    assert content_hash(one) != content_hash(other)


def test_minus_zero_and_the_layout_of_memory_are_no_content() -> None:
    grid = np.arange(6.0).reshape(2, 3)
    assert content_hash(grid) == content_hash(np.asfortranarray(grid))
    assert content_hash(np.array([-0.0])) == content_hash(np.array([0.0]))
    assert content_hash(-0.0) == content_hash(0.0)


def test_the_hash_is_the_same_in_another_process() -> None:
    value = {"b": [1, 2.5, None], "a": "é"}
    code = f"from riskplatform.market.content import content_hash;print(content_hash({value!r}))"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert found == content_hash(value)


def test_equality_is_of_content() -> None:
    one, same, other = Point("a", np.ones(2)), Point("a", np.ones(2)), Point("a", np.zeros(2))
    assert one == same
    assert hash(one) == hash(same)
    assert one != other
    assert one != "a"


def test_what_cannot_be_hashed_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no content hash"):
        content_hash(object())


def test_arrays_are_private_and_read_only() -> None:
    mine = np.array([1.0, 2.0])
    kept = increasing_array(mine, what="Times")
    mine[0] = 9.0
    assert kept.tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match="read-only"):
        kept[0] = 0.0


@pytest.mark.parametrize("bad", [[], [1.0, 1.0], [2.0, 1.0], [1.0, np.nan], [[1.0]]])
def test_times_that_do_not_increase_are_refused(bad: list[float]) -> None:
    with pytest.raises(DataError, match="Times"):
        increasing_array(bad, what="Times")


def test_a_wrong_shape_is_refused() -> None:
    with pytest.raises(DataError, match=r"\(2,\); expected \(3,\)"):
        frozen_array([1.0, 2.0], what="Vols", shape=(3,))


@pytest.mark.parametrize("shape", [(300, 500), (70_000,), (0, 3), ()])
def test_an_array_is_hashed_as_if_in_one_piece(shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(1).standard_normal(shape)
    whole = b"a" + repr(("<f8", shape)).encode() + np.asarray(values, dtype="<f8").tobytes()
    assert content_hash(np.asarray(values)) == hashlib.sha256(whole).hexdigest()


def test_what_nobody_can_write_to_is_not_copied_again() -> None:
    frozen = frozen_array([[1.0, 2.0], [3.0, 4.0]], what="x")
    assert frozen_array(frozen, what="x") is frozen
    base = np.ones((2, 2))
    view = base[:]
    view.flags.writeable = False
    kept = frozen_array(view, what="x")
    base[0, 0] = 5.0
    assert kept[0, 0] == 1.0
    assert frozen_array(frozen.T, what="x").flags.c_contiguous
