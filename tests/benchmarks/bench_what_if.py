"""What-if on the demo firm: one trade, all measures, all limits, 67 stress scenarios beside them.

The plain version adds the whole book up again with the trade in it, and measures the same numbers;
it judges no limits.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from typing import Any

from tests.benchmarks.bench_desk import demo
from tests.benchmarks.harness import Case

LEAF, TRADES = "GEQ.NAM.CORE", 200


class Asked:
    """A session held ready, and trades to ask about in turn."""

    def __init__(self, desk: Any) -> None:
        import numpy as np

        self.session = desk.what_if_session()
        book = self.session.book
        shares = np.flatnonzero(book.kinds == "equity")[:TRADES]
        self.names = cycle([book.instrument_ids[place] for place in shares])
        for name in [book.instrument_ids[place] for place in shares]:
            self.session.ask(f"{LEAF}: {name} +1000")


def held_ready() -> Iterator[Asked]:
    for desk in demo():
        yield Asked(desk)


def one_trade(asked: Asked) -> object:
    found = asked.session.ask(f"{LEAF}: {next(asked.names)} +1000")
    assert found.limits_after is not None
    return found.difference


def added_up_again(asked: Asked) -> object:
    from dataclasses import replace

    from riskplatform.risk.what_if import WhatIf

    book = asked.session.book
    holdings = book.holdings.tolil()
    holdings[book.leaves.index(LEAF), book.place(next(asked.names))] += 1000.0
    held = holdings.tocsr()
    views = {name: replace(view, gains=view.of(held)) for name, view in book.views.items()}
    return WhatIf.of(replace(book, holdings=held, views=views)).ask([]).base


CASES = [
    Case(
        name="what-if: one trade on the demo firm, all measures and limits",
        setup=held_ready,
        ours=one_trade,
        target="≤ 3 ms",
        repeats=500,
        warmups=20,
    ),
    Case(
        name="what-if: the same beside adding the whole book up again, without limits",
        setup=held_ready,
        ours=one_trade,
        peer=added_up_again,
        peer_name="the book added up again",
        target="≥ 5x",
        repeats=15,
    ),
]
