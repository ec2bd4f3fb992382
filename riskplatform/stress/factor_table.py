"""The numbers of a market state as things that a scenario can name: levels, groups, volatility."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskplatform.domain.instruments import Instrument
from riskplatform.errors import UnknownNameError
from riskplatform.market.content import FloatArray
from riskplatform.market.surfaces import SurfaceAxis, VolSurface
from riskplatform.pricing.attributes import attributes
from riskplatform.pricing.units.book import UnitBook
from riskplatform.pricing.units.flows import NodeKind, UnitFlows
from riskplatform.pricing.units.needs import needs
from riskplatform.project.scenario_language.scenario import Selection
from riskplatform.simulation.axis import FactorAxis
from riskplatform.simulation.kinds import MoveKind
from riskplatform.simulation.nodes import Node, level_of, nodes_of

BoolArray = NDArray[np.bool_]
PRICES, COMMODITIES, COINS = "equity", "commodity", "crypto"
_COLUMNS = {
    "asset_class": "asset_class",
    "sector": "sector",
    "industry": "industry",
    "country": "country",
    "region": "region",
    "currency": "currency",
    "rating": "rating",
    "issuer": "issuer_id",
    "exchange": "exchange",
    "instrument_kind": "kind",
}
"""The words of the language and the attributes of instruments that they mean."""
_OWNED = (
    NodeKind.SPOT, NodeKind.PRICE, NodeKind.VOL, NodeKind.SKEW, NodeKind.CARRY, NodeKind.HAZARD,
)  # fmt: skip
STRESS_KINDS = {NodeKind.SPOT: MoveKind.LOG, NodeKind.FX: MoveKind.LOG}
"""Prices move by logarithms; everything else, spreads too, by what is added."""


@dataclass(frozen=True, slots=True, eq=False)
class FactorTable:
    """One row per factor, in the order of a book's nodes.

    ``levels`` are today's: prices, rates, hazards, of a volatility that at the money; of a skew,
    which is only ever moved, nothing.
    ``deviations`` are daily standard deviations of each factor's usual moves, not a number where
    the history has none; ``recoveries`` are those of hazards' issuers.
    """

    nodes: tuple[Node, ...]
    levels: FloatArray
    groups: pd.DataFrame = field(repr=False)
    recoveries: FloatArray = field(repr=False)
    deviations: FloatArray | None = field(default=None, repr=False)
    pivot: str = "USD"
    factor_ids: tuple[str, ...] = field(init=False, repr=False)
    years: FloatArray = field(init=False, repr=False)
    _masks: dict[object, BoolArray] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "factor_ids", tuple(node.factor_id for node in self.nodes))
        object.__setattr__(self, "years", np.array([node.years for node in self.nodes]))
        object.__setattr__(self, "_masks", {})

    def __len__(self) -> int:
        return len(self.nodes)

    def axis(self, as_of: object) -> FactorAxis:
        """The factors with the kinds by which stress moves them."""
        kinds = tuple(STRESS_KINDS.get(node.kind, MoveKind.ABSOLUTE) for node in self.nodes)
        return FactorAxis(self.factor_ids, kinds, as_of)  # type: ignore[arg-type]

    def of_kind(self, *kinds: NodeKind) -> BoolArray:
        key = ("kind", kinds)
        if key not in self._masks:
            self._masks[key] = np.array([node.kind in kinds for node in self.nodes], dtype=np.bool_)
        return self._masks[key]

    def selected(self, selection: Selection, among: BoolArray) -> BoolArray:
        """Which of ``among`` a selection means."""
        key = (selection, among.tobytes())
        if key not in self._masks:
            names = self.groups["name"].to_numpy()
            self._masks[key] = among & selected(selection, self.groups, names)
        return self._masks[key]

    def with_deviations(self, deviations: Mapping[str, float]) -> FactorTable:
        """The same with daily standard deviations by factor."""
        found = np.array([deviations.get(name, np.nan) for name in self.factor_ids])
        return replace(self, deviations=found)


def selected(selection: Selection, groups: pd.DataFrame, names: NDArray[np.object_]) -> BoolArray:
    """Rows that match names (in any case, with *) and every attribute."""
    found = np.ones(len(groups), dtype=np.bool_)
    if selection.names:
        patterns = [re.compile(pattern) for pattern in selection.patterns()]
        folded = [str(name).casefold() for name in names]
        found &= np.array(
            [any(p.match(name) for p in patterns) for name in folded], dtype=np.bool_
        ).reshape(len(folded))
    for attribute, values in selection.attributes:
        column = groups[_COLUMNS[attribute]].fillna("").astype(str).str.casefold()
        found &= column.isin([value.casefold() for value in values]).to_numpy(dtype=np.bool_)
    if selection.excepted is not None:
        found &= ~selected(selection.excepted, groups, names)
    return found


def check_words(selection: Selection, groups: pd.DataFrame) -> list[UnknownNameError]:
    """Attribute values that no instrument known has, with the nearest that one has."""
    found = []
    for attribute, values in selection.attributes:
        known = sorted({str(each) for each in groups[_COLUMNS[attribute]].dropna()})
        folded = {each.casefold() for each in known}
        found += [
            UnknownNameError(attribute, value, known)
            for value in values
            if value.casefold() not in folded
        ]
    if selection.excepted is not None:
        found += check_words(selection.excepted, groups)
    return found


def factor_table(book: UnitBook, terms: Mapping[str, Instrument]) -> FactorTable:
    """Of everything that a book's units depend on."""
    nodes = nodes_of(book.layout)
    table = attributes(terms.values()).set_index("instrument_id", drop=False)
    owners = _owners(nodes, book, terms, table)
    groups = table.reindex([owners.get((n.kind, n.name)) for n in nodes]).reset_index(drop=True)
    groups["name"] = [node.name for node in nodes]
    for kind in (NodeKind.ZERO, NodeKind.FX):
        mine = [i for i, node in enumerate(nodes) if node.kind is kind]
        groups.loc[mine, "currency"] = [_currency(nodes[i]) for i in mine]
    levels = np.array([level_of(node, book.layout.base) for node in nodes])
    _put_volatilities(levels, nodes, book)
    recoveries = np.array(
        [
            book.market.credit(node.name).recovery if node.kind is NodeKind.HAZARD else np.nan
            for node in nodes
        ]
    )
    return FactorTable(nodes, levels, groups, recoveries)


