"""Giving back the memory of mapped files."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from riskplatform.store.mapped import give_back


def resident_mb() -> float:
    """What this process holds of files, by the kernel's own count.

    A file in memory (tests' folders may lie there) counts as shared memory.
    """
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    found = re.findall(r"Rss(?:File|Shmem):\s+(\d+) kB", status)
    assert len(found) == 2
    return sum(int(each) for each in found) / 1024


@pytest.fixture
def mapped(tmp_path: Path) -> np.ndarray:
    path = tmp_path / "numbers.npy"
    np.save(path, np.arange(8_000_000, dtype=np.float64).reshape(-1, 1000))
    return np.load(path, mmap_mode="r")


def test_what_was_read_leaves_memory_and_comes_back_the_same(mapped: np.ndarray) -> None:
    before = resident_mb()
    whole = float(mapped.sum())
    assert resident_mb() - before > 40
    for start in range(0, len(mapped), 512):
        give_back(mapped[start : start + 512])
    assert resident_mb() - before < 5
    assert float(mapped.sum()) == whole


def test_a_part_that_is_given_back_leaves_its_neighbours_right(mapped: np.ndarray) -> None:
    give_back(mapped[3:5])
    assert mapped[2, 0] == 2000
    assert mapped[4, 7] == 4007
    assert mapped[5, 0] == 5000


@pytest.mark.parametrize("other", [np.ones((4, 4)), np.ones((4, 4))[:, ::2], np.empty((0, 3))])
def test_arrays_that_are_not_mapped_are_left_alone(other: np.ndarray) -> None:
    kept = other.copy()
    give_back(other)
    assert (other == kept).all()


def test_a_part_with_gaps_is_left_alone(mapped: np.ndarray) -> None:
    give_back(mapped[:, ::2])
    assert mapped[1, 2] == 1002
