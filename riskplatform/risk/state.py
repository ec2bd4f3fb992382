"""What limits, measures and what-if ask of a book, as it is or as it would be."""

from __future__ import annotations

from typing import Protocol

from riskplatform.market.content import FloatArray
from riskplatform.risk.book import RiskBook


class BookState(Protocol):
    """A book's holdings and gains by node. :class:`RiskBook` is one; a what-if is another."""

    @property
    def book(self) -> RiskBook:
        """Axes, tree, facts of units and views, which do not change."""

    def held_by(self, node: str | None) -> FloatArray:
        """Quantities of a node, by instrument."""

    def gains(self, node: str | None, view: str | None = None) -> FloatArray:
        """What a node gains in each scenario of a view."""
