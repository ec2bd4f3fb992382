"""A book as it would be: the book, and what is added to some of its lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from riskplatform.market.content import FloatArray
from riskplatform.risk.book import RiskBook
from riskplatform.risk.limits import Changes, spread_up
from riskplatform.risk.what_if.base import Base
from riskplatform.risk.what_if.netting import Line


@dataclass(eq=False)
class ChangedBook:
    """A :class:`BookState`: vectors of nodes that nothing is added to are the base's own.

    ``added`` is by line, money included. Vectors are made when they are asked for, and kept.
    """

    base: Base
    added: Mapping[Line, float]
    changes: Changes = field(init=False)
    _emptied: frozenset[int] = field(init=False, repr=False)
    _gains: dict[tuple[str, str], FloatArray] = field(default_factory=dict, repr=False)
    _held: dict[str, FloatArray] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        trades: dict[str, dict[int, float]] = {}
        for (leaf, place), much in self.added.items():
            trades.setdefault(self.book.leaves[leaf], {})[place] = much
        self.changes = spread_up(self.book, trades)
        by_leaf = [self.book.leaves.index(leaf) for leaf in trades]
        self._emptied = frozenset(leaf for leaf in by_leaf if self._is_emptied(leaf))

    @property
    def book(self) -> RiskBook:
        return self.base.book

    def is_touched(self, node: str | None) -> bool:
        """Whether anything of a node is other than in the base."""
        return bool(self.changes.get(self._name(node)))

    def is_nothing(self, node: str | None) -> bool:
        """Whether all that a node held is gone: it then gains nothing, to the last bit."""
        if not self._emptied:
            return False
        inside = self.book.below[self.book.row(node)].indices
        return all(leaf in self._emptied for leaf in inside.tolist())

    def held_by(self, node: str | None) -> FloatArray:
        name = self._name(node)
        if name not in self._held:
            held = self.base.held_by(name)
            if self.is_nothing(name):
                held = np.zeros_like(held)
            elif self.is_touched(name):
                held = held.copy()
                for place, much in self.changes[name].items():
                    held[place] += much
            self._held[name] = held
        return self._held[name]

    def gains(self, node: str | None, view: str | None = None) -> FloatArray:
        chosen, name = self.book.view(view), self._name(node)
        key = (name, chosen.name)
        if key not in self._gains:
            gains = self.base.gains(name, chosen.name)
            if self.is_nothing(name):
                gains = np.zeros_like(gains)
            elif self.is_touched(name):
                gains = gains.copy()
                for place, much in self.changes[name].items():
                    gains += much * self.base.unit_row(place, chosen.name)
            self._gains[key] = gains
        return self._gains[key]

    def _is_emptied(self, leaf: int) -> bool:
        row = self.book.holdings[leaf]
        added = self.changes[self.book.leaves[leaf]]
        if len(added) != row.count_nonzero():
            return False
        lines = zip(row.indices.tolist(), row.data.tolist(), strict=True)
        return all(added.get(place, 0.0) == -held for place, held in lines)

    def _name(self, node: str | None) -> str:
        return self.book.nodes[self.book.row(node)]
