"""The scenarios of a tail, each with the items that lost most in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.risk.shares import RiskShares


@dataclass(frozen=True, slots=True)
class TailScenario:
    """``weight`` is its share in the ES; ``drivers`` are (item, P&L), largest loss first."""

    label: str
    place: int
    loss: float
    weight: float
    drivers: tuple[tuple[str, float], ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "scenario": self.label,
            "loss": self.loss,
            "weight": self.weight,
            "drivers": [{"item": item, "pnl": gain} for item, gain in self.drivers],
        }


@dataclass(eq=False)
class Watched:
    """Keeps, block by block, the items that lost most in some scenarios."""

    shares: RiskShares
    places: np.ndarray
    labels: Sequence[str] | None
    most: int
    names: np.ndarray
    gains: FloatArray

    @classmethod
    def of(
        cls, shares: RiskShares, labels: Sequence[str] | None, shown: int, drivers: int
    ) -> Watched:
        if labels is not None and len(labels) != shares.total.size:
            raise UserInputError(f"{len(labels)} labels for {shares.total.size} scenarios.")
        places = shares.tail_scenarios[:shown]
        empty = np.empty((0, places.size))
        return cls(shares, places, labels, drivers, empty.astype(object), empty)

    def see(self, names: Sequence[str], block: FloatArray) -> None:
        """Join a block's items to those kept, and keep the worst of each scenario."""
        here = block[:, self.places]
        theirs = np.broadcast_to(np.array(list(names), dtype=object)[:, None], here.shape)
        gains = np.concatenate([self.gains, here])
        named = np.concatenate([self.names, theirs])
        order = np.argsort(gains, axis=0, kind="stable")[: self.most]
        self.gains = np.take_along_axis(gains, order, axis=0)
        self.names = np.take_along_axis(named, order, axis=0)

    def scenarios(self) -> tuple[TailScenario, ...]:
        out = []
        for column, place in enumerate(int(each) for each in self.places):
            label = f"scenario {place + 1}" if self.labels is None else str(self.labels[place])
            drivers = tuple(
                (str(name), float(gain))
                for name, gain in zip(self.names[:, column], self.gains[:, column], strict=True)
            )
            weight = float(self.shares.weights[place, 2])
            out.append(
                TailScenario(label, place, -float(self.shares.total[place]), weight, drivers)
            )
        return tuple(out)
