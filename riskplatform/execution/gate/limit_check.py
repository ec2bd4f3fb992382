"""The limits above a portfolio, held against the book as if all was filled and one order more."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

import numpy as np
from scipy import sparse

from riskplatform.domain.limits import Limit
from riskplatform.execution.gate.decision import GRAVITY, PASSED, Found, Outcome, outcome_of
from riskplatform.execution.gate.node_state import AsIfFilled, NodeState, Tried, Unit
from riskplatform.execution.gate.rules import LimitRule, Mode
from riskplatform.risk.limits.along import Along, Trades
from riskplatform.risk.limits.limit_book import Prepared

CHECK = "limits"
_ROUNDING = 1e-12


def check_limits(
    book: AsIfFilled,
    portfolio_id: str,
    key: int,
    quantity: float,
    rule: LimitRule,
    lot: Decimal,
) -> list[Outcome]:
    """One outcome for each limit of the portfolio and of all above it.

    ``key`` is the place of what is traded in the book, or a pair's; ``quantity`` is signed. A limit
    that is broken already and that the order makes no worse does not hold it up: getting out must
    stay possible.
    """
    if rule.mode is Mode.OFF:
        return []
    unit = book.unit(key)
    found: list[Outcome] = []
    for node in book.above(portfolio_id):
        tried = Tried(node, unit, quantity)
        for prepared, follower, hard, soft, sign, told_hard, unit_name, name in node.rows(unit):
            if follower is None:
                found.extend(_unmeasured(prepared, node, book, unit, quantity, rule))
                continue
            after = follower.after(tried)
            used = after * sign if sign else abs(after)
            if used <= hard and used < soft:
                # Well within, as nearly all are.
                told = (CHECK, PASSED, after, told_hard, unit_name, "", name, None)
                found.append(outcome_of(Outcome, told))
            elif after != after:
                found.extend(_unmeasured(prepared, node, book, unit, quantity, rule))
            else:
                found.append(
                    _held_to(book, prepared, unit, quantity, follower.now, after, rule, lot)
                )
    return found


def worse_of(filled: list[Outcome], alone: list[Outcome], against: Decimal) -> list[Outcome]:
    """Of each limit the graver outcome: with all open orders filled, or without ``against``, which
    is open on the other side and is counted in the second on top of the order."""
    found = []
    for one, other in zip(filled, alone, strict=True):
        if GRAVITY[other.found] >= GRAVITY[one.found]:
            found.append(one)
            continue
        most = None if other.most is None else max(other.most - against, Decimal(0))
        kind = other.found
        if kind is Found.TRIMMED and not most:
            kind = Found.BLOCKED
        reason = f"{other.reason} ({against:f} open on the other side may not be filled.)"
        found.append(other._replace(found=kind, most=most, reason=reason))
    return found


def _held_to(
    book: AsIfFilled,
    prepared: Prepared,
    traded: Unit,
    quantity: float,
    now: float,
    after: float,
    rule: LimitRule,
    lot: Decimal,
) -> Outcome:
    """One limit and its number without the order and with it."""
    limit = prepared.limit
    beyond = limit.excess(after, limit.hard)
    if beyond <= 0.0:
        return _kept(limit, now, after, rule)
    if _no_worse(limit, now, beyond):
        return _eased(limit, now, after)
    return _broken(book, prepared, traded, quantity, after, rule, lot)


def _no_worse(limit: Limit, now: float, beyond: float) -> bool:
    """Whether it is broken as things stand, and by at least as much."""
    before = limit.excess(now, limit.hard)
    return before > 0.0 and beyond <= before + _ROUNDING * max(abs(now), abs(limit.hard))


def _kept(limit: Limit, now: float, after: float, rule: LimitRule) -> Outcome:
    """Within the hard limit; the soft one warns, unless the order brings the number back."""
    unit, name = limit.unit or "", limit.limit_id
    if limit.soft is None or rule.soft is Mode.OFF:
        return Outcome(CHECK, Found.PASSED, after, limit.hard, unit, subject=name)
    near = limit.excess(after, limit.soft)
    if near < 0.0 or near <= limit.excess(now, limit.soft):
        return Outcome(CHECK, Found.PASSED, after, limit.hard, unit, subject=name)
    reason = f"{name}: {_number(after, unit)}, from the soft limit {_bound(limit.soft, unit)} on."
    is_block = rule.soft is Mode.BLOCK
    most = Decimal(0) if is_block else None
    kind = Found.BLOCKED if is_block else Found.WARNED
    return Outcome(CHECK, kind, after, limit.soft, unit, reason, name, most)


def _eased(limit: Limit, now: float, after: float) -> Outcome:
    unit, name = limit.unit or "", limit.limit_id
    how = "stays at" if math.isclose(now, after, rel_tol=_ROUNDING) else "goes to"
    reason = (
        f"{name} is broken already, {_number(now, unit)} against {_number(limit.hard, unit)}; "
        f"with this order it {how} {_number(after, unit)}, which is no worse."
    )
    return Outcome(CHECK, Found.EASED, after, limit.hard, unit, reason, name)


def _broken(
    book: AsIfFilled,
    prepared: Prepared,
    traded: Unit,
    quantity: float,
    after: float,
    rule: LimitRule,
    lot: Decimal,
) -> Outcome:
    limit = prepared.limit
    unit, name = limit.unit or "", limit.limit_id
    reason = f"{name}: {_number(after, unit)} would pass {_number(limit.hard, unit)}."
    if rule.mode is Mode.WARN:
        return Outcome(CHECK, Found.WARNED, after, limit.hard, unit, reason, name)
    most = Decimal(0)
    if rule.mode is Mode.TRIM:
        most = _most(book, prepared, traded, quantity, lot)
    kind = Found.TRIMMED if most > 0 else Found.BLOCKED
    return Outcome(CHECK, kind, after, limit.hard, unit, reason, name, most)


def _most(
    book: AsIfFilled, prepared: Prepared, unit: Unit, quantity: float, lot: Decimal
) -> Decimal:
    """How much of it one limit allows in whole lots, by the search that headroom is told by."""
    assert prepared.gauge is not None
    trades = _trades(book, unit, float(lot))
    along = Along(prepared.limit, prepared.gauge, trades, soft=False)
    cap = np.array([math.floor(abs(quantity) / float(lot))], dtype=np.float64)
    lots = float(along.allowed(math.copysign(1.0, quantity), cap).most[0])
    return Decimal(int(min(max(lots, 0.0), cap[0]))) * lot


def _trades(book: AsIfFilled, unit: Unit, lot: float) -> Trades:
    """A lot and what pays for it: of a pair, cash of its other currency."""
    places = np.array([unit.place], dtype=np.intp)
    if not unit.is_pair:
        return Trades.of(book, places, lot, paid=True)
    much = ([lot, lot * unit.cash_per_unit], ([0, 0], [unit.place, unit.cash]))
    shape = (1, len(book.book.instrument_ids))
    return Trades(book, places, lot, sparse.csr_matrix(much, shape))


def _unmeasured(
    prepared: Prepared,
    node: NodeState,
    book: AsIfFilled,
    unit: Unit,
    quantity: float,
    rule: LimitRule,
) -> Iterator[Outcome]:
    """Nobody knows what the order does to the limit; selling what is held is known to be less."""
    if rule.unmeasured is Mode.OFF:
        return
    limit, held = prepared.limit, float(node.held[unit.place])
    name = book.book.instrument_ids[unit.place]
    # Of a pair the other currency may grow by it.
    if abs(held + quantity) <= abs(held) and not unit.is_pair:
        reason = f"{limit.limit_id} cannot be measured with {name}; the order reduces what is held."
        yield Outcome(
            CHECK, Found.EASED, None, limit.hard, limit.unit or "", reason, limit.limit_id
        )
        return
    failure = prepared.check.failure
    why = failure.message if failure else f"{name} {prepared.gauge.why if prepared.gauge else ''}."
    reason = f"{limit.limit_id} cannot be measured: {why}"
    is_block = rule.unmeasured is Mode.BLOCK
    yield Outcome(
        CHECK,
        Found.BLOCKED if is_block else Found.WARNED,
        None,
        limit.hard,
        limit.unit or "",
        reason,
        limit.limit_id,
        Decimal(0) if is_block else None,
    )


@lru_cache(maxsize=4_096)
def _bound(value: float, unit: str) -> str:
    """The same for each order."""
    return _number(value, unit)


def _number(value: float, unit: str) -> str:
    places = 4 if abs(value) < 10.0 else 0
    text = f"{value:,.{places}f}" if math.isfinite(value) else "no end"
    return f"{text} {unit}".strip()
