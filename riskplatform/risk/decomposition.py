"""A risk taken apart by items: components that sum to it, what it would be without each, and the
scenarios of its tail with what drove them.

Contributions [item, scenario] come in blocks of items (positions, slices or factors), so the whole
matrix is never held: one pass, one matrix product per block.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskplatform.domain.outcome import Failure
from riskplatform.errors import DataError, UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.risk.checks import checked_pnl
from riskplatform.risk.quantiles import Tail, var_and_es
from riskplatform.risk.shares import RiskShares, risk_shares
from riskplatform.risk.tail_scenarios import TailScenario, Watched

Block = tuple[Sequence[str], ArrayLike]
MEASURES = ("volatility", "var", "es")
REST = "(not in any item)"
# Contributions that miss the total by less than this share of it are whole.
_WHOLE = 1e-9


@dataclass(frozen=True, eq=False)
class Decomposition:
    """``components`` [item, measure] add up to ``totals`` with ``rest``, what no item explains.

    ``without`` [item, VaR and ES] are the risks of the total without the item, recomputed in full,
    where they were asked for. ``var_scaling`` is the factor on the smoothed components of VaR.
    """

    items: tuple[str, ...]
    components: FloatArray
    totals: FloatArray
    rest: FloatArray
    confidence: float
    scenarios: int
    var_scaling: float
    without: FloatArray | None
    tail: tuple[TailScenario, ...]
    failures: tuple[Failure, ...]

    @property
    def is_whole(self) -> bool:
        """Whether the items explain all of it."""
        size = np.abs(self.totals).max(initial=0.0)
        return bool((np.abs(self.rest) <= _WHOLE * size).all())

    def by(self, groups: Mapping[str, str]) -> pd.DataFrame:
        """Components summed by group; an item without one is its own."""
        keys = [groups.get(item, item) for item in self.items]
        return self.to_frame()[list(MEASURES)].groupby(keys, sort=False).sum()

    def to_frame(self) -> pd.DataFrame:
        """One row per item: components, shares and, where known, what leaving it out saves."""
        frame = pd.DataFrame(self.components, index=list(self.items), columns=list(MEASURES))
        frame.index.name = "item"
        for place, measure in enumerate(MEASURES):
            total = self.totals[place]
            frame[f"{measure}_share"] = frame[measure] / total if total else 0.0
        if self.without is not None:
            frame["incremental_var"] = self.totals[1] - self.without[:, 0]
            frame["incremental_es"] = self.totals[2] - self.without[:, 1]
        if not self.is_whole:
            frame.loc[REST, list(MEASURES)] = self.rest
        return frame

    def tail_frame(self) -> pd.DataFrame:
        """One row per tail scenario and item that drove it."""
        rows = [
            (scenario.label, scenario.loss, scenario.weight, item, gain)
            for scenario in self.tail
            for item, gain in scenario.drivers
        ]
        return pd.DataFrame(rows, columns=["scenario", "loss", "weight", "item", "pnl"])

    def to_dict(self) -> dict[str, Any]:
        named = dict(zip(MEASURES, self.totals.tolist(), strict=True))
        return {
            "confidence": self.confidence,
            "scenarios": self.scenarios,
            "totals": named,
            "rest": dict(zip(MEASURES, self.rest.tolist(), strict=True)),
            "var_components": "beta weights around the quantile scenario, scaled by "
            f"{self.var_scaling:.6g} to sum to VaR",
            "items": self.to_frame().reset_index().to_dict("records"),
            "tail": [scenario.to_dict() for scenario in self.tail],
            "failures": [failure.to_dict() for failure in self.failures],
        }

    def _repr_html_(self) -> str:
        head = (
            f"<p>VaR {self.totals[1]:,.2f}, ES {self.totals[2]:,.2f} at {self.confidence:.4g}</p>"
        )
        return head + str(self.to_frame().to_html(float_format="{:,.4g}".format))


def decompose(
    total: ArrayLike,
    blocks: Iterable[Block],
    confidence: float,
    *,
    weights: ArrayLike | None = None,
    incremental: bool = False,
    labels: Sequence[str] | None = None,
    shown: int = 20,
    drivers: int = 5,
) -> Decomposition:
    """Take one total P&L vector apart by the contributions of its items.

    ``shown`` scenarios of the tail are listed, worst first, each with ``drivers`` items.
    """
    shares = risk_shares(total, confidence, weights)
    watched = Watched.of(shares, labels, shown, drivers)
    items: list[str] = []
    components, without = [], []
    for names, block in blocks:
        values = _checked(names, block, shares)
        items += [str(name) for name in names]
        components.append(shares.components(values))
        watched.see(names, values)
        if incremental:
            without.append(np.stack(risk_without(values, shares), axis=1))
    table = np.concatenate(components) if components else np.zeros((0, len(MEASURES)))
    totals = np.array([shares.volatility, shares.var, shares.es])
    rest = totals - table.sum(axis=0)
    if shares.var_failure is not None:
        rest[1] = totals[1]
    return Decomposition(
        items=tuple(items),
        components=table,
        totals=totals,
        rest=rest,
        confidence=shares.confidence,
        scenarios=shares.total.size,
        var_scaling=shares.var_scaling,
        without=np.concatenate(without) if without else None,
        tail=watched.scenarios(),
        failures=() if shares.var_failure is None else (shares.var_failure,),
    )


def marginals(units: Iterable[Block], shares: RiskShares) -> pd.DataFrame:
    """What one more unit adds to each measure, to first order, for rows of U, held or not."""
    names: list[str] = []
    parts = [np.zeros((0, len(MEASURES)))]
    for block_names, block in units:
        names += [str(name) for name in block_names]
        parts.append(shares.components(_checked(block_names, block, shares)))
    frame = pd.DataFrame(np.concatenate(parts), index=names, columns=list(MEASURES))
    frame.index.name = "item"
    return frame


def risk_without(block: FloatArray, shares: RiskShares) -> Tail:
    """VaR and ES of the total without each item of a block, in full."""
    return var_and_es(shares.total - block, shares.confidence, shares.shares)


def blocks_of(
    names: Sequence[str], contributions: ArrayLike, *, rows: int = 256
) -> Iterable[Block]:
    """A matrix that is in memory, as blocks."""
    table = np.asarray(contributions)
    if table.ndim != 2 or len(table) != len(names):
        raise UserInputError(f"{len(names)} names do not fit contributions {table.shape}.")
    for first in range(0, len(table), rows):
        yield names[first : first + rows], table[first : first + rows]


def _checked(names: Sequence[str], block: ArrayLike, shares: RiskShares) -> FloatArray:
    values = np.asarray(block, dtype=np.float64)
    if values.shape != (len(names), shares.total.size):
        raise UserInputError(
            f"A block of {len(names)} items and {shares.total.size} scenarios has shape "
            f"{values.shape}."
        )
    bad = ~np.isfinite(values).all(axis=1)
    if bad.any():
        named = ", ".join(str(names[i]) for i in np.flatnonzero(bad)[:5])
        raise DataError(f"The contributions of {int(bad.sum())} items are no numbers: {named}.")
    return checked_pnl(values) if len(values) else values
