"""The book as risk sees it: Q with its tree and slices, and a view of U for each scenario set.

Every number of risk is a product of these: a node's gains are its holdings times the gains of
units, a slice's are those of some of its holdings, a what-if's are those of other holdings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from riskplatform.domain.outcome import Coverage, Failure
from riskplatform.domain.portfolio import PortfolioTree
from riskplatform.errors import MissingDataError, UnknownNameError
from riskplatform.market.content import FloatArray
from riskplatform.pricing.attributes import SLICES
from riskplatform.pricing.valuation import PLACES, UNCLASSIFIED
from riskplatform.risk.sample import Sample
from riskplatform.risk.unit_facts import UnitFacts
from riskplatform.simulation.cube import UnitCube


@dataclass(frozen=True, slots=True, eq=False)
class ScenarioView:
    """One scenario set: ``gains`` [leaf, scenario] of the book, and the cube they are from.

    ``is_history`` says that scenarios are days, oldest first. ``maker`` is the kind of set.
    """

    name: str
    cube: UnitCube
    base_currency: str
    gains: FloatArray
    maker: str
    is_history: bool
    horizon_days: int

    @property
    def labels(self) -> tuple[str, ...]:
        return self.cube.labels

    @property
    def is_stress(self) -> bool:
        """Whether each scenario stands for itself, and none for a likelihood."""
        return self.maker in ("own", "stress")

    @property
    def scenario_set(self) -> str:
        return str(self.cube.key["scenario_set"])

    @property
    def weights(self) -> FloatArray | None:
        """Of the scenarios; none where all count the same."""
        given = self.cube.weights
        return None if (given == given[:1]).all() else given

    def of(self, holdings: sparse.csr_matrix) -> FloatArray:
        """Gains [row, scenario] of any holdings [row, instrument]."""
        return self.cube.profits(holdings, self.base_currency)

    def of_one(self, held: FloatArray) -> FloatArray:
        """Gains by scenario of one set of quantities by instrument."""
        return np.asarray(self.of(sparse.csr_matrix(held[None, :]))[0])

    def each(self, places: NDArray[np.intp], quantities: FloatArray) -> FloatArray:
        """Gains [position, scenario] of some instruments, each by itself."""
        rows = np.arange(places.size)
        shape = (places.size, len(self.cube.instrument_ids))
        return self.of(sparse.csr_matrix((quantities, (rows, places)), shape))

    @property
    def has_paths(self) -> bool:
        """Whether its scenarios are single days in their order, so that they add up to a path."""
        return self.is_history and self.horizon_days == 1

    def weighed(self, weights: FloatArray) -> FloatArray:
        """Sums over scenarios [instrument, column] of each unit's gains times ``weights``."""
        return self.cube.weighed(weights, self.base_currency)

    def weighed_where(self, weights: sparse.csc_matrix, wanted: sparse.csr_matrix) -> FloatArray:
        """The same where ``wanted`` [instrument, column] has an entry, one number for each."""
        return self.cube.weighed_where(weights, wanted, self.base_currency)

    def worth(self, held: FloatArray) -> float:
        """The model value of quantities by instrument; what has none adds nothing."""
        values = self.cube.worth(self.base_currency)
        return float(held @ np.where(np.isfinite(values), values, 0.0))

    def sample(self, gains: FloatArray) -> Sample:
        """One vector of gains as what the methods of risk are given."""
        return Sample(
            gains,
            weights=self.weights,
            is_history=self.is_history,
            horizon_days=float(self.horizon_days),
            labels=self.labels,
        )


