"""A cap on the gains that sales realise, lot by lot."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
from scipy import sparse

from riskplatform.errors import MissingDataError, UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.constraints.contract import Plain, check_positive
from riskplatform.optimisation.convex.draft import Draft
from riskplatform.optimisation.convex.program import Part

Steps = tuple[tuple[float, float], ...]

_ROUNDING = 1e-6


@dataclass(frozen=True)
class RealisedGain(Plain):
    """Gains realised by closing what is held, as a share of the capital.

    ``steps`` are each asset's lots in the order in which a sale closes them: its weight without
    sign, and its gain per unit of money sold (``optimisation.tax_lots.gain_steps`` makes them).
    Two things make the cap hold early rather than late: a loss is counted as nothing and makes no
    room for gains, and where a lot gains less than one closed before it (first in, first out, of a
    price that rose) every sale of the asset is taken to gain at the largest average rate that any
    can have. With the highest cost first gains are exact.
    """

    kind: ClassVar[str] = "realised_gain"

    high: float
    steps: Mapping[str, Steps]
    label: str = ""

    def __post_init__(self) -> None:
        check_positive(self.name, "high", self.high)
        for asset, steps in self.steps.items():
            for weight, gain in steps:
                if not (math.isfinite(weight) and weight > 0.0 and math.isfinite(gain)):
                    raise UserInputError(
                        f"{self.name}: {asset} has a lot of weight {weight:g} and gain {gain:g}.",
                        hint="Give a weight above 0 and the gain per unit of money sold.",
                    )

    @property
    def name(self) -> str:
        return self.label or "realised gain"

    def add_to(self, draft: Draft) -> None:
        current = draft.current
        held = [(i, name) for i, name in enumerate(draft.inputs.asset_ids) if current[i]]
        absent = [
            name
            for i, name in held
            if sum(weight for weight, _ in self.steps.get(name, ()))
            < abs(current[i]) * (1.0 - _ROUNDING) - _ROUNDING
        ]
        if absent:
            raise MissingDataError(
                f"{len(absent)} assets are held beyond their lots, the first is {absent[0]}.",
                hint="Give the lots of all that is held.",
            )
        parts = []
        bends = {i: _bends(self.steps[name]) for i, name in held if name in self.steps}
        for level in range(max((len(each) for each in bends.values()), default=0)):
            chosen = [i for i, each in bends.items() if len(each) > level]
            at = np.array([bends[i][level][0] for i in chosen])
            more = np.array([bends[i][level][1] for i in chosen])
            # Selling closes what is long, buying what is short.
            sign = np.sign(current[chosen])
            pick = sparse.csr_array(
                (-sign, (np.arange(len(chosen)), chosen)), shape=(len(chosen), draft.assets)
            )
            first = draft.hinge(self.name, [Part(0, pick)], at - sign * current[chosen])
            parts.append(Part(first, more[None, :]))
        if parts:
            draft.at_most(self.name, parts, [self.high], [f"{self.name} at most {self.high:g}"])

    def gain(self, current: FloatArray, weights: FloatArray, names: tuple[str, ...]) -> float:
        """What going to ``weights`` realises, losses netted against gains."""
        total = 0.0
        for place, name in enumerate(names):
            now, then = float(current[place]), float(weights[place])
            rest = min(max((now - then) * math.copysign(1.0, now), 0.0), abs(now))
            for weight, rate in self.steps.get(name, ()):
                part = min(rest, weight)
                total += part * rate
                rest -= part
        return total


def _bends(steps: Steps) -> list[tuple[float, float]]:
    """After how much a sale gains more per unit, and by how much more."""
    rates = [max(rate, 0.0) for _, rate in steps]
    ends = np.cumsum([weight for weight, _ in steps])
    if any(later < earlier for earlier, later in pairwise(rates)):
        gains = np.cumsum([rate * weight for rate, (weight, _) in zip(rates, steps, strict=True)])
        return [(0.0, float((gains / ends).max()))]
    found, before = [], 0.0
    for start, rate in zip([0.0, *ends.tolist()], rates, strict=False):
        if rate > before:
            found.append((start, rate - before))
            before = rate
    return found
