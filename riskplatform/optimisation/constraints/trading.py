"""Constraints on the way from the current weights to the new ones, and on how many are held."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy import sparse

from riskplatform.errors import MissingDataError, UserInputError
from riskplatform.optimisation.constraints.contract import Plain, check_positive
from riskplatform.optimisation.convex.draft import Draft
from riskplatform.optimisation.convex.program import Part


@dataclass(frozen=True)
class Turnover(Plain):
    """The sizes of all changes of weight together: what is bought plus what is sold."""

    kind: ClassVar[str] = "turnover"

    high: float
    label: str = ""

    def __post_init__(self) -> None:
        check_positive(self.name, "high", self.high)

    @property
    def name(self) -> str:
        return self.label or "turnover"

    def add_to(self, draft: Draft) -> None:
        count = draft.assets
        each = sparse.csr_array(sparse.eye_array(count))
        sizes = draft.hinge(self.name, [Part(0, each)], draft.current, is_two_sided=True)
        part = Part(sizes, np.ones((1, count)))
        draft.at_most(self.name, [part], [self.high], [f"{self.name} at most {self.high:g}"])


@dataclass(frozen=True)
class Participation(Plain):
    """No trade larger than ``share`` of what is traded in ``days``, at ``daily_volumes`` in the
    base currency and ``capital`` behind weights that sum to one."""

    kind: ClassVar[str] = "participation"

    share: float
    daily_volumes: Mapping[str, float]
    capital: float
    days: float = 1.0
    label: str = ""

    def __post_init__(self) -> None:
        check_positive(self.name, "share", self.share)
        check_positive(self.name, "days", self.days)
        if not (math.isfinite(self.capital) and self.capital > 0.0):
            raise UserInputError(f"{self.name}: capital is {self.capital:g}; give one above 0.")
        for asset, volume in self.daily_volumes.items():
            check_positive(self.name, f"the volume of {asset}", volume)

    @property
    def name(self) -> str:
        return self.label or "participation"

    def add_to(self, draft: Draft) -> None:
        absent = [name for name in draft.inputs.asset_ids if name not in self.daily_volumes]
        if absent:
            raise MissingDataError(
                f"{len(absent)} assets have no daily volume, the first is {absent[0]}.",
                hint="Give their volumes, or leave the assets out.",
            )
        volumes = draft.spread(self.daily_volumes, 0.0)
        most = self.share * self.days * volumes / self.capital
        places = np.arange(draft.assets)
        draft.bound(self.name, places, draft.current - most, draft.current + most)


@dataclass(frozen=True)
class Restricted(Plain):
    """Nothing more is bought of ``assets``; what is held may be kept or sold, and what is short is
    not bought back beyond flat."""

    kind: ClassVar[str] = "restricted"

    assets: tuple[str, ...]
    label: str = ""

    @property
    def name(self) -> str:
        return self.label or "restricted list"

    def add_to(self, draft: Draft) -> None:
        places = draft.places(self.assets, self.name)
        draft.bound(self.name, places, high=np.maximum(draft.current[places], 0.0))


@dataclass(frozen=True)
class Holdings(Plain):
    """At most ``most`` assets are held, each with at least ``least`` (long) or none of it.

    ``high`` is the largest weight that an asset can have, where no box says so.
    """

    kind: ClassVar[str] = "holdings"

    most: int | None = None
    least: float = 0.0
    high: float = 1.0
    label: str = ""

    def __post_init__(self) -> None:
        if self.most is not None and self.most < 1:
            raise UserInputError(f"{self.name}: at most {self.most} assets; give 1 or more.")
        check_positive(self.name, "least", self.least)
        if self.least > self.high:
            raise UserInputError(f"{self.name}: least is {self.least:g} and high {self.high:g}.")

    @property
    def name(self) -> str:
        return self.label or "holdings"

    def add_to(self, draft: Draft) -> None:
        """A column of 0 or 1 per asset says whether it is held."""
        count = draft.assets
        held = draft.add_columns(count, 0.0, 1.0, is_integer=True)
        each = sparse.csr_array(sparse.eye_array(count))
        ids = draft.inputs.asset_ids
        draft.at_most(
            self.name, [Part(0, each), Part(held, -self.high * each)], np.zeros(count),
            [f"{name} at most {self.high:g} if held" for name in ids], is_limit=False,
        )  # fmt: skip
        draft.at_most(
            self.name, [Part(0, -each), Part(held, self.least * each)], np.zeros(count),
            [f"{name} at least {self.least:g} if held" for name in ids],
        )  # fmt: skip
        if self.most is not None:
            part = Part(held, np.ones((1, count)))
            words = [f"at most {self.most} assets held"]
            draft.at_most(self.name, [part], [float(self.most)], words)
