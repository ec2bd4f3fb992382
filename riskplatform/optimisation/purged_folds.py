"""Combinatorial purged cross-validation: many histories out of one, without looking ahead.

The days are cut into groups; every choice of some of them is a test, the others train. Days near a
test are left out of training: those whose outcome reaches into the test (the purge), and then, in
addition, some after it (the embargo). The tests join to complete paths through all days.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from riskplatform.errors import UserInputError

Days = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """Days to train on, and the groups tested, each with its days."""

    train: Days
    tested: tuple[int, ...]
    tests: tuple[Days, ...]


@dataclass(frozen=True, slots=True)
class PurgedFolds:
    """Not trained on: ``purge`` days on either side of a test, then ``embargo`` days after it."""

    groups: int = 10
    tested: int = 8
    purge: int = 0
    embargo: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.tested < self.groups:
            raise UserInputError(
                f"{self.tested} of {self.groups} groups cannot be tested.",
                hint="Test at least one group, and leave at least one to train on.",
            )
        if self.purge < 0 or self.embargo < 0:
            raise UserInputError("Purge and embargo are numbers of days of 0 or more.")

    @property
    def splits(self) -> int:
        return comb(self.groups, self.tested)

    @property
    def paths(self) -> int:
        """How many complete histories the tests make."""
        return self.splits * self.tested // self.groups

    def bounds(self, days: int) -> list[int]:
        """Where the groups begin and the last one ends; sizes differ by one day at most."""
        if days < self.groups:
            raise UserInputError(f"{days} days cannot be cut into {self.groups} groups.")
        return [days * group // self.groups for group in range(self.groups + 1)]

    def folds(self, days: int) -> Iterator[Fold]:
        """Every choice of tested groups, in order."""
        bounds = self.bounds(days)
        for chosen in combinations(range(self.groups), self.tested):
            is_trained = np.ones(days, dtype=np.bool_)
            for group in chosen:
                start, end = bounds[group], bounds[group + 1]
                # The embargo begins where the purge ends, and does not hide behind it.
                is_trained[max(start - self.purge, 0) : end + self.purge + self.embargo] = False
            tests = tuple(np.arange(bounds[group], bounds[group + 1]) for group in chosen)
            yield Fold(np.flatnonzero(is_trained), chosen, tests)

    def path_of(self) -> NDArray[np.intp]:
        """[split, group]: on which path a split's test of a group lies; -1 where not tested."""
        out = np.full((self.splits, self.groups), -1, dtype=np.intp)
        used = np.zeros(self.groups, dtype=np.intp)
        for split, chosen in enumerate(combinations(range(self.groups), self.tested)):
            for group in chosen:
                out[split, group] = used[group]
                used[group] += 1
        return out
