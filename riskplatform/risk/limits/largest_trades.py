"""Headroom: the largest trade of an instrument in a node that all limits above it still allow.

Limits that are linear in holdings have a closed form; the others are searched, many instruments at
once. A limit that is breached already allows what leaves it no worse, and what brings it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from riskplatform.domain.limits import Limit
from riskplatform.domain.outcome import Coverage, Failure
from riskplatform.domain.provenance import Provenance
from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.risk.limits.along import Along, Trades, held_of
from riskplatform.risk.limits.changes import nodes_with
from riskplatform.risk.limits.gauges import Linear
from riskplatform.risk.limits.headroom_report import Headroom, HeadroomReport, Side
from riskplatform.risk.limits.limit_book import LimitBook, Prepared
from riskplatform.risk.state import BookState

MODEL_ID = "headroom"
_AT_ONCE = 64
"""Trades whose gains in all scenarios are in memory together."""

BOTH = (Side.BUY, Side.SELL)


def headroom(
    limits: Iterable[Limit] | LimitBook,
    state: BookState,
    instrument_id: str,
    node: str,
    side: Side | str = Side.BUY,
    *,
    lot: float = 1.0,
    paid: bool = True,
    soft: bool = False,
) -> Headroom:
    """The largest quantity of one instrument that still fits, and which limit says so."""
    report = headroom_table(
        limits, state, node, [instrument_id], sides=(side,), lot=lot, paid=paid, soft=soft
    )
    return report.lines[0]


def headroom_table(
    limits: Iterable[Limit] | LimitBook,
    state: BookState,
    node: str,
    instrument_ids: Sequence[str] | None = None,
    *,
    sides: Sequence[Side | str] = BOTH,
    lot: float = 1.0,
    paid: bool = True,
    soft: bool = False,
) -> HeadroomReport:
    """Of many instruments, by default of all that the node holds, in whole lots.

    ``paid`` books the price of a trade against cash of the instrument's currency. ``soft`` asks
    what fits without a warning. Limits of the node and of all above it count.
    """
    book = state.book
    if not lot > 0.0:
        raise UserInputError(f"The lot is {lot:g}; it is above 0.")
    if node not in book.tree:
        raise UnknownNameError("portfolio", node, [each.portfolio_id for each in book.tree.nodes])
    chosen = [_side(side) for side in sides]
    prepared = limits if isinstance(limits, LimitBook) else LimitBook.of(limits, book)
    places = [i for above in nodes_with(book, node) for i in prepared.by_node.get(above, ())]
    affected = [prepared.limits[i] for i in places]
    if instrument_ids is None:
        is_asset = (book.attributes["asset_class"] != "cash").to_numpy()
        traded = np.flatnonzero((held_of(state, node) != 0.0) & is_asset)
    else:
        traded = np.array([book.place(name) for name in instrument_ids], dtype=np.intp)
    lines: list[Headroom] = []
    for first in range(0, traded.size, _AT_ONCE):
        trades = Trades.of(state, traded[first : first + _AT_ONCE], lot, paid=paid)
        lines += _lines(trades, affected, node, chosen, soft=soft)
    return HeadroomReport(tuple(lines), _provenance(prepared, affected))


def _lines(
    trades: Trades, affected: Sequence[Prepared], node: str, sides: Sequence[Side], *, soft: bool
) -> list[Headroom]:
    """One per trade and side, those of a trade together."""
    # Linear limits first: their answer is free, and bounds the search of the others.
    ordered = sorted(affected, key=lambda each: not isinstance(each.gauge, Linear))
    alongs = [
        Along(each.limit, each.gauge, trades, soft=soft)
        for each in ordered
        if each.gauge is not None
    ]
    columns = [_of_side(trades, alongs, affected, node, side) for side in sides]
    return [line for rows in zip(*columns, strict=True) for line in rows]


def _of_side(
    trades: Trades, alongs: Sequence[Along], affected: Sequence[Prepared], node: str, side: Side
) -> list[Headroom]:
    count = trades.places.size
    cap = np.full(count, np.inf)
    binding: list[str | None] = [None] * count
    cures: list[list[tuple[str, float]]] = [[] for _ in range(count)]
    worsened: list[list[str]] = [[] for _ in range(count)]
    for along in alongs:
        name, found = along.limit.limit_id, along.allowed(side.sign, cap)
        for row in np.flatnonzero(found.most < cap):
            binding[row] = name
        for row in np.flatnonzero(found.cured_at == found.cured_at):
            cures[row].append((name, float(found.cured_at[row] * trades.lot)))
        for row in np.flatnonzero(found.worsens):
            worsened[row].append(name)
        cap = np.minimum(cap, found.most)
    book = trades.state.book
    values = np.full(count, np.nan) if book.facts is None else book.facts.values[trades.places]
    return [
        Headroom(
            instrument_id=book.instrument_ids[place],
            node=node,
            side=side,
            quantity=float(cap[row] * trades.lot),
            lot=trades.lot,
            value=float(cap[row]) * trades.lot * float(values[row]),
            binding=binding[row],
            cures=tuple(cures[row]),
            worsened=tuple(worsened[row]),
            not_judged=tuple(_not_judged(affected, place)),
        )
        for row, place in enumerate(trades.places)
    ]


def _not_judged(affected: Sequence[Prepared], place: int) -> Iterable[str]:
    """Limits that do not see this trade: not measured at all, or not of this instrument."""
    for each in affected:
        if each.gauge is None or each.gauge.lacks[place]:
            yield each.limit.limit_id


def _side(side: Side | str) -> Side:
    if side not in tuple(Side):
        raise UnknownNameError("side of a trade", str(side), [each.value for each in Side])
    return Side(side)


def _provenance(prepared: LimitBook, affected: Sequence[Prepared]) -> Provenance:
    failures = tuple(
        Failure(each.check.failure.reason, each.check.failure.message, each.limit.limit_id)
        for each in affected
        if each.gauge is None and each.check.failure is not None
    )
    coverage = Coverage(len(affected) - len(failures), failures)
    return replace(prepared.base.provenance, model_id=MODEL_ID, coverage=coverage)
