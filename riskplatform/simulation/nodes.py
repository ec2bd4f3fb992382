"""The numbers of a market state as factors of a scenario set, and moves of factors as states.

A factor is named by its type and what it is of: ``spot.AAPL``, ``fx.EUR``, ``zero.USD.OIS@5`` (the
zero rate at five years), ``hazard.ACME@3``, ``vol.VOL.SPX@0.25``, ``skew.VOL.SPX@0.25``,
``carry.DIV.SPX@1`` or ``basis.ESZ6``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.pricing.units.layout import StateLayout
from riskplatform.simulation.axis import FactorAxis
from riskplatform.simulation.kinds import MoveKind, columns_of

PREFIXES = {
    NodeKind.SPOT: "spot",
    NodeKind.PRICE: "price",
    NodeKind.FX: "fx",
    NodeKind.ZERO: "zero",
    NodeKind.HAZARD: "hazard",
    NodeKind.VOL: "vol",
    NodeKind.CARRY: "carry",
    NodeKind.BASIS: "basis",
    NodeKind.SKEW: "skew",
}
USUAL_KINDS = {
    NodeKind.SPOT: MoveKind.LOG,
    NodeKind.FX: MoveKind.LOG,
    NodeKind.HAZARD: MoveKind.LOG,
    NodeKind.BASIS: MoveKind.ABSOLUTE,
    NodeKind.PRICE: MoveKind.ABSOLUTE,
    NodeKind.ZERO: MoveKind.ABSOLUTE,
    NodeKind.VOL: MoveKind.ABSOLUTE,
    NodeKind.SKEW: MoveKind.ABSOLUTE,
    NodeKind.CARRY: MoveKind.ABSOLUTE,
}
"""How the history of a node is usually read: prices by returns, rates by differences."""
WITHOUT_HISTORY = (NodeKind.BASIS, NodeKind.SKEW)
"""Contracts keep today's basis and surfaces today's skew, unless a scenario moves them."""
_WITH_TENOR = (NodeKind.ZERO, NodeKind.HAZARD, NodeKind.VOL, NodeKind.SKEW, NodeKind.CARRY)
# A state keeps these as logarithms of what the factor is.
_LOGGED = (NodeKind.SPOT, NodeKind.FX, NodeKind.BASIS)


@dataclass(frozen=True, slots=True)
class Node:
    """One number of a state: its column, and what it is."""

    column: int
    kind: NodeKind
    name: str
    years: float

    @property
    def factor_id(self) -> str:
        tenor = f"@{self.years:.6g}" if self.kind in _WITH_TENOR else ""
        return f"{PREFIXES[self.kind]}.{self.name}{tenor}"


def nodes_of(layout: StateLayout, pivot: str = "USD") -> tuple[Node, ...]:
    """Every number of a layout but the pivot currency, whose price never moves."""
    found = [
        Node(column, kind, name, years)
        for kind in PREFIXES
        for name, years, column in layout.columns(kind)
    ]
    return tuple(node for node in found if node.kind is not NodeKind.FX or node.name != pivot)


@dataclass(frozen=True, slots=True, eq=False)
class StateMaker:
    """Turns moves [scenario, factor] into states; ``still`` are numbers that no factor moves."""

    base: FloatArray
    columns: NDArray[np.intp]
    factors: NDArray[np.intp]
    is_logged: NDArray[np.bool_]
    is_hazard: NDArray[np.bool_]
    kinds: tuple[MoveKind, ...]
    still: tuple[str, ...]

    def states(self, moves: FloatArray) -> FloatArray:
        """One row per scenario; what is not moved stays as it is in the market."""
        # Most numbers are added to, and all at once is several times faster than by kind.
        source = np.zeros(len(self.base), dtype=np.intp)
        source[self.columns] = self.factors
        states = np.take(moves, source, axis=1)
        states[:, np.setdiff1d(np.arange(len(self.base)), self.columns)] = 0.0
        states += self.base
        for kind in MoveKind:
            places = columns_of(self.kinds, kind)
            for logged in (True, False):
                part = places[self.is_logged[places] == logged]
                if part.size and not _is_added(kind, logged):
                    at = self.columns[part]
                    chosen = moves[:, self.factors[part]]
                    states[:, at] = _moved(self.base[at], chosen, kind, logged)
        hazards = self.columns[self.is_hazard]
        states[:, hazards] = np.maximum(states[:, hazards], 0.0)
        return states


def state_maker(layout: StateLayout, axis: FactorAxis) -> StateMaker:
    """For a layout and a set's factors; factors that the layout does not read are left aside."""
    place = {factor_id: i for i, factor_id in enumerate(axis.factor_ids)}
    nodes = nodes_of(layout)
    moved = [node for node in nodes if node.factor_id in place]
    factors = np.array([place[node.factor_id] for node in moved], dtype=np.intp)
    _check_shifts(moved, [axis.kinds[i] for i in factors])
    return StateMaker(
        base=layout.base,
        columns=np.array([node.column for node in moved], dtype=np.intp),
        factors=factors,
        is_logged=np.array([node.kind in _LOGGED for node in moved], dtype=np.bool_),
        is_hazard=np.array([node.kind is NodeKind.HAZARD for node in moved], dtype=np.bool_),
        kinds=tuple(axis.kinds[i] for i in factors),
        still=tuple(node.factor_id for node in nodes if node.factor_id not in place),
    )


def _check_shifts(nodes: Sequence[Node], kinds: Sequence[MoveKind]) -> None:
    """A state knows the shift of a volatility and not its level, so it can only be added to."""
    for node, kind in zip(nodes, kinds, strict=True):
        if node.kind in (NodeKind.VOL, NodeKind.SKEW) and kind is not MoveKind.ABSOLUTE:
            raise UserInputError(
                f"The factor {node.factor_id} moves by {kind.value!r}; a volatility moves by "
                "'absolute' only.",
                hint="Give the change of the volatility itself, such as 0.05 for 5 points.",
            )


def standing(still: Iterable[str]) -> list[str]:
    """What to tell of numbers that no scenario moves: a basis is meant to stand, and so is a skew,
    of which all are one entry."""
    told: dict[str, None] = {}
    for name in still:
        kind = name.split(".", 1)[0]
        if kind == PREFIXES[NodeKind.SKEW]:
            told[f"{kind}.*"] = None
        elif kind != PREFIXES[NodeKind.BASIS]:
            told[name] = None
    return list(told)


def _is_added(kind: MoveKind, logged: bool) -> bool:
    """Whether the number of the state is the base and the move together."""
    return kind is (MoveKind.LOG if logged else MoveKind.ABSOLUTE)


def _moved(base: FloatArray, moves: FloatArray, kind: MoveKind, logged: bool) -> FloatArray:
    """The number of the state; a logged one is the logarithm of the factor's level."""
    if not logged:
        match kind:
            case MoveKind.LOG:
                return np.asarray(base * np.exp(moves))
            case MoveKind.RELATIVE:
                return np.asarray(base * (1.0 + moves))
    with np.errstate(divide="ignore", invalid="ignore"):
        match kind:
            case MoveKind.RELATIVE:
                return np.asarray(base + np.log1p(moves))
            case MoveKind.ABSOLUTE:
                # Without a move this is the base itself, to the last bit.
                return np.asarray(base + np.log1p(moves * np.exp(-base)))
    raise NotImplementedError(kind)


def level_of(node: Node, state: FloatArray) -> float:
    """The level of the factor in a state."""
    number = float(state[node.column])
    return float(np.exp(number)) if node.kind in _LOGGED else number