@dataclass(frozen=True, eq=False)
class RiskBook:
    """``holdings`` [leaf, instrument] of ``leaves``; ``attributes`` has one row per instrument.

    ``nodes`` are all portfolios that hold something, parents before children, and ``below``
    [node, leaf] says of which leaves each is the sum. ``failures`` are held and in no number.
    ``facts`` are values and exposures of units, where they were asked for.
    """

    name: str
    as_of: date
    base_currency: str
    tree: PortfolioTree
    nodes: tuple[str, ...]
    leaves: tuple[str, ...]
    below: sparse.csr_matrix
    instrument_ids: tuple[str, ...]
    holdings: sparse.csr_matrix
    attributes: pd.DataFrame
    views: Mapping[str, ScenarioView]
    failures: tuple[Failure, ...]
    inputs: Mapping[str, str]
    facts: UnitFacts | None = None
    _places: Mapping[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        places = {name: i for i, name in enumerate(self.instrument_ids)}
        object.__setattr__(self, "_places", places)

    @property
    def book(self) -> RiskBook:
        """Itself: a book as it is, where one as it would be is accepted too."""
        return self

    @property
    def root(self) -> str:
        """The node above all others."""
        return self.nodes[0]

    @cached_property
    def kinds(self) -> NDArray[np.object_]:
        """The kind of each instrument."""
        return np.asarray(self.attributes["kind"].astype(object))

    @cached_property
    def currencies(self) -> NDArray[np.object_]:
        """The currency of each instrument."""
        return np.asarray(self.attributes["currency"].astype(object))

    @cached_property
    def coverage(self) -> Coverage:
        held = int((np.diff(self.holdings.tocsc().indptr) > 0).sum())
        return Coverage(held, self.failures)

    @property
    def known(self) -> UnitFacts:
        """The facts of units, of a book that was made with them."""
        if self.facts is None:
            raise MissingDataError(
                "This book of risk was made without values and exposures of units.",
                hint="Ask the desk for it with exposures: desk.risk_book(with_exposures=True).",
            )
        return self.facts

    def view(self, name: str | None = None) -> ScenarioView:
        """A scenario set by its name; the first if none is given."""
        if not self.views:
            raise MissingDataError("The book has no scenarios yet.")
        if name is None:
            return next(iter(self.views.values()))
        if name not in self.views:
            raise UnknownNameError("scenario set of this book", name, self.views)
        return self.views[name]

    def place(self, instrument_id: str) -> int:
        """The column of an instrument in Q, and its row in U."""
        if instrument_id not in self._places:
            raise UnknownNameError("instrument", instrument_id, self._places)
        return self._places[instrument_id]

    def named(self, row: int) -> str | None:
        """What to call a node's row when asking: the whole has no name where roots are several."""
        return self.nodes[row] or None

    def parent(self, node: str) -> str | None:
        """The node of this book just above a node; none above the whole."""
        if node == self.root:
            return None
        return self.tree.node(node).parent_id or self.root

    def row(self, node: str | None) -> int:
        """The row of a node in ``below``; the whole without one."""
        if node is None:
            return 0
        self.tree.node(node)
        if node not in self.nodes:
            raise MissingDataError(
                f"{node} holds nothing on {self.as_of}.",
                hint="Name a portfolio with positions, or another day with --as-of.",
            )
        return self.nodes.index(node)

    def with_leaves(self, names: Iterable[str]) -> RiskBook:
        """The same with portfolios that hold nothing yet, so that something can be put there."""
        new = tuple(names)
        leaves = (*self.leaves, *new)
        nodes, below = tree_rows(self.tree, leaves)
        nothing = sparse.csr_matrix((len(new), len(self.instrument_ids)))
        views = {
            name: replace(
                view,
                gains=np.concatenate([view.gains, np.zeros((len(new), view.gains.shape[1]))]),
            )
            for name, view in self.views.items()
        }
        held = sparse.vstack([self.holdings, nothing], format="csr")
        return replace(self, nodes=nodes, leaves=leaves, below=below, holdings=held, views=views)

    def held_by(self, node: str | None) -> FloatArray:
        """Quantities of a node, by instrument."""
        mine = self.below[self.row(node)]
        return np.asarray((mine @ self.holdings).todense()).ravel()

    def gains(self, node: str | None, view: str | None = None) -> FloatArray:
        """What a node gains in each scenario."""
        return np.asarray(self.below[self.row(node)] @ self.view(view).gains).ravel()

    def all_gains(self, view: str | None = None) -> FloatArray:
        """[node, scenario] of every node of the tree."""
        return np.asarray(self.below @ self.view(view).gains)

    def sliced(self, by: str, node: str | None = None) -> tuple[tuple[str, ...], sparse.csr_matrix]:
        """The groups of a node's holdings and what each holds [group, instrument].

        ``by`` is an attribute of instruments, or a place in the tree: ``portfolio`` (the nodes
        just below) or ``portfolio_id`` (the leaves).
        """
        if by in PLACES:
            return self._by_place(by, node)
        return in_slices(self.attributes, by, self.held_by(node))

    def _by_place(self, by: str, node: str | None) -> tuple[tuple[str, ...], sparse.csr_matrix]:
        inside = self.below[self.row(node)].indices
        here = self.nodes[self.row(node)]
        below = self.tree.roots if here == EVERYTHING else self.tree.children(here)
        children = below or (here,)
        parts = children if by == "portfolio" else tuple(self.leaves[i] for i in inside)
        names = tuple(name for name in parts if name in self.nodes)
        rows = self.below[[self.nodes.index(name) for name in names]]
        return names, (rows @ self.holdings).tocsr()


def in_slices(
    attributes: pd.DataFrame, by: str, held: FloatArray
) -> tuple[tuple[str, ...], sparse.csr_matrix]:
    """Quantities by instrument as groups of one attribute [group, instrument]."""
    if by not in SLICES:
        error = UnknownNameError("slice", by, (*PLACES, *SLICES))
        error.hint = error.hint or f"There are {', '.join((*PLACES, *SLICES))}."
        raise error
    places = np.flatnonzero(held)
    keys = attributes[by].fillna(UNCLASSIFIED).astype(str).to_numpy()[places]
    codes, names = pd.factorize(keys, sort=True)
    grouped = sparse.csr_matrix((held[places], (codes, places)), (len(names), held.size))
    return tuple(str(name) for name in names), grouped


def tree_rows(
    tree: PortfolioTree, leaves: tuple[str, ...]
) -> tuple[tuple[str, ...], sparse.csr_matrix]:
    """Every node above ``leaves``, parents first, and [node, leaf] of which leaves it is the sum.

    Where several roots hold something, a node of them all comes first, with an empty name.
    """
    place = {leaf: i for i, leaf in enumerate(leaves)}
    walked = [(node, _inside(tree, node, place)) for root in tree.roots for node in tree.walk(root)]
    found = [(node, inside) for node, inside in walked if inside]
    roots = [node for node, _ in found if tree.node(node).parent_id is None]
    if len(roots) != 1:
        found.insert(0, (EVERYTHING, list(range(len(leaves)))))
    rows = np.repeat(np.arange(len(found)), [len(inside) for _, inside in found])
    columns = np.array([i for _, inside in found for i in inside], dtype=np.intp)
    below = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), (len(found), len(leaves)))
    return tuple(node for node, _ in found), below


EVERYTHING = ""
"""The name of the node above several roots."""


def _inside(tree: PortfolioTree, node: str, place: Mapping[str, int]) -> list[int]:
    return sorted(place[leaf] for leaf in tree.leaves(node) if leaf in place)
