"""Random small markets and messages."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import strategies as st

from riskplatform.execution.paper.market import Tick
from riskplatform.execution.paper.messages import Request
from tests.execution.paper.paper_markets import cancel, change, order, sent, tick

PRICES = st.integers(95, 105)


@st.composite
def ticks(draw: st.DrawFn) -> tuple[Tick, ...]:
    """A few seconds of a lively market with small sizes."""
    made = []
    for second in range(draw(st.integers(1, 8))):
        bid = draw(PRICES)
        made.append(
            tick(
                second,
                draw(st.none() | PRICES) if second else bid,
                0,
                bid=bid if draw(st.integers(0, 9)) else None,
                ask=bid + draw(st.integers(1, 3)) if draw(st.integers(0, 9)) else None,
                shown=(draw(st.integers(0, 12)), draw(st.integers(0, 12))),
            )
        )
    return tuple(_with_size(one, draw(st.integers(0, 30))) for one in made)


def _with_size(one: Tick, size: int) -> Tick:
    return one if one.price is None else replace(one, size=Decimal(size))


@st.composite
def quiet_ticks(draw: st.DrawFn) -> tuple[Tick, ...]:
    """A market that hardly moves, in which queues are what matters."""
    made = []
    for second in range(draw(st.integers(3, 10))):
        bid = draw(st.sampled_from([99, 100, 100, 100]))
        made.append(
            tick(
                second,
                draw(st.sampled_from([bid, bid, bid + 1])),
                draw(st.sampled_from([0, 3, 7, 12, 20])),
                bid=bid,
                ask=bid + 1,
                shown=(draw(st.integers(0, 9)), draw(st.integers(0, 9))),
            )
        )
    return tuple(made)


@st.composite
def crowds(draw: st.DrawFn) -> tuple[Request, ...]:
    """Many orders at the same few prices, some of them changed."""
    made: list[Request] = []
    for number in range(draw(st.integers(3, 9))):
        moment = draw(st.sampled_from([0.5, 1.5, 2.5, 3.5]))
        side, prices = draw(st.sampled_from([("buy", (99, 100)), ("sell", (101, 102))]))
        what = order(number, side, draw(st.integers(1, 9)), limit=draw(st.sampled_from(prices)))
        made.append(sent(moment, what))
        if draw(st.integers(0, 3)) == 0:
            made.append(change(moment + 1, what, draw(st.integers(1, 15))))
    return tuple(sorted(made, key=lambda one: one.at))


@st.composite
def requests(draw: st.DrawFn) -> tuple[Request, ...]:
    """Orders at moments between and on the ticks; some are cancelled or changed."""
    made: list[Request] = []
    for number in range(draw(st.integers(1, 8))):
        moment = draw(st.integers(0, 16)) / 2
        side = draw(st.sampled_from(["buy", "sell"]))
        good = draw(st.sampled_from(["day", "day", "gtc", "ioc"]))
        kind = draw(st.sampled_from(["limit", "limit", "limit", "market", "stop"]))
        price = draw(PRICES)
        what = order(
            number, side, draw(st.integers(1, 25)), good=good,
            limit=price if kind == "limit" else None, stop=price if kind == "stop" else None,
        )  # fmt: skip
        made.append(sent(moment, what))
        later = moment + draw(st.integers(0, 8)) / 2
        fate = draw(st.sampled_from(["stays", "stays", "cancel", "change"]))
        if fate == "cancel":
            made.append(cancel(later, what))
        elif fate == "change":
            limit = str(draw(PRICES)) if draw(st.booleans()) else None
            made.append(change(later, what, draw(st.integers(1, 30)), limit))
    # Stable: what happens at one moment keeps the order in which it was said.
    return tuple(sorted(made, key=lambda one: one.at))


def scenes() -> st.SearchStrategy[tuple[tuple[Tick, ...], tuple[Request, ...]]]:
    """A market, and what is asked in it: anything at all, or a crowd in a quiet one."""
    return st.one_of(st.tuples(ticks(), requests()), st.tuples(quiet_ticks(), crowds()))
