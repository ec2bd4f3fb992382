"""One limit's number, followed from change to change: what it is and what one more would make it.

Each reads the same gauge as the limits do. Where the gauge is a sum or a largest part, the number
after one more change comes from the few terms that move; everything else is measured outright.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import numpy as np

from riskplatform.risk.limits.gauges import Gauge, Linear, OfGains, OfHoldings, OfTail
from riskplatform.risk.limits.holdings import Gross, Groups, Unwinding

if TYPE_CHECKING:
    from riskplatform.execution.gate.node_state import NodeState, Tried, Unit
    from riskplatform.market.content import FloatArray


class Follower(Protocol):
    """``now`` is the number as things stand; ``anew`` reads it again after a change."""

    now: float

    def after(self, tried: Tried) -> float: ...

    def anew(self, node: NodeState, place: int | None) -> None:
        """After a change at ``place`` (and in money), or after anything at all."""


def follower(gauge: Gauge, node: NodeState) -> Follower:
    """The quickest that there is for a gauge."""
    found: Follower
    match gauge:
        case Linear():
            found = _Sum(gauge)
        case OfHoldings(parts=Gross() as gross):
            found = _Gross(gross)
        case OfHoldings(parts=Groups() as groups):
            found = _LargestShare(groups)
        case OfHoldings(parts=Unwinding() as plan):
            found = _Unwound(plan)
        case OfTail():
            found = _InTail(gauge)
        case OfGains():
            found = _OfGains(gauge)
        case _:
            found = _OfHoldings(gauge)
    found.anew(node, None)
    return found


class _Sum:
    def __init__(self, gauge: Linear) -> None:
        self.per_unit = gauge.per_unit
        self.now = 0.0
        self.more: dict[int, float] = {}
        """By how much one unit of what is traded, and its money, move the number."""

    def after(self, tried: Tried) -> float:
        more = self.more.get(tried.unit.key)
        if more is None:
            more = self.more[tried.unit.key] = _of_one(tried.unit, self.per_unit)
        return self.now + tried.quantity * more

    def anew(self, node: NodeState, place: int | None) -> None:
        self.now = float(node.held @ self.per_unit)


def _of_one(unit: Unit, per_unit: FloatArray) -> float:
    """Of one unit and the money for it."""
    more = float(per_unit[unit.place])
    if unit.cash is not None:
        more += unit.cash_per_unit * float(per_unit[unit.cash])
    return more


class _Gross:
    """Money and what is not traded stay as they are."""

    def __init__(self, parts: Gross) -> None:
        self.parts = parts
        self.now = self.gross = self.net = 0.0
        self.terms: dict[int, tuple[float, float, float]] = {}
        """Of what is traded: its size, that of its money, and what both are worth."""

    def after(self, tried: Tried) -> float:
        terms = self.terms.get(tried.unit.key)
        if terms is None:
            terms = self.terms[tried.unit.key] = self._terms(tried.unit)
        size, cash_size, more = terms
        gross = self.gross + tried.grown * size
        if cash_size:
            gross += tried.grown_cash * cash_size
        if self.parts.values is None:
            return gross
        net = self.net + tried.quantity * more
        if net > 0.0:
            return gross / net
        return float("inf") if gross > 0.0 else 0.0

    def _terms(self, unit: Unit) -> tuple[float, float, float]:
        sizes, values = self.parts.sizes, self.parts.values
        cash_size = 0.0 if unit.cash is None else float(sizes[unit.cash])
        more = 0.0 if values is None else _of_one(unit, values)
        return float(sizes[unit.place]), cash_size, more

    def anew(self, node: NodeState, place: int | None) -> None:
        self.gross = float(np.abs(node.held) @ self.parts.sizes)
        if self.parts.values is not None:
            self.net = float(node.held @ self.parts.values)
        self.now = float(self.parts.figure(node.held))


class _OfHoldings:
    def __init__(self, gauge: Gauge) -> None:
        self.gauge = gauge
        self.now = 0.0

    def after(self, tried: Tried) -> float:
        return float(self.gauge.figure(tried.held))

    def anew(self, node: NodeState, place: int | None) -> None:
        self.now = float(self.gauge.figure(node.held))


class _OfGains:
    def __init__(self, gauge: OfGains) -> None:
        self.gauge = gauge
        self.now = 0.0

    def after(self, tried: Tried) -> float:
        return float(self.gauge.figure(tried.gains(self.gauge.view)))

    def anew(self, node: NodeState, place: int | None) -> None:
        self.now = float(self.gauge.figure(node.gains(self.gauge.view)))


class _InTail:
    def __init__(self, gauge: OfTail) -> None:
        self.gauge = gauge
        self.now = 0.0

    def after(self, tried: Tried) -> float:
        if self.gauge.weights is not None:
            return float(self.gauge.figure(tried.gains(self.gauge.view)))
        tail = tried.tail(self.gauge.view, self.gauge.confidence)
        return float(tail.es if self.gauge.is_es else tail.var)

    def anew(self, node: NodeState, place: int | None) -> None:
        if self.gauge.weights is not None:
            self.now = float(self.gauge.figure(node.gains(self.gauge.view)))
            return
        tail = node.tail(self.gauge.view, self.gauge.confidence)
        self.now = float(tail.es if self.gauge.is_es else tail.var)


class _LargestShare:
    """Only the group of what is traded, and the whole, change with a trade. Money is in neither."""

    def __init__(self, groups: Groups) -> None:
        self.groups = groups
        rows = groups.sizes.tocoo()
        self.row_of = dict(zip(rows.col.tolist(), rows.row.tolist(), strict=True))
        self.all_sizes: list[float] = groups.all_sizes.tolist()
        self.now = 0.0
        self.parts = np.zeros(groups.sizes.shape[0])
        self.whole, self.first, self.second, self.at = 0.0, 0.0, 0.0, -1

    def after(self, tried: Tried) -> float:
        place = tried.unit.place
        more = tried.grown * self.all_sizes[place]
        whole, row = self.whole + more, self.row_of.get(place, -1)
        if whole <= 0.0:
            return 0.0
        largest = self.second if row == self.at else self.first
        if row >= 0:
            largest = max(largest, float(self.parts[row]) + more)
        return largest / whole

    def anew(self, node: NodeState, place: int | None) -> None:
        sizes = np.abs(node.held)
        self.parts = np.asarray(self.groups.sizes @ sizes)
        self.whole = float(sizes @ self.groups.all_sizes)
        self.at = int(self.parts.argmax())
        self.first = float(self.parts[self.at])
        others = np.delete(self.parts, self.at)
        self.second = float(others.max()) if others.size else 0.0
        self.now = self.first / self.whole if self.whole > 0.0 else 0.0


class _Unwound:
    """What is sold by a time is a curve that bends where an instrument is done; one trade moves
    one instrument's part of it. Money is not in it."""

    def __init__(self, unwinding: Unwinding) -> None:
        self.unwinding = unwinding
        self.index_of = {int(place): i for i, place in enumerate(unwinding.places)}
        self.daily: list[float] = unwinding.daily.tolist()
        self.sizes: list[float] = unwinding.sizes.tolist()
        self.now = 0.0
        self.units = np.zeros(len(unwinding.places))
        self.ends: list[float] = []
        self.sold: list[float] = []
        self.total = self.longest = self.next_longest = 0.0
        self.longest_at = -1
        self.bend = 0
        """Where the last answer was: the next order moves it little."""

    def anew(self, node: NodeState, place: int | None) -> None:
        if place is not None and place not in self.index_of:
            return
        plan = self.unwinding
        units = np.abs(node.held[plan.places])
        never = np.where(units > 0.0, np.inf, 0.0)
        each = np.divide(units, plan.daily, out=never, where=plan.daily > 0.0)
        self.units, self.total = units, float(units @ plan.sizes)
        if plan.share >= 1.0:
            self._note_longest(each)
            self.now = self.longest
            return
        finite = np.flatnonzero((units > 0.0) & np.isfinite(each))
        finite = finite[np.argsort(each[finite], kind="stable")]
        rate, worth = (plan.daily * plan.sizes)[finite], (units * plan.sizes)[finite]
        left = rate[::-1].cumsum()[::-1]
        before = worth.cumsum() - worth
        self.ends = each[finite].tolist()
        self.sold = (before + left * each[finite]).tolist()
        self.now = self._until(_Part(0.0, 1.0, 0.0), _Part(0.0, 1.0, 0.0))

    def _note_longest(self, each: np.ndarray) -> None:
        self.longest_at = int(each.argmax()) if each.size else -1
        self.longest = float(each[self.longest_at]) if each.size else 0.0
        others = np.delete(each, self.longest_at) if each.size else each
        self.next_longest = float(others.max()) if others.size else 0.0

    def after(self, tried: Tried) -> float:
        index = self.index_of.get(tried.unit.place)
        if index is None:
            return self.now
        daily, size, old = self.daily[index], self.sizes[index], float(self.units[index])
        new = old + tried.grown
        if self.unwinding.share >= 1.0:
            others = self.next_longest if index == self.longest_at else self.longest
            return max(others, _days(new, daily))
        return self._until(_Part(old, daily, size), _Part(new, daily, size))

    def _until(self, old: _Part, new: _Part) -> float:
        """Where the curve, with the new part in place of the old one, reaches the share."""
        target = self.unwinding.share * (self.total - old.worth + new.worth)
        if target <= 0.0:
            return 0.0

        def changed(at: float, sold: float) -> float:
            return sold - old.sold_by(at) + new.sold_by(at)

        def reached(k: int) -> float:
            return changed(self.ends[k], self.sold[k])

        count = len(self.ends)
        k = self.bend = _first(reached, target, self.bend, count)
        low, sold_low = (self.ends[k - 1], self.sold[k - 1]) if k else (0.0, 0.0)
        at_low = changed(low, sold_low)
        bend = new.ends
        if k == count:
            # Everything else that can be sold is: what is left is the part itself.
            at_high = changed(bend, sold_low) if low < bend < np.inf else at_low
            if at_high < target * (1.0 - 1e-12):
                return float("inf")
            return low if at_high <= at_low else _between(low, at_low, bend, at_high, target)
        high, sold_high = self.ends[k], self.sold[k]
        at_high = changed(high, sold_high)
        if low < bend < high:
            sold = sold_low + (sold_high - sold_low) * (bend - low) / (high - low)
            at_bend = changed(bend, sold)
            if at_bend >= target:
                high, at_high = bend, at_bend
            else:
                low, at_low = bend, at_bend
        return _between(low, at_low, high, at_high, target)


