"""Limits of the demo firm: all judged after one trade, and what still fits of all in a book.

The plain version beside the judge measures every limit again on the changed book.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.benchmarks.bench_desk import demo
from tests.benchmarks.harness import Case

LEAF, TRADES = "GEQ.NAM.CORE", 100


class Traded:
    """The book after one trade of a leaf; its base vectors are at hand, as a what-if has them."""

    def __init__(self, base: Any, place: int, quantity: float) -> None:
        from riskplatform.risk.limits import spread_up

        self.base, self.book, self.place, self.quantity = base, base.book, place, quantity
        self.changes = spread_up(base.book, {LEAF: {place: quantity}})

    def held_by(self, node: str) -> Any:
        held = self.base.held[node]
        if node in self.changes:
            held = held.copy()
            held[self.place] += self.quantity
        return held

    def gains(self, node: str, view: str) -> Any:
        gains = self.base.gains[node, view]
        if node in self.changes:
            gains = gains + self.quantity * self.base.units[view][self.place]
        return gains


class Base:
    """Vectors of every node, and gains of the units that are traded."""

    def __init__(self, book: Any, places: Any) -> None:
        import numpy as np
        from scipy import sparse

        self.book = book
        self.held = {node: book.held_by(node) for node in book.nodes}
        self.gains = {(n, v): book.gains(n, v) for n in book.nodes for v in book.views}
        rows = np.arange(len(places))
        shape = (len(places), len(book.instrument_ids))
        units = sparse.csr_matrix((np.ones(len(places)), (rows, places)), shape)
        self.units = {
            name: dict(zip(places.tolist(), view.of(units), strict=True))
            for name, view in book.views.items()
        }


def prepared() -> Iterator[tuple[Any, list[Traded]]]:
    """The limits prepared for the demo firm's book, and one-trade states of it."""
    for desk in demo():
        yield prepared_of(desk)


def prepared_of(desk: Any) -> tuple[Any, list[Traded]]:
    import numpy as np

    limits = desk.limit_book()
    places = np.flatnonzero(limits.book.held_by(LEAF))[:TRADES]
    base = Base(limits.book, places)
    return limits, [Traded(base, int(place), 1_000.0) for place in places]


def by_change(data: tuple[Any, list[Traded]]) -> object:
    limits, states = data
    return [limits.judge(state, state.changes).counts for state in states]


def outright(data: tuple[Any, list[Traded]]) -> object:
    limits, states = data
    return [limits.judge(state).counts for state in states]


def what_fits(data: tuple[Any, list[Traded]]) -> object:
    from riskplatform.risk.limits import headroom_table

    limits, _ = data
    return headroom_table(limits, limits.book, LEAF)


CASES = [
    Case(
        name=f"limits: all of the demo firm judged after a trade, {TRADES} trades",
        setup=prepared,
        ours=by_change,
        peer=outright,
        peer_name="every limit measured again",
        target="≤ 150 ms",
    ),
    Case(
        name="limits: headroom of all that a book of 150 shares holds, both sides",
        setup=prepared,
        ours=what_fits,
        target="≤ 2 s",
    ),
]
