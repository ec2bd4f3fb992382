"""A book small enough to work out by hand: six units, five leaves, three sets of scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from riskplatform.domain.limits import Limit
from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.domain.portfolio import PortfolioNode, PortfolioTree
from riskplatform.market.content import FloatArray
from riskplatform.risk.book import RiskBook, ScenarioView, tree_rows
from riskplatform.risk.limits import Changes, spread_up
from riskplatform.risk.unit_facts import UnitFacts
from riskplatform.simulation.cube import CURRENCY, UnitCube
from riskplatform.store.cubes import Cube

DAY = date(2026, 3, 6)
IDS = ("AAA", "BBB", "EEE", "BOND", "GHOST", "CASH.USD", "CASH.EUR")
CURRENCIES = ("USD", "USD", "EUR", "USD", "USD", "USD", "EUR")
VALUES = np.array([100.0, 50.0, 22.0, 10.0, np.nan, 1.0, 1.1])
"""In dollars."""
VOLUMES = np.array([1_000.0, 500.0, 2_000.0, np.nan, np.nan, np.nan, np.nan])

HOLDINGS = {
    "growth": {"AAA": 300.0, "BBB": 200.0, "CASH.USD": 5_000.0},
    "value": {"BBB": 400.0, "EEE": 1_000.0, "CASH.EUR": 1_000.0},
    "macro": {"BOND": 2_000.0, "AAA": -100.0, "CASH.USD": 10_000.0},
    "other": {"GHOST": 7.0, "CASH.USD": 100.0},
}
"""``empty`` is in the tree and holds nothing."""

STRESSES = ("crash", "rates up", "nothing")
STRESS = np.array(
    [[-30.0, 0.0, 0.0], [-10.0, -1.0, 0.0], [-5.0, -1.0, 0.0], [1.0, -2.0, 0.0]]
)  # fmt: skip
"""What one unit of the first four gains, in its currency."""


def small_book(seed: int = 3, days: int = 100) -> RiskBook:
    rng = np.random.default_rng(seed)
    tree = PortfolioTree(
        PortfolioNode(portfolio_id=name, name=name, parent_id=parent)
        for name, parent in (
            ("firm", None), ("fund", "firm"), ("growth", "fund"), ("value", "fund"),
            ("macro", "firm"), ("other", "firm"), ("empty", "firm"),
        )
    )  # fmt: skip
    leaves = tuple(sorted(HOLDINGS))
    table = np.zeros((len(leaves), len(IDS)))
    for leaf, held in HOLDINGS.items():
        for name, quantity in held.items():
            table[leaves.index(leaf), IDS.index(name)] = quantity
    held = sparse.csr_matrix(table)
    nodes, below = tree_rows(tree, leaves)
    moves = rng.standard_t(4, (4, days)) * np.array([[2.0], [1.0], [0.4], [0.1]])
    euro = rng.normal(0.0, 0.005, days)
    views = {
        "historical": _view("historical", "historical", moves, euro, held),
        "drawn": _view("drawn", "factor_model", np.tile(moves, 2), np.tile(euro, 2), held),
        "shocks": _view("shocks", "own", STRESS, np.zeros(3), held, STRESSES),
    }
    return RiskBook(
        name="Small book", as_of=DAY, base_currency="USD", tree=tree, nodes=nodes, leaves=leaves,
        below=below, instrument_ids=IDS, holdings=held, attributes=_attributes(), views=views,
        failures=(Failure(FailureReason.MISSING_DATA, "GHOST has no value.", "GHOST"),),
        inputs={"ledger": "test"}, facts=_facts(),
    )  # fmt: skip


def _view(
    name: str,
    maker: str,
    moves: FloatArray,
    euro: FloatArray,
    held: sparse.csr_matrix,
    labels: tuple[str, ...] | None = None,
) -> ScenarioView:
    count = moves.shape[1]
    table = np.zeros((len(IDS) + 1, 2 + count))
    table[: len(IDS), 0] = VALUES / np.array([1, 1, 1.1, 1, 1, 1, 1.1])
    table[:4, 2:], table[-1, 2:] = moves, euro
    cube = Cube(
        cube_id=name,
        key={"currencies": ("USD", "EUR"), "scenario_set": name, "horizon_days": 1},
        row_ids=(*IDS, CURRENCY + "EUR"),
        column_labels=("value", "time", *(labels or (f"day {i}" for i in range(count)))),
        values=table.astype(np.float32),  # type: ignore[arg-type]
    )
    unit = UnitCube(
        cube, IDS, CURRENCIES, np.array([1.0, 1.1]), np.full(count, 1.0 / count), failures=()
    )
    gains = unit.profits(held, "USD")
    return ScenarioView(name, unit, "USD", gains, maker, maker == "historical", 1)


def _attributes() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "instrument_id": IDS,
            "asset_class": ["equity", "equity", "equity", "credit", "equity", "cash", "cash"],
            "kind": ["equity", "equity", "equity", "fixed_bond", "equity", "cash", "cash"],
            "currency": CURRENCIES,
            "sector": ["Tech", "Energy", "Tech", None, None, None, None],
            "country": ["US", "US", "DE", "US", None, None, None],
            "issuer_id": ["A", "B", "E", "B", "G", None, None],
        },
        dtype=object,
    )


def _facts() -> UnitFacts:
    columns = pd.DataFrame(
        [
            ("delta", "AAA", np.nan), ("delta", "BBB", np.nan), ("delta", "EEE", np.nan),
            ("dv01", "USD.GOVT", 2.0), ("dv01", "USD.GOVT", 5.0), ("cs01", "B", 5.0),
            ("beta", "MARKET", np.nan),
        ],
        columns=["measure", "factor_id", "years"],
    )  # fmt: skip
    table = np.zeros((len(IDS), len(columns)))
    table[[0, 1, 2], [0, 1, 2]] = VALUES[:3]
    table[3, 3:6] = [-0.001, -0.003, -0.004]
    table[[0, 1], 6] = [120.0, 40.0]
    return UnitFacts(VALUES, sparse.csr_matrix(table), columns, VOLUMES)


def limit(measure: str, hard: float, node: str = "firm", **terms: Any) -> Limit:
    return Limit(limit_id=f"{node} {measure}", node=node, measure=measure, hard=hard, **terms)


@dataclass(frozen=True)
class Traded:
    """The book after trades of leaves: another state of it, made as a what-if makes it."""

    book: RiskBook
    changes: Changes

    @classmethod
    def of(cls, book: RiskBook, trades: Mapping[str, Mapping[str, float]]) -> Traded:
        placed = {
            node: {book.place(name): much for name, much in added.items()}
            for node, added in trades.items()
        }
        return cls(book, spread_up(book, placed))

    def held_by(self, node: str | None) -> FloatArray:
        name = node or self.book.root
        base = self.book.held_by(name) if name in self.book.nodes else np.zeros(len(IDS))
        return base + self._added(name)

    def gains(self, node: str | None, view: str | None = None) -> FloatArray:
        name, found = node or self.book.root, self.book.view(view)
        base = self.book.gains(name, view) if name in self.book.nodes else 0.0
        return np.asarray(base + found.of(sparse.csr_matrix(self._added(name)[None]))[0])

    def _added(self, node: str) -> FloatArray:
        out = np.zeros(len(IDS))
        for place, much in self.changes.get(node, {}).items():
            out[place] += much
        return out
