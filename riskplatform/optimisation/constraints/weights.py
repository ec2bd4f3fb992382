"""Constraints on what is held: single weights, sums of them, and exposures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy import sparse

from riskplatform.errors import MissingDataError
from riskplatform.optimisation.constraints.contract import Plain, check_ends, check_positive
from riskplatform.optimisation.convex.draft import Draft
from riskplatform.optimisation.convex.program import Part


@dataclass(frozen=True)
class Box(Plain):
    """Each weight of ``assets`` (all where none are named) lies between ``low`` and ``high``.

    Shorts need a low that is said: without one an asset is held long.
    """

    kind: ClassVar[str] = "box"

    low: float = -math.inf
    high: float = math.inf
    assets: tuple[str, ...] | None = None
    label: str = ""

    def __post_init__(self) -> None:
        check_ends(self.name, self.low, self.high)

    @property
    def name(self) -> str:
        return self.label or "box"

    def add_to(self, draft: Draft) -> None:
        draft.bound(self.name, draft.places(self.assets, self.name), self.low, self.high)


@dataclass(frozen=True)
class Group(Plain):
    """The weights of ``assets`` together: a sector, a country, a currency, an issuer."""

    kind: ClassVar[str] = "group"

    label: str
    assets: tuple[str, ...]
    low: float = -math.inf
    high: float = math.inf

    def __post_init__(self) -> None:
        check_ends(self.name, self.low, self.high)

    @property
    def name(self) -> str:
        return self.label

    def add_to(self, draft: Draft) -> None:
        row = np.zeros(draft.assets)
        row[draft.places(self.assets, self.name)] = 1.0
        draft.between(self.name, row, self.low, self.high)


@dataclass(frozen=True)
class Exposure(Plain):
    """Σ sensitivity · weight: duration, DV01, vega or beta per unit of money.

    An asset without a sensitivity is an error, unless ``missing`` says what it has.
    """

    kind: ClassVar[str] = "exposure"

    factor: str
    sensitivities: Mapping[str, float]
    low: float = -math.inf
    high: float = math.inf
    missing: float | None = None
    label: str = ""

    def __post_init__(self) -> None:
        check_ends(self.name, self.low, self.high)

    @property
    def name(self) -> str:
        return self.label or self.factor

    def add_to(self, draft: Draft) -> None:
        row = _row_of(self.sensitivities, self.missing, draft, f"{self.factor} of the exposure")
        draft.between(self.name, row, self.low, self.high)


@dataclass(frozen=True)
class Net(Plain):
    """The sum of all weights; 1 where nothing else is said, 0 of a book that pays for itself."""

    kind: ClassVar[str] = "net"

    low: float = -math.inf
    high: float = math.inf
    label: str = ""

    def __post_init__(self) -> None:
        check_ends(self.name, self.low, self.high)

    @property
    def name(self) -> str:
        return self.label or "net"

    def add_to(self, draft: Draft) -> None:
        draft.between(self.name, np.ones(draft.assets), self.low, self.high)


@dataclass(frozen=True)
class Gross(Plain):
    """The sum of the sizes of all weights, long and short."""

    kind: ClassVar[str] = "gross"

    high: float
    label: str = ""

    def __post_init__(self) -> None:
        check_positive(self.name, "high", self.high)

    @property
    def name(self) -> str:
        return self.label or "gross"

    def add_to(self, draft: Draft) -> None:
        _cap_sizes(draft, self.name, np.ones(draft.assets), self.high)


@dataclass(frozen=True)
class Leverage(Plain):
    """Notional over capital: Σ notional · |weight|, with ``notionals`` of one unit of money.

    A future or an option stands for more than it costs; assets not named stand for themselves.
    """

    kind: ClassVar[str] = "leverage"

    high: float
    notionals: Mapping[str, float] | None = None
    label: str = ""

    def __post_init__(self) -> None:
        check_positive(self.name, "high", self.high)
        for asset, notional in (self.notionals or {}).items():
            check_positive(self.name, f"the notional of {asset}", notional)

    @property
    def name(self) -> str:
        return self.label or "leverage"

    def add_to(self, draft: Draft) -> None:
        _cap_sizes(draft, self.name, draft.spread(self.notionals or {}, 1.0), self.high)


def _cap_sizes(draft: Draft, name: str, notionals: np.ndarray, high: float) -> None:
    count = draft.assets
    each = sparse.csr_array(sparse.eye_array(count))
    sizes = draft.hinge(name, [Part(0, each)], np.zeros(count), is_two_sided=True)
    part = Part(sizes, notionals[None, :])
    draft.at_most(name, [part], [high], [f"{name} at most {high:g}"])


def _row_of(
    values: Mapping[str, float], missing: float | None, draft: Draft, what: str
) -> np.ndarray:
    names = draft.inputs.asset_ids
    absent = [name for name in names if name not in values]
    if absent and missing is None:
        raise MissingDataError(
            f"{len(absent)} of {len(names)} assets have no {what}, the first is {absent[0]}.",
            hint="Give their sensitivities, or say what they have by 'missing: 0'.",
        )
    return draft.spread(values, 0.0 if missing is None else missing)