class _Part:
    """One instrument's part of what is sold: as fast as its market takes it, until it is done."""

    __slots__ = ("ends", "rate", "worth")

    def __init__(self, units: float, daily: float, size: float) -> None:
        self.worth = units * size
        self.rate = daily * size if units > 0.0 else 0.0
        self.ends = _days(units, daily)

    def sold_by(self, at: float) -> float:
        return self.worth if at >= self.ends else self.rate * at


def _first(reached: Callable[[int], float], target: float, near: int, count: int) -> int:
    """The first place that reaches the target, as bisection finds it; tried near a guess first."""
    near = min(near, count)
    if (near == count or reached(near) >= target) and (not near or reached(near - 1) < target):
        return near
    low, high = max(near - 1, 0), min(near + 1, count)
    if low and reached(low - 1) >= target:
        high, low = low - 1, 0
    elif high < count and reached(high) < target:
        low, high = high + 1, count
    return low + bisect_left(range(low, high), target, key=reached)


def _days(units: float, daily: float) -> float:
    if units <= 0.0:
        return 0.0
    return units / daily if daily > 0.0 else float("inf")


def _between(low: float, at_low: float, high: float, at_high: float, target: float) -> float:
    if at_high <= at_low:
        return high
    return low + (high - low) * min(max((target - at_low) / (at_high - at_low), 0.0), 1.0)
