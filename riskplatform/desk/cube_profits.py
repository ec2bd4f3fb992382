"""Gains of groups of the book in a cube's scenarios: Q U, put into words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskplatform.desk.holdings import holdings_of
from riskplatform.errors import UnknownNameError
from riskplatform.market.content import FloatArray
from riskplatform.pricing.attributes import SLICES, attributes
from riskplatform.pricing.valuation import PLACES, UNCLASSIFIED
from riskplatform.simulation.cube import UnitCube

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk
    from riskplatform.desk.scope import Scope


@dataclass(frozen=True, slots=True, eq=False)
class Profits:
    """``gains`` [group, scenario]; ``missing`` are held and have no row or no value there."""

    by: str
    groups: tuple[str, ...]
    gains: FloatArray
    weights: FloatArray
    labels: tuple[str, ...]
    currency: str
    missing: tuple[str, ...]

    def to_frame(self, worst: int = 3) -> pd.DataFrame:
        """Per group: mean, standard deviation, and the worst scenarios with their labels."""
        pairs = zip(self.groups, self.gains, strict=True)
        columns = list(self._row("", np.zeros(len(self.labels)), worst))
        return pd.DataFrame(
            [self._row(name, gains, worst) for name, gains in pairs], columns=columns
        )

    def total(self, worst: int = 3) -> dict[str, Any]:
        """The same of all groups together."""
        return self._row("total", self.gains.sum(axis=0), worst)

    def _row(self, name: str, gains: FloatArray, worst: int) -> dict[str, Any]:
        mean = float(self.weights @ gains)
        row: dict[str, Any] = {
            self.by: name,
            "mean": mean,
            "standard_deviation": float(np.sqrt(self.weights @ np.square(gains - mean))),
        }
        # Ties in the order of the scenarios, so that the table is the same everywhere.
        order = np.argsort(gains, kind="stable")[:worst]
        for rank, place in enumerate(order, start=1):
            row |= {f"worst_{rank}": float(gains[place]), f"scenario_{rank}": self.labels[place]}
        return row


def cube_profits(desk: Desk, found: UnitCube, scope: Scope, by: str | None) -> Profits:
    """What a scope, as held on the cube's day, gains in each scenario, in the desk's currency."""
    as_of = pd.Timestamp(found.cube.notes["as_of"]).date()
    lines = desk.ledger.positions(as_of, portfolio_ids=scope.leaves).to_frame()
    slice_ = by or "portfolio"
    lines["portfolio_id"] = _groups(desk, lines, scope, by)
    holdings, groups, missing = holdings_of(lines, found)
    currency = desk.settings.base_currency
    broken = {found.instrument_ids[place] for place in found.not_covered(holdings)}
    return Profits(
        by=slice_,
        groups=groups,
        gains=found.profits(holdings, currency),
        weights=found.weights,
        labels=found.labels,
        currency=currency,
        missing=tuple(sorted({*missing, *broken})),
    )


def _groups(desk: Desk, lines: pd.DataFrame, scope: Scope, by: str | None) -> pd.Series[Any]:
    if by is None:
        return pd.Series(scope.node or desk.settings.name, index=lines.index)
    if by not in (*PLACES, *SLICES):
        error = UnknownNameError("slice", by, (*PLACES, *SLICES))
        error.hint = error.hint or f"There are {', '.join((*PLACES, *SLICES))}."
        raise error
    if by == "portfolio":
        return lines["portfolio_id"].map(scope.child_of_leaf)
    if by == "portfolio_id":
        return lines["portfolio_id"]
    terms = desk.instruments()
    table = attributes(terms[name] for name in sorted(set(lines["instrument_id"])))
    known = table.set_index("instrument_id", drop=False)[by].fillna(UNCLASSIFIED)
    return lines["instrument_id"].map(known)
