"""The gate: every order passes it before a venue hears of it, and nothing passes it by.

It reads no clock and writes nothing: time, quotes, fills and ends are told to it, and the same
telling gives the same answers. What was sent, filled and approved can so be told again from the
journal after a restart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import numpy as np

from riskplatform.domain.instruments import Instrument
from riskplatform.domain.orders import Order, Side
from riskplatform.domain.targets import ApprovedTargets
from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.execution.gate import market_checks as market
from riskplatform.execution.gate import order_checks as own
from riskplatform.execution.gate.decision import Decision, Found, Outcome, Verdict
from riskplatform.execution.gate.limit_check import check_limits, worse_of
from riskplatform.execution.gate.market_now import MarketNow, price_of
from riskplatform.execution.gate.node_state import AsIfFilled
from riskplatform.execution.gate.order_book import OrderBook, Sent, line_of
from riskplatform.execution.gate.pairs import pairs_of
from riskplatform.execution.gate.question import Question, failed, in_lots
from riskplatform.execution.gate.rules import GateRules, Mode
from riskplatform.execution.gate.throttles import (
    MessageRate,
    Recent,
    Release,
    Repetitions,
    repeated,
)
from riskplatform.execution.gateways.gateway import Quote
from riskplatform.risk.limits import LimitBook
from riskplatform.risk.what_if.costs import size_per_unit

Check = Callable[[Question], Outcome]


class Gate:
    """``limits`` are prepared for a book with facts of units; ``instruments`` are by id.

    ``judge`` decides and changes nothing; ``sent``, ``filled``, ``replaced`` and ``closed`` tell it
    what became of orders, ``quoted`` what the market is, ``approve`` what may be traded.
    ``releases`` are those that were given elsewhere; it is asked for them once a line is stopped.
    """

    def __init__(
        self,
        limits: LimitBook,
        instruments: Mapping[str, Instrument],
        rules: GateRules | None = None,
        releases: Callable[[], Iterable[Release]] = tuple,
    ) -> None:
        self.rules = rules or GateRules()
        self._releases = releases
        self.orders = OrderBook()
        self._instruments = instruments
        self._market = MarketNow(self.rules.period_collar.seconds)
        self._rate, self._recent = MessageRate(), Recent()
        self._repeats = Repetitions(self.rules.repeats)
        self._hours = market.Hours()
        self._restricted = frozenset(
            (*self.rules.restricted.instruments, *self.rules.restricted.issuers)
        )
        self._rules_digest = self.rules.digest
        self._checks = self._active()
        self._take(limits)

    def judge(self, order: Order, at: datetime) -> Decision:
        """May it go out now, all of it or less?"""
        return self._decide(self._question(order, at))

    def judge_replace(
        self, client_order_id: str, quantity: Decimal, limit_price: Decimal | None, at: datetime
    ) -> Decision:
        """May an open order have another total quantity and limit? It is not trimmed: yes or no."""
        old = self._sent(client_order_id)
        order = replace(old.order, quantity=quantity, limit_price=limit_price)
        decision = self._decide(self._question(order, at, old))
        if decision.verdict is Verdict.TRIM:
            return replace(decision, verdict=Verdict.BLOCK, quantity=Decimal(0))
        return decision

    def sent(self, order: Order, at: datetime) -> None:
        """It goes out: from now on it counts as if filled."""
        if order.client_order_id in self.orders.orders:
            raise UserInputError(f"Order {order.client_order_id} was counted before.")
        asked = self._question(order, at)
        self.orders.send(order, at, _known(asked.unit_notional))
        self._rate.note(asked.second)
        self._recent.note(order, asked.second, self.rules.duplicate.seconds)
        self._repeats.note(repeated(order), asked.second)
        self._change(order, order.quantity)

    def messaged(self, at: datetime) -> None:
        """A cancel, or anything else that a venue counts as a message."""
        self._rate.note(at.timestamp())

    def filled(self, client_order_id: str, quantity: Decimal) -> None:
        """It counted as filled already; only what nobody expected is new."""
        sent = self._sent(client_order_id)
        self._change(sent.order, self.orders.fill(client_order_id, quantity))

    def replaced(
        self, client_order_id: str, quantity: Decimal, limit_price: Decimal | None
    ) -> None:
        sent = self._sent(client_order_id)
        self._change(sent.order, self.orders.replace(client_order_id, quantity, limit_price))

    def closed(self, client_order_id: str) -> None:
        """Cancelled, expired or rejected: what was open of it is not counted any more."""
        sent = self._sent(client_order_id)
        self._change(sent.order, -self.orders.close(client_order_id))

    def quoted(self, quotes: Quote | Iterable[Quote]) -> None:
        for quote in (quotes,) if isinstance(quotes, Quote) else quotes:
            self._market.note(quote)

    def approve(self, targets: ApprovedTargets) -> None:
        """What may be traded, and until when."""
        self.orders.approve(targets)

    def release(
        self,
        portfolio_id: str,
        instrument_id: str,
        side: Side,
        *,
        person: str,
        reason: str,
        at: datetime,
    ) -> Release:
        """Let a line go on that repeated itself too often; the journal keeps what comes back."""
        line = (portfolio_id, instrument_id, side.value)
        return self._repeats.release(line, person, reason, at)

    def traded_elsewhere(self, portfolio_id: str, instrument_id: str, quantity: Decimal) -> None:
        """Hold so much more than the book of risk knows, by a fill or a transfer of another way."""
        key = self._keys.get(instrument_id)
        if key is None:
            key = self._state.book.place(instrument_id)
        self._state.change(portfolio_id, key, float(quantity))

    def on_book(
        self, limits: LimitBook, since: Mapping[tuple[str, str], Decimal] | None = None
    ) -> None:
        """Go on with a newer book. ``since`` are the fills, by portfolio and instrument, that it
        does not hold yet; what is open is counted again."""
        self._take(limits)
        for (portfolio_id, instrument_id), quantity in (since or {}).items():
            self.traded_elsewhere(portfolio_id, instrument_id, quantity)
        for sent in self.orders.orders.values():
            self._change(sent.order, sent.remaining)

    def prepare(self, instrument_ids: Iterable[str], at: datetime) -> None:
        """Look up beforehand what the first order of each instrument would wait for."""
        for name in instrument_ids:
            key = self._keys.get(name)
            if key is not None:
                self._state.prepare(key)
            if name in self._instruments:
                self._hours.closes(self._instruments[name].calendar, at)

    def _take(self, limits: LimitBook) -> None:
        book = limits.book
        pairs = pairs_of(book, self._instruments)
        self._state = AsIfFilled(limits, pairs.values())
        self._keys = {name: place for place, name in enumerate(book.instrument_ids)}
        self._keys |= {name: pair.key for name, pair in pairs.items()}
        self._sizes = size_per_unit(book)
        self._is_worth = self._sizes == np.abs(book.known.values)
        self._volumes = book.known.daily_volumes
        self._limits_run = limits.base.provenance.run_id

    def _active(self) -> tuple[Check, ...]:
        """The checks that are on, but those of limits: the quickest first."""
        rules, orders, names, now = self.rules, self.orders, self._restricted, self._market
        all_checks: list[tuple[Mode, Check]] = [
            (rules.parent.mode, lambda q: own.check_parent(q, rules.parent, orders)),
            (rules.lots.mode, lambda q: own.check_lots(q, rules.lots)),
            (rules.restricted.mode, lambda q: own.check_restricted(q, rules.restricted, names)),
            (rules.session.mode, lambda q: market.check_session(q, rules.session, self._hours)),
            (rules.fresh.mode, lambda q: market.check_fresh(q, rules.fresh)),
            (rules.collar.mode, lambda q: market.check_collar(q, rules.collar)),
            (rules.period_collar.mode, lambda q: market.check_period(q, rules.period_collar, now)),
            (rules.self_cross.mode, lambda q: own.check_self_cross(q, rules.self_cross, orders)),
            (rules.messages.mode, lambda q: own.check_messages(q, rules.messages, self._rate)),
            (rules.size.mode, lambda q: own.check_size(q, rules.size)),
            (rules.day.mode, lambda q: own.check_day(q, rules.day, orders)),
        ]  # fmt: skip
        return tuple(check for mode, check in all_checks if mode is not Mode.OFF)

    def _decide(self, asked: Question) -> Decision:
        outcomes = [check(asked) for check in self._checks]
        if asked.old is None:
            outcomes += self._only_of_new(asked)
        outcomes += self._limits(asked, asked.extra)
        quantity = self._quantity(asked, outcomes)
        if quantity <= 0:
            verdict = Verdict.BLOCK
        else:
            verdict = Verdict.TRIM if quantity < asked.order.quantity else Verdict.ALLOW
        return Decision(
            client_order_id=asked.order_id,
            portfolio_id=asked.order.key.portfolio_id,
            instrument_id=asked.order.key.instrument_id,
            side=asked.order.side.value,
            at=asked.at,
            verdict=verdict,
            asked=asked.order.quantity,
            quantity=quantity,
            outcomes=tuple(outcomes),
            limits=self._limits_run,
            rules=self._rules_digest,
            middle=None if asked.seen is None else asked.seen.middle,
        )

    def _only_of_new(self, asked: Question) -> list[Outcome]:
        """Replacing an order is no new trade: it cannot be sent twice by it."""
        found, rules = [], self.rules
        if rules.duplicate.mode is not Mode.OFF:
            found.append(own.check_duplicate(asked, rules.duplicate, self.orders, self._recent))
        if rules.repeats.mode is not Mode.OFF:
            found.append(self._repeated(asked))
        return found

    def _repeated(self, asked: Question) -> Outcome:
        """A line that is stopped goes on as soon as somebody released it, wherever that was."""
        told = own.check_repeats(asked, self.rules.repeats, self._repeats)
        if told.found is Found.PASSED:
            return told
        for release in self._releases():
            self._repeats.hear(release)
        return own.check_repeats(asked, self.rules.repeats, self._repeats)

    def _limits(self, asked: Question, extra: Decimal) -> list[Outcome]:
        rule, key = self.rules.limits, asked.order.key
        if rule.mode is Mode.OFF or not extra:
            return []
        if asked.traded is None or key.portfolio_id not in self._state.book.tree:
            what = key.instrument_id if asked.traded is None else key.portfolio_id
            reason = f"The book of risk does not know {what}, so no limit can be measured."
            return [failed("limits", rule.unmeasured, reason, subject=what)]
        lot = asked.instrument.lot_size if asked.instrument is not None else Decimal(1)
        traded, sign = asked.traded, asked.order.side.sign

        def held_to(quantity: Decimal) -> list[Outcome]:
            signed = sign * float(quantity)
            return check_limits(self._state, key.portfolio_id, traded, signed, rule, lot)

        found, against = held_to(extra), self.orders.open_opposite(asked.order)
        if against and extra > 0:
            # An open order that would net this one may never be filled: it must do without.
            return worse_of(found, held_to(extra + against), against)
        return found

    def _quantity(self, asked: Question, outcomes: list[Outcome]) -> Decimal:
        """How much may go out: the least of what the checks allow, and limits asked again on it."""
        quantity, lot = _least(outcomes, asked.order.quantity), Decimal(1)
        if asked.instrument is not None:
            lot = asked.instrument.lot_size
        while Decimal(0) < quantity < asked.order.quantity:
            quantity = in_lots(quantity, lot)
            again = self._limits(asked, quantity) if quantity else []
            least = _least(again, quantity)
            if least == quantity:
                break
            # Less of it passes another limit: a measure need not grow with the order.
            outcomes += [each for each in again if each.most is not None]
            quantity = least
        return max(quantity, Decimal(0))

    def _question(self, order: Order, at: datetime, old: Sent | None = None) -> Question:
        self.orders.turn(at)
        name = order.key.instrument_id
        traded = self._keys.get(name)
        seen = self._market.last(name)
        parent = self.orders.parents.get(line_of(order))
        extra = order.quantity if old is None else max(
            order.quantity - old.filled, Decimal(0)
        ) - old.remaining  # fmt: skip
        each, volume = float("nan"), float("nan")
        if traded is not None:
            place = self._state.place(traded)
            each, volume = float(self._sizes[place]), float(self._volumes[place])
            # Of what is worth its price: at the order's own, where it is another than the mark's.
            if self._is_worth[place] and parent is not None and parent.reference_price > 0.0:
                price = None if seen is None else price_of(order, seen)
                each *= price / parent.reference_price if price is not None and price > 0.0 else 1.0
        return Question(
            order, order.client_order_id, at, at.timestamp(), extra, self._instruments.get(name),
            traded, seen, parent, each, volume, old,
        )  # fmt: skip

    def _change(self, order: Order, quantity: Decimal) -> None:
        key = self._keys.get(order.key.instrument_id)
        if key is not None and quantity and order.key.portfolio_id in self._state.book.tree:
            signed = order.side.sign * float(quantity)
            self._state.change(order.key.portfolio_id, key, signed)

    def _sent(self, client_order_id: str) -> Sent:
        found = self.orders.orders.get(client_order_id)
        if found is None:
            raise UnknownNameError("order sent through this gate", client_order_id)
        return found


def _least(outcomes: Iterable[Outcome], quantity: Decimal) -> Decimal:
    for each in outcomes:
        if each.most is not None and each.found in (Found.BLOCKED, Found.TRIMMED):
            quantity = min(quantity, each.most)
    return quantity


def _known(value: float) -> float:
    return value if value == value else 0.0
