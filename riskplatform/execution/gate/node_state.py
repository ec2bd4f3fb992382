"""What a node would hold and gain with every open order filled, and with one more order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from riskplatform.domain.instruments import cash_id
from riskplatform.domain.limits import Direction, Limit
from riskplatform.execution.gate.followers import Follower, follower
from riskplatform.execution.gate.pairs import Pair
from riskplatform.execution.gate.tail_reader import TailReader
from riskplatform.market.content import FloatArray
from riskplatform.risk.book import RiskBook
from riskplatform.risk.limits import LimitBook
from riskplatform.risk.limits.along import gains_of, held_of
from riskplatform.risk.limits.changes import nodes_with
from riskplatform.risk.limits.limit_book import Prepared
from riskplatform.risk.quantiles import Tail
from riskplatform.risk.what_if.base import Base


@dataclass(slots=True, eq=False)
class Unit:
    """One unit of an instrument and the money for it, taken from cash of the same currency.

    ``key`` is its place, or of a pair of currencies its own: there the unit is cash of the bought
    currency, and the money for it cash of the sold one.
    """

    key: int
    place: int
    cash: int | None
    cash_per_unit: float
    gains: dict[str, FloatArray]
    reaches: dict[str, float]

    @classmethod
    def of(cls, base: Base, place: int) -> Unit:
        """At the mark; without one nobody knows how much money it is."""
        book = base.book
        value = float(book.known.values[place])
        cash, per_unit = None, 0.0
        if book.kinds[place] != "cash" and np.isfinite(value):
            name = cash_id(str(book.currencies[place]))
            if name in book.instrument_ids:
                cash = book.place(name)
                per_unit = -value / float(book.known.values[cash])
        return cls(place, place, cash, per_unit, {}, {})

    @classmethod
    def of_pair(cls, base: Base, pair: Pair) -> Unit:
        """At the marks of both currencies."""
        values = base.book.known.values
        per_unit = -float(values[pair.bought]) / float(values[pair.sold])
        return cls(pair.key, pair.bought, pair.sold, per_unit, {}, {})

    @property
    def is_pair(self) -> bool:
        return self.key != self.place

    def gains_of(self, base: Base, view: str) -> FloatArray:
        """In each scenario."""
        found = self.gains.get(view)
        if found is None:
            found = base.unit_row(self.place, view)
            if self.cash is not None:
                found = found + self.cash_per_unit * base.unit_row(self.cash, view)
            self.gains[view] = found
            self.reaches[view] = float(np.abs(found).max())
        return found


_SIGNS: dict[Direction | None, float] = {Direction.MIN: -1.0, Direction.ABSOLUTE: 0.0}


@dataclass(frozen=True, slots=True)
class Bounds:
    """A limit as two numbers that must not be reached (soft) or passed (hard), for the many
    orders that come nowhere near either."""

    hard: float
    soft: float
    sign: float
    told_hard: float
    unit: str
    limit_id: str

    @classmethod
    def of(cls, limit: Limit) -> Bounds:
        sign = _SIGNS.get(limit.direction, 1.0)
        turn = sign or 1.0
        soft = float("inf") if limit.soft is None else turn * limit.soft
        return cls(turn * limit.hard, soft, sign, limit.hard, limit.unit or "", limit.limit_id)


class Row(NamedTuple):
    """A limit as an order in one instrument meets it: ``follower`` is None where the limit cannot
    be measured with that; then the bounds, each by itself, as they are read forty times."""

    prepared: Prepared
    follower: Follower | None
    hard: float
    soft: float
    sign: float
    told_hard: float
    unit: str
    limit_id: str

    @classmethod
    def of(cls, prepared: Prepared, follower: Follower | None, bounds: Bounds, unit: Unit) -> Row:
        gauge, other = prepared.gauge, unit.cash if unit.is_pair else None
        is_measured = gauge is not None and not gauge.lacks[unit.place]
        if gauge is not None and other is not None:
            is_measured = is_measured and not gauge.lacks[other]
        return cls(
            prepared, follower if is_measured else None, bounds.hard, bounds.soft, bounds.sign,
            bounds.told_hard, bounds.unit, bounds.limit_id,
        )  # fmt: skip


class NodeState:
    """A node that has limits, as if all was filled; ``followers`` are by limit, where measured."""

    def __init__(self, node: str, limits: LimitBook, base: Base) -> None:
        self.node = node
        self.base = base
        self.prepared: tuple[Prepared, ...] = tuple(
            limits.limits[place] for place in limits.by_node[node]
        )
        self.held = held_of(limits.book, node).copy()
        self._gains: dict[str, FloatArray] = {}
        self._tails: dict[str, TailReader] = {}
        self._limits = limits
        self.followers: tuple[Follower | None, ...] = tuple(
            None if each.gauge is None else follower(each.gauge, self) for each in self.prepared
        )
        self._bounds = tuple(Bounds.of(each.limit) for each in self.prepared)
        self._rows: dict[int, tuple[Row, ...]] = {}

    def rows(self, unit: Unit) -> tuple[Row, ...]:
        """Its limits, as an order in what this is a unit of meets them."""
        found = self._rows.get(unit.key)
        if found is None:
            told = zip(self.prepared, self.followers, self._bounds, strict=True)
            found = self._rows[unit.key] = tuple(Row.of(*each, unit) for each in told)
        return found

    def gains(self, view: str) -> FloatArray:
        if view not in self._gains:
            self._gains[view] = gains_of(self._limits.book, self.node, view).copy()
        return self._gains[view]

    def tail_of(self, view: str) -> TailReader:
        if view not in self._tails:
            self._tails[view] = TailReader(self.gains(view), self._limits.confidences[view])
        return self._tails[view]

    def tail(self, view: str, confidence: float) -> Tail:
        return self.tail_of(view).read(self.gains(view))[confidence]

    def change(self, unit: Unit, quantity: float) -> None:
        """Hold so much more of it."""
        self.held[unit.place] += quantity
        if unit.cash is not None:
            self.held[unit.cash] += quantity * unit.cash_per_unit
        for view, gains in self._gains.items():
            np.add(gains, quantity * unit.gains_of(self.base, view), out=gains)
            if view in self._tails:
                self._tails[view].moved(gains)
        for each in self.followers:
            if each is not None:
                each.anew(self, unit.place)


class Tried:
    """A node with one more trade, read as far as its limits ask and no further."""

    __slots__ = ("_gains", "_held", "_tails", "grown", "node", "quantity", "unit")

    def __init__(self, node: NodeState, unit: Unit, quantity: float) -> None:
        self.node, self.unit, self.quantity = node, unit, quantity
        held = float(node.held[unit.place])
        self.grown = abs(held + quantity) - abs(held)
        self._held: FloatArray | None = None
        self._gains: dict[str, FloatArray] = {}
        self._tails: dict[str, dict[float, Tail]] = {}

    @property
    def grown_cash(self) -> float:
        """By how much the money, without sign, grows or shrinks."""
        unit = self.unit
        if unit.cash is None:
            return 0.0
        held = float(self.node.held[unit.cash])
        return abs(held + self.quantity * unit.cash_per_unit) - abs(held)

    @property
    def held(self) -> FloatArray:
        if self._held is None:
            unit = self.unit
            self._held = self.node.held.copy()
            self._held[unit.place] += self.quantity
            if unit.cash is not None:
                self._held[unit.cash] += self.quantity * unit.cash_per_unit
        return self._held

    def gains(self, view: str) -> FloatArray:
        found = self._gains.get(view)
        if found is None:
            found = self.quantity * self.unit.gains_of(self.node.base, view)
            found += self.node.gains(view)
            self._gains[view] = found
        return found

    def tail(self, view: str, confidence: float) -> Tail:
        found = self._tails.get(view)
        if found is None:
            unit, tail = self.unit, self.node.tail_of(view)
            gains = unit.gains_of(self.node.base, view)
            found = tail.with_unit(gains, unit.reaches[view], self.quantity)
            if found is None:
                found = tail.read(self.gains(view))
            self._tails[view] = found
        return found[confidence]


class AsIfFilled:
    """The book with every fill since it was made and every open order in it.

    Sums are carried from change to change, so that a thousand open orders cost no more than one;
    after many changes they are made again from net quantities, so that rounding cannot add up.
    """

    renew_after = 4_096

    def __init__(self, limits: LimitBook, pairs: Iterable[Pair] = ()) -> None:
        self.limits = limits
        self._pairs = {pair.key: pair for pair in pairs}
        self.base = Base(limits.book)
        self._units: dict[int, Unit] = {}
        self._net: dict[tuple[str, int], float] = {}
        self._paths: dict[str, tuple[str, ...]] = {}
        self._waiting: dict[tuple[str, int], float] = {}
        self._changes = self._unasked = 0
        self.nodes = self._fresh()

    @property
    def book(self) -> RiskBook:
        return self.limits.book

    def held_by(self, node: str | None) -> FloatArray:
        """A :class:`BookState` of the nodes that have limits."""
        return self.nodes[str(node)].held

    def gains(self, node: str | None, view: str | None = None) -> FloatArray:
        return self.nodes[str(node)].gains(self.book.view(view).name)

    def unit(self, key: int) -> Unit:
        """Of the instrument at a place, or of a pair by its key."""
        if key not in self._units:
            if len(self._units) >= _MOST_UNITS:
                self._units.pop(next(iter(self._units)))
            pair = self._pairs.get(key)
            self._units[key] = (
                Unit.of(self.base, key) if pair is None else Unit.of_pair(self.base, pair)
            )
        return self._units[key]

    def place(self, key: int) -> int:
        """Where what is bought stands in the book."""
        pair = self._pairs.get(key)
        return key if pair is None else pair.bought

    def prepare(self, key: int) -> None:
        """Read what a unit gains, so that the first question about it need not."""
        for view in self.book.views:
            self.unit(key).gains_of(self.base, view)

    def change(self, portfolio_id: str, key: int, quantity: float) -> None:
        """Hold so much more in a portfolio, and so in all above it.

        It is worked in at once, so that the next question finds it done; but where nobody asks
        between many changes, as when a day is told again, only what they come to is.
        """
        if quantity == 0.0:
            return
        line = (portfolio_id, key)
        self._net[line] = self._net.get(line, 0.0) + quantity
        self._changes += 1
        self._unasked += 1
        if self._unasked > _AT_ONCE:
            self._waiting[line] = self._waiting.get(line, 0.0) + quantity
        elif self._changes >= self.renew_after:
            self._renew()
        else:
            self._apply(portfolio_id, key, quantity)

    def above(self, portfolio_id: str) -> tuple[NodeState, ...]:
        """The nodes with limits that a portfolio's trades touch, as things stand now."""
        self._unasked = 0
        if self._waiting:
            if self._changes >= self.renew_after:
                self._renew()
            waiting, self._waiting = self._waiting, {}
            for (portfolio, key), quantity in waiting.items():
                if quantity != 0.0:
                    self._apply(portfolio, key, quantity)
        return self._path(portfolio_id)

    def _path(self, portfolio_id: str) -> tuple[NodeState, ...]:
        if portfolio_id not in self._paths:
            path = nodes_with(self.book, portfolio_id)
            self._paths[portfolio_id] = tuple(node for node in path if node in self.nodes)
        return tuple(self.nodes[node] for node in self._paths[portfolio_id])

    def _apply(self, portfolio_id: str, key: int, quantity: float) -> None:
        unit = self.unit(key)
        for node in self._path(portfolio_id):
            node.change(unit, quantity)

    def _renew(self) -> None:
        self._changes, self.nodes, self._waiting = 0, self._fresh(), {}
        for (portfolio_id, key), quantity in self._net.items():
            if quantity != 0.0:
                self._apply(portfolio_id, key, quantity)

    def _fresh(self) -> Mapping[str, NodeState]:
        known = self.book.tree
        return {
            node: NodeState(node, self.limits, self.base)
            for node in self.limits.by_node
            if node in known
        }


_MOST_UNITS = 1_024
_AT_ONCE = 64
"""Changes in a row that are worked in one by one."""
