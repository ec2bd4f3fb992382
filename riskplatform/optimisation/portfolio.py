"""What a method of allocation gives back: weights that can be defended, or why there are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import pandas as pd

from riskplatform.domain.outcome import Failure
from riskplatform.market.content import FloatArray, content_hash
from riskplatform.optimisation.inputs import Inputs

Detail = float | int | str | bool


@dataclass(frozen=True, slots=True)
class Certificate:
    """How far from the optimum at most, recomputed from the answer and not told by the solver.

    Residuals are relative to the size of what they are residuals of.
    """

    solver: str
    objective: float
    primal_residual: float
    dual_residual: float
    gap: float
    iterations: int | None = None

    @property
    def is_good(self) -> bool:
        """Whether all three are small."""
        return max(abs(self.primal_residual), abs(self.dual_residual), abs(self.gap)) < 1e-5

    def to_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__} | {"is_good": self.is_good}


@dataclass(frozen=True, slots=True)
class Binding:
    """A constraint that holds the answer back; ``shadow_price`` is what one unit more would gain
    in the objective, and ``words`` say so."""

    constraint: str
    shadow_price: float
    words: str


@dataclass(frozen=True, eq=False)
class Portfolio:
    """``weights`` of ``asset_ids``; ``parameters`` are all choices that change them.

    Under one name such as HRP many weights hide: distance, linkage, order and split are choices,
    so they are part of the result.
    """

    asset_ids: tuple[str, ...]
    weights: FloatArray
    method: str
    parameters: Mapping[str, Detail]
    inputs: str
    objective: float | None = None
    certificate: Certificate | None = None
    binding: tuple[Binding, ...] = ()
    excluded: tuple[Failure, ...] = ()
    notes: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict, repr=False)

    is_failed = False

    @property
    def run_id(self) -> str:
        """The same method with the same choices on the same inputs."""
        return content_hash(self.method, dict(self.parameters), self.inputs)[:16]

    def weight(self, asset_id: str) -> float:
        """Of one asset; an excluded one has none."""
        known: dict[str, float] = dict(zip(self.asset_ids, self.weights.tolist(), strict=True))
        return known.get(asset_id, 0.0)

    def to_frame(self) -> pd.DataFrame:
        """One row per asset, the largest first."""
        frame = pd.DataFrame({"asset_id": list(self.asset_ids), "weight": self.weights})
        return frame.sort_values("weight", key=abs, ascending=False, ignore_index=True)

    def to_dict(self) -> dict[str, Any]:
        return {
            "run_id": self.run_id,
            "method": self.method,
            "parameters": dict(self.parameters),
            "inputs": self.inputs,
            "weights": dict(zip(self.asset_ids, self.weights.tolist(), strict=True)),
            "objective": self.objective,
            "certificate": self.certificate.to_dict() if self.certificate else None,
            "binding": [
                {"constraint": each.constraint, "shadow_price": each.shadow_price,
                 "words": each.words}
                for each in self.binding
            ],
            "excluded": [failure.to_dict() for failure in self.excluded],
            "notes": list(self.notes),
        }  # fmt: skip

    def _repr_html_(self) -> str:
        body = self.to_frame().head(20).to_html(index=False, float_format="{:.4f}".format)
        return f"<p><b>{self.method}</b>, {len(self.asset_ids):,} assets</p>{body}"


@dataclass(frozen=True, slots=True)
class FailedPortfolio:
    """A method that has no answer is a result too; ``conflict`` names constraints that cannot hold
    together, each with how much it must give."""

    method: str
    failure: Failure
    inputs: str
    conflict: tuple[Binding, ...] = ()

    @property
    def is_failed(self) -> bool:
        return True

    def to_dict(self) -> dict[str, Any]:
        return {
            "method": self.method,
            "inputs": self.inputs,
            "failure": self.failure.to_dict(),
            "conflict": [{"constraint": each.constraint, "words": each.words}
                         for each in self.conflict],
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return f"<p><b>{self.method}</b> has no answer: {self.failure.message}</p>"


Allocation = Portfolio | FailedPortfolio


class Allocator(Protocol):
    """One contract for all methods: inputs in, weights or a failure out; choices are its fields."""

    def fit(self, inputs: Inputs) -> Allocation:
        """Never raises for what the data are like; raises for what was asked wrongly."""
        ...
