"""What differs between a book and a state of it: quantities by node and instrument."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from riskplatform.risk.book import EVERYTHING, RiskBook

Changes = Mapping[str, Mapping[int, float]]
"""By node, for every node that is touched: quantities added, by place on the book's axis."""


def spread_up(book: RiskBook, trades: Changes) -> Changes:
    """Trades of nodes, as changes of these nodes and all above them. What nets to zero is gone."""
    total: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for node, added in trades.items():
        for each in nodes_with(book, node):
            for place, quantity in added.items():
                total[each][place] += quantity
    return {
        node: {place: quantity for place, quantity in added.items() if quantity != 0.0}
        for node, added in total.items()
    }


def nodes_with(book: RiskBook, node: str) -> tuple[str, ...]:
    """The nodes of which a node is a part, itself included: those that its trades touch."""
    if node == EVERYTHING:
        return (EVERYTHING,)
    above = (EVERYTHING,) if EVERYTHING in book.nodes else ()
    return (*above, *book.tree.path(node))