def _currency(node: Node) -> str:
    """Curves are named by their currency first: USD.OIS, EUR.GOVT."""
    return node.name.split(".", 1)[0]


def _owners(
    nodes: Iterable[Node],
    book: UnitBook,
    terms: Mapping[str, Instrument],
    table: pd.DataFrame,
) -> dict[tuple[NodeKind, str], str]:
    """The instrument whose attributes a stretch of the state has.

    A price has those of the instrument of its name; an index without one, a volatility or a
    yield, those of the underlying of what reads it; an issuer those of its bonds or swaps.
    """
    found: dict[tuple[NodeKind, str], str] = {}
    wanted = {(node.kind, node.name) for node in nodes}
    for kind, name in wanted:
        if kind in (NodeKind.SPOT, NodeKind.PRICE) and name in terms:
            found[kind, name] = name
    for unit in book.units:
        for key in _read_by(unit):
            if key in wanted and key not in found and unit.instrument_id in table.index:
                underlying = table.at[unit.instrument_id, "underlying_id"]
                own = key[0] is NodeKind.HAZARD or underlying not in terms
                found[key] = unit.instrument_id if own else str(underlying)
    return found


def _read_by(unit: UnitFlows) -> Iterator[tuple[NodeKind, str]]:
    return (key for key in needs(unit) if key[0] in _OWNED)


def _put_volatilities(levels: FloatArray, nodes: Iterable[Node], book: UnitBook) -> None:
    """The level of a volatility is that at the money: a state only knows the shift."""
    known: dict[str, FloatArray] = {}
    for row, node in enumerate(nodes):
        if node.kind is NodeKind.VOL:
            if node.name not in known:
                known[node.name] = at_the_money(book.market.surface(node.name))
            surface = book.market.surface(node.name)
            levels[row] = np.interp(node.years, surface.expiries, known[node.name])


def at_the_money(surface: VolSurface) -> FloatArray:
    """The volatility of the point nearest to the money, by expiry."""
    points = surface.points
    centre = {SurfaceAxis.DELTA: 0.5, SurfaceAxis.MONEYNESS: 1.0}.get(surface.axis)
    place = len(points) // 2 if centre is None else int(np.argmin(np.abs(points - centre)))
    return np.asarray(surface.vols[:, place], dtype=np.float64)
