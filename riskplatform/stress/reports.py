"""What the desk answers about likely and unlikely moves, with where each answer comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from riskplatform.domain.outcome import Coverage
from riskplatform.domain.provenance import Provenance
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.simulation.nodes import PREFIXES
from riskplatform.stress.band import ProfitBand
from riskplatform.stress.conditional import Conditional
from riskplatform.stress.fragile import FragileDirections
from riskplatform.stress.move_words import move_words
from riskplatform.stress.reverse_result import ReverseResult

_DRIVERS = 3


@dataclass(frozen=True, eq=False, kw_only=True)
class Report:
    """A node, what was asked by, and what has to be said. ``kinds`` are those of the factors."""

    node: str
    kinds: tuple[NodeKind, ...] = field(repr=False)
    provenance: Provenance
    notes: tuple[str, ...] = ()

    @property
    def base_currency(self) -> str:
        return self.provenance.base_currency

    @property
    def coverage(self) -> Coverage:
        return self.provenance.coverage

    def _told(self, more: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "node": self.node,
            **more,
            "notes": list(self.notes),
            "provenance": self.provenance.to_dict(),
        }


@dataclass(frozen=True, eq=False, kw_only=True)
class ReverseReport(Report):
    """The most likely scenarios in which a node loses so much, by full revaluation.

    ``found`` has moves as history counts them: logarithms of prices, currencies and spreads,
    differences of rates and volatilities.
    """

    found: ReverseResult

    @property
    def loss(self) -> float:
        """What was asked for, positive, in the base currency."""
        return self.found.loss

    def to_frame(self) -> pd.DataFrame:
        """One row per answer, the likeliest first, with the factors that lose most in it."""
        table = self.found.to_frame()
        if len(table):
            table["drivers"] = [", ".join(self._drivers(i)) for i in range(len(table))]
        return table

    def factors(self, answer: int = 1) -> pd.DataFrame:
        """The moves of one answer, counted from 1; those that lose most first."""
        table = self.found.factors(answer)
        place = {name: i for i, name in enumerate(self.found.names)}
        kinds = [self.kinds[place[name]] for name in table["factor_id"]]
        words = [move_words(kind, x) for kind, x in zip(kinds, table["move"], strict=True)]
        table.insert(1, "kind", [PREFIXES[kind] for kind in kinds])
        table.insert(3, "in_words", words)
        return table

    def by_kind(self, answer: int = 1) -> pd.DataFrame:
        """What each kind of factor loses in one answer, and what is left over."""
        table = self.factors(answer).groupby("kind", sort=False)["loss"].sum().reset_index()
        table = table.sort_values("loss", ascending=False, key=np.abs, ignore_index=True)
        rest = self.found.answers[answer - 1].unexplained
        last = pd.DataFrame({"kind": ["unexplained"], "loss": [rest]})
        return pd.concat([table, last], ignore_index=True)

    def _drivers(self, place: int) -> list[str]:
        table = self.factors(place + 1).head(_DRIVERS)
        return [f"{n} {w}" for n, w in zip(table["factor_id"], table["in_words"], strict=True)]

    def to_dict(self) -> dict[str, Any]:
        return self._told(self.found.to_dict())

    def _repr_html_(self) -> str:
        table = self.to_frame().to_html(index=False, float_format="{:,.4g}".format)
        return (
            f"<p>{self.node}: a loss of <b>{self.loss:,.0f} {self.base_currency}</b>. "
            f"{self.provenance}</p>{table}"
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class InferReport(Report):
    """What follows from a shock to a few factors, and what a node gains: signed, with its band.

    ``band`` is by full revaluation of draws of what the others may do, ``linear`` by delta.
    ``kinds`` are of the factors of ``found``; ``beside`` are shocked factors without a history,
    moved as told, with which nothing goes.
    """

    found: Conditional
    band: ProfitBand
    linear: ProfitBand
    beside: Mapping[str, float] = field(default_factory=dict)

    @property
    def gain(self) -> float:
        """In the mean moves, by full revaluation."""
        return self.band.at_mean

    def to_frame(self) -> pd.DataFrame:
        """One row per factor: those shocked, then those that move most for their size."""
        table = self.found.to_frame()
        words = [move_words(k, x) for k, x in zip(self.kinds, table["move"], strict=True)]
        table.insert(3, "in_words", words)
        spread = table["deviation"].to_numpy()
        size = np.abs(table["move"].to_numpy()) / np.where(spread > 0.0, spread, np.inf)
        order = np.lexsort((-size, ~table["shocked"].to_numpy()))
        return table.iloc[order].reset_index(drop=True)

    def bands(self) -> pd.DataFrame:
        """Both bands, one row each."""
        return pd.DataFrame([self.band.to_dict(), self.linear.to_dict()])

    def to_dict(self) -> dict[str, Any]:
        return self._told(
            {
                "band": self.band.to_dict(),
                "linear": self.linear.to_dict(),
                "beside": dict(self.beside),
                **{k: v for k, v in self.found.to_dict().items() if k != "notes"},
            }
        )

    def _repr_html_(self) -> str:
        table = self.to_frame().head(20).to_html(index=False, float_format="{:,.4g}".format)
        return (
            f"<p>{self.node}: {self.found.plausibility.words}. {self.provenance}</p>"
            f"{self.band._repr_html_()}{table}"
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class FragileReport(Report):
    """The directions in which a node loses most for its unlikeliness."""

    found: FragileDirections

    def to_frame(self) -> pd.DataFrame:
        """One row per direction, the largest loss first."""
        return self.found.to_frame()

    def factors(self, place: int = 0) -> pd.DataFrame:
        """The moves of one direction, counted from 0; the largest first."""
        table = self.found.factors(place)
        at = {name: i for i, name in enumerate(self.found.names)}
        kinds = [self.kinds[at[name]] for name in table["factor_id"]]
        words = [move_words(kind, x) for kind, x in zip(kinds, table["move"], strict=True)]
        table.insert(2, "in_words", words)
        return table

    def to_dict(self) -> dict[str, Any]:
        return self._told(self.found.to_dict())

    def _repr_html_(self) -> str:
        return f"<p>{self.node}. {self.provenance}</p>{self.found._repr_html_()}"
