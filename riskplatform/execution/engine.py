"""The loop: journal, pure state machine, effects. One turn at a time, in whatever time there is.

A turn hears the venue, books what it says, obeys the switch, asks about what is not known,
compares the books when due, and sends what the plans say is due. Whatever fails, the next turn
goes on from what is durable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from riskplatform.domain.instruments import Instrument
from riskplatform.domain.orders import Order
from riskplatform.errors import (
    ConflictError,
    GatewayError,
    NotAllowedError,
    RiskPlatformError,
    StoreError,
)
from riskplatform.execution.batch import Site
from riskplatform.execution.blotter import Blotter, Change
from riskplatform.execution.breakers import BreakerRules
from riskplatform.execution.controls import Controls, ControlState, Mode
from riskplatform.execution.dealer import Dealer
from riskplatform.execution.engine_rules import EngineRules, Turn
from riskplatform.execution.gateways.gateway import Filled, Gateway, Quote, Report
from riskplatform.execution.gating import GateFeed, PreTradeGate
from riskplatform.execution.order_events import CancelAsked, Sent
from riskplatform.execution.order_journal import PARENTS, parent_event
from riskplatform.execution.order_state import ZERO, Status
from riskplatform.execution.parents import Line, Parent, line_of
from riskplatform.execution.recovery import Recovery
from riskplatform.execution.replacer import Replacer
from riskplatform.execution.watch import Watch
from riskplatform.execution.witness import Witness
from riskplatform.store.ledger import Ledger

if TYPE_CHECKING:
    from riskplatform.execution.booking import AccruedPerUnit
    from riskplatform.execution.reconciliation import Reconciliation

_AT_ONCE = 500
_MOST_BACKOFF = 16


class Engine:
    """Trades parents at one gateway. ``rates`` are base currency per unit, for the breakers.

    ``clock`` is the only time it knows; it may jump. Everything that it decides is in the journal
    before the gateway hears of it, so it can be killed at any moment and made anew.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        gateway: Gateway,
        gate: PreTradeGate,
        controls: Controls,
        instruments: Mapping[str, Instrument],
        clock: Callable[[], datetime],
        rates: Mapping[str, float] | None = None,
        actor: str = "execution engine",
        rules: EngineRules | None = None,
        breakers: BreakerRules | None = None,
        accrued_per_unit: AccruedPerUnit | None = None,
    ) -> None:
        self.blotter = Blotter()
        self._site = Site(ledger, self.blotter, gateway.name, actor, instruments, accrued_per_unit)
        self._gateway, self._gate, self._controls = gateway, gate, controls
        self._clock, self.rules = clock, rules or EngineRules()
        self._feed = GateFeed(gate)
        self._watch = Watch(instruments, rates or {}, breakers or BreakerRules())
        self._witness = Witness(self._site, gateway)
        self._dealer = Dealer(self._site, gateway, controls, clock, self.rules, self._heed)
        self._replacer = Replacer(self._site, gate, controls, self._dealer)
        self._recovery = Recovery(self._site, gateway, self._dealer, clock)
        self.reconciliation: Reconciliation | None = None
        self._inbox: list[Report] = []
        self._not_before: dict[Line, datetime] = {}
        self._blocks: dict[Line, int] = {}
        self._burnt: dict[tuple[Line, int], int] = {}
        self._proof_asked: datetime | None = None
        self._is_behind = True
        self._was_killed = False
        self._counts = {"heard": 0, "filled": 0, "sent": 0, "blocked": 0}

    # ------------------------------------------------------------------ what is worked off

    def hand_in(self, parents: Iterable[Parent]) -> int:
        """Record plans and work them; those that were handed in before change nothing. How many
        are new."""
        count = self.plan(parents)
        self.blotter.follow_stream(self._site.ledger.journal, PARENTS)
        return count

    def plan(self, parents: Iterable[Parent]) -> int:
        """Only record them, within a transaction that may still fail; a turn finds them then."""
        self.blotter.follow_stream(self._site.ledger.journal, PARENTS)
        fresh = []
        for parent in parents:
            known = self.blotter.parents.get(parent.line)
            if known is None:
                fresh.append(parent)
            elif (known.side, known.quantity) != (parent.side, parent.quantity):
                raise ConflictError(
                    f"{parent.name} is being worked as {known.side} {known.quantity}, not "
                    f"{parent.side} {parent.quantity}."
                )
        self._site.ledger.journal.append(
            [parent_event(parent) for parent in fresh],
            actor=self._site.actor,
            action="plan execution",
        )
        return len(fresh)

    def active(self, now: datetime | None = None) -> list[Parent]:
        """Parents that are in force and not filled as far as they are planned."""
        at = now or self._clock()
        return [
            parent
            for line, parent in self.blotter.parents.items()
            if at < parent.expires_at and self.blotter.filled[line] < self.blotter.planned[line]
        ]

    @property
    def is_done(self) -> bool:
        """Nothing is left that could be sent, to hear of or to ask about."""
        blotter = self.blotter
        waiting = [blotter.states[name] for name in blotter.waiting]
        # What was withdrawn without the venue knowing it is asked about for ever.
        is_heard = all(state.is_withdrawn and not state.is_seen for state in waiting)
        is_quiet = not self._is_behind and not blotter.working and is_heard
        now = self._clock()
        return is_quiet and not any(self._can_go_on(parent, now) for parent in self.active(now))

    # ------------------------------------------------------------------ the loop

    def start(self) -> None:
        """Learn what the journal knows. The first turn does it too, if it was not done."""
        if self._is_behind:
            self._heed(self.blotter.follow(self._site.ledger.journal))
            self._is_behind = False

    def turn(self) -> Turn:
        """Go on by one step. What fails is said in the result and tried again in the next."""
        self._counts = dict.fromkeys(self._counts, 0)
        reason, control = "", ControlState(Mode.PAUSED, "engine", "the switch was not read")
        try:
            control = self._controls.state()
            reason = self._step(self._clock(), control)
        except (GatewayError, StoreError) as error:
            reason = error.message
            self._dealer.must_reconcile = True
            self._is_behind = self._is_behind or isinstance(error, StoreError)
        except RiskPlatformError as error:
            # Neither venue nor store: a fill that cannot be booked, a decision that cannot be made.
            reason = error.message
            control = self._stop(reason)
        return Turn(
            at=self._clock(),
            control=control,
            is_reconciled=self.is_reconciled,
            open_orders=len(self.blotter.working),
            reason=reason,
            **self._counts,
        )

    @property
    def is_reconciled(self) -> bool:
        found = self.reconciliation
        return found is not None and found.is_clean and not self._dealer.must_reconcile

    def _step(self, now: datetime, control: ControlState) -> str:
        self.start()
        self.blotter.follow_stream(self._site.ledger.journal, PARENTS)
        self._hear()
        self._cancel_what_must(now, control)
        self._dealer.chase(now)
        self._reconcile_if_due(now)
        self._replacer.answer(now, control, is_reconciled=self.is_reconciled)
        self._witness.record()
        if control.mode is Mode.KILLED:
            self._was_killed = True
            self._prove_shut(now)
            return str(control)
        if self._was_killed:
            self._watch.begin_anew()
            self._was_killed = False
        quotes = self._quotes(now)
        tripped = self._watch.trips(now, quotes, len(self.blotter.working))
        if tripped:
            return self._trip(tripped)
        if not control.may_trade:
            return str(control)
        if not self.is_reconciled:
            return self._why_not_reconciled()
        self._release(now)
        return ""

    def _hear(self) -> None:
        """Book what the venue said. What could not be booked stays, and is tried again."""
        self._inbox += self._gateway.reports()
        while self._inbox:
            part = self._inbox[:_AT_ONCE]
            batch = self._dealer.batch()
            for report in part:
                # Orders of others are no reports of ours; comparing the books finds them.
                if batch.state(report.client_order_id) is not None:
                    batch.note(report.client_order_id, report)
            self._dealer.settle(batch)
            del self._inbox[: len(part)]
            self._counts["heard"] += len(part)

    def _heed(self, changes: Iterable[Change]) -> None:
        """Tell the gate and the breakers what became durable."""
        told = list(changes)
        self._feed.tell(told)
        self._watch.heed(told)
        self._witness.heed(told)
        for _, event, after in told:
            if isinstance(event, Filled):
                self._counts["filled"] += 1
            if after.is_terminal and after.status is not Status.FILLED:
                self._wait(line_of(after.order), self.rules.retry_seconds)

    def _cancel_what_must(self, now: datetime, control: ControlState) -> None:
        """What is open and must not be: after a kill, after its approval, by somebody's wish."""
        batch = self._dealer.batch()
        for name, reason in self._unwanted(now, control):
            state = self.blotter.states[name]
            # An order that the venue may never have seen is asked about first.
            if name in self.blotter.working and state.is_seen and not state.is_cancelling:
                batch.note(name, CancelAsked(at=now, reason=reason))
        self._dealer.settle(batch)

    def _unwanted(self, now: datetime, control: ControlState) -> list[tuple[str, str]]:
        """Orders to be cancelled, and why; without a kill nothing here looks through all orders."""
        blotter = self.blotter
        if control.mode is Mode.KILLED:
            return [(name, f"killed: {control.reason}") for name in blotter.working]
        found = [
            (name, str(wish.get("reason", "")))
            for name, wish in self._controls.cancels().items()
            if name in blotter.working
        ]
        for line, parent in blotter.parents.items():
            if now >= parent.expires_at and blotter.used[line] > blotter.filled[line]:
                found += [(name, "the approval expired") for name in blotter.children[line]]
        return found

    def _reconcile_if_due(self, now: datetime) -> None:
        last = self.reconciliation
        wait = timedelta(seconds=self.rules.reconcile_seconds)
        is_due = last is None or now < last.at or now - last.at >= wait
        if not is_due and not self._dealer.must_reconcile:
            return
        self._dealer.must_reconcile = False
        try:
            self.reconciliation = self._recovery.run()
        except RiskPlatformError:
            self._dealer.must_reconcile = True
            raise
        if not self.reconciliation.is_clean:
            self._dealer.must_reconcile = True

    def _why_not_reconciled(self) -> str:
        found = self.reconciliation
        if found is None or found.is_clean:
            return self._dealer.trouble or "the venue has not been asked yet"
        return f"not reconciled: {'; '.join(map(str, found.differences[:3]))}"

    # ------------------------------------------------------------------ sending

    def _release(self, now: datetime) -> None:
        """Send what is due. The gate sees each order with all before it already in the book."""
        batch = self._dealer.batch()
        leaving: list[Order] = []
        for parent in self.active(now):
            order = self._child(parent, now)
            if order is None:
                continue
            decision = self._gate.judge(order, now)
            batch.decide(order.client_order_id, decision.to_dict())
            if not decision.is_allowed or decision.quantity <= 0:
                self._counts["blocked"] += 1
                self._wait_for_gate(parent.line)
                continue
            self._blocks.pop(parent.line, None)
            order = replace(order, quantity=min(decision.quantity, order.quantity))
            self._feed.sending(order, now)
            batch.intend(order, Sent(at=now))
            leaving.append(order)
        try:
            self._dealer.settle(batch)
        except RiskPlatformError:
            self._burn(leaving)
            raise
        self._counts["sent"] += len(leaving)

    def _child(self, parent: Parent, now: datetime) -> Order | None:
        """The order that brings a parent up to its plan; None when nothing is due."""
        line = parent.line
        wait_until = self._not_before.get(line)
        if wait_until is not None:
            # Waits are short: one that ends in the far future was set by a clock that jumped.
            most = max(self.rules.blocked_seconds * _MOST_BACKOFF, self.rules.retry_seconds)
            longest = timedelta(seconds=most)
            if now < wait_until <= now + longest:
                return None
            del self._not_before[line]
        slice, due = parent.due(now)
        gap = min(due, parent.quantity) - self.blotter.used[line]
        if gap <= ZERO or now < parent.approved_at:
            return None
        attempt = self.blotter.attempts[line, slice] + self._burnt.get((line, slice), 0)
        if attempt >= self.rules.most_attempts:
            return None
        return parent.child(slice, attempt, gap)

    def _can_go_on(self, parent: Parent, now: datetime) -> bool:
        """Whether more of it may be sent: not what a lost order may still take, nor for ever."""
        line, last = parent.line, len(parent.slices) - 1
        if self.blotter.used[line] >= self.blotter.planned[line]:
            return False
        attempts = self.blotter.attempts[line, last] + self._burnt.get((line, last), 0)
        return now < parent.slices[last].at or attempts < self.rules.most_attempts

    def _burn(self, orders: Iterable[Order]) -> None:
        """Orders whose intent may not be durable: the gate counts them no more, and their ids are
        not used again."""
        for order in orders:
            if order.client_order_id in self.blotter.states:
                continue
            self._feed.not_sent(order)
            place = (line_of(order), order.key.slice)
            self._burnt[place] = self._burnt.get(place, 0) + 1

    def _wait_for_gate(self, line: Line) -> None:
        """Twice as long after each block in a row, for every decision is kept in the journal."""
        blocks = self._blocks.get(line, 0)
        self._blocks[line] = blocks + 1
        self._wait(line, self.rules.blocked_seconds * min(2**blocks, _MOST_BACKOFF))

    def _wait(self, line: Line, seconds: float) -> None:
        self._not_before[line] = self._clock() + timedelta(seconds=seconds)

    def _quotes(self, now: datetime) -> Mapping[str, Quote]:
        names = {parent.instrument_id for parent in self.active(now)} | self._watch.held
        if not names:
            return {}
        quotes = self._gateway.quotes(sorted(names))
        self._gate.quoted(quotes.values())
        return quotes

    # ------------------------------------------------------------------ stopping

    def _trip(self, tripped: Iterable[object]) -> str:
        reason = "; ".join(str(trip) for trip in tripped)
        self._stop(reason)
        return reason

    def _stop(self, reason: str) -> ControlState:
        """The safe state. A switch that cannot be written is tried again in the next turn."""
        try:
            return self._controls.kill(self._site.actor, reason)
        except (StoreError, NotAllowedError):
            return ControlState(Mode.PAUSED, self._site.actor, reason)

    def _prove_shut(self, now: datetime) -> None:
        """Ask the venue what is open; what is, is cancelled, whoever sent it."""
        last = self._proof_asked
        wait = timedelta(seconds=self.rules.ask_seconds)
        if last is not None and last <= now < last + wait:
            return
        self._proof_asked = now
        still_open = self._gateway.open_orders()
        for order in still_open:
            state = self.blotter.states.get(order.order.client_order_id)
            if state is None or state.is_terminal:
                self._gateway.cancel(order.order.client_order_id)
        if not still_open and not any(state.is_seen for state in self.blotter.open()):
            at = self._gateway.now()
            self._controls.prove(
                self._site.actor, f"{self._gateway.name} has nothing open at {at.isoformat()}"
            )
