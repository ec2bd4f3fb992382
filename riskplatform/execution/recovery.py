"""Coming back to a venue: what was missed is fetched and booked, what is not known is asked.

The same on every start, after every lost connection and every so often in between.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from riskplatform.domain.codec import from_terms
from riskplatform.execution.batch import Site
from riskplatform.execution.booking import transaction_id_of
from riskplatform.execution.dealer import Dealer
from riskplatform.execution.gateways.gateway import Filled, Gateway
from riskplatform.execution.order_journal import EXECUTIONS
from riskplatform.execution.reconciliation import (
    Reconciliation,
    StatementMatch,
    compare,
    match_statement,
)
from riskplatform.store.ledger import Event, Ledger

RECONCILIATIONS = "reconciliation"
_TRIES = 3
_OVERLAP = timedelta(minutes=5)
_REPEATED = timedelta(minutes=10)


class Recovery:
    """Brings both books together, and says what still differs."""

    def __init__(
        self, site: Site, gateway: Gateway, dealer: Dealer, clock: Callable[[], datetime]
    ) -> None:
        self._site, self._gateway, self._dealer, self._clock = site, gateway, dealer, clock
        self._since: datetime | None = None
        self._said: tuple[str, ...] | None = None
        self._said_at: datetime | None = None

    def run(self) -> Reconciliation:
        """Fetch, ask, compare. A venue that trades meanwhile is read again a few times."""
        found = self._once()
        for _ in range(_TRIES - 1):
            if found.is_clean:
                break
            found = self._once()
        self._record(found)
        return found

    def _once(self) -> Reconciliation:
        started = self._gateway.now()
        self._fetch()
        self._ask()
        found = self._compare()
        if found.is_clean:
            self._since = started - _OVERLAP
        return found

    def _fetch(self) -> None:
        """Book the executions of our orders that were not heard of."""
        batch = self._dealer.batch()
        for fill in self._gateway.executions(self._since):
            state = batch.state(fill.client_order_id)
            if state is not None and fill.execution_id not in state.executions:
                batch.note(fill.client_order_id, fill)
        self._dealer.settle(batch)

    def _ask(self) -> None:
        """Ask about what waits for an answer, and what the venue does not call open any more."""
        blotter = self._site.blotter
        theirs = {order.order.client_order_id for order in self._gateway.open_orders()}
        doubtful = dict.fromkeys(blotter.waiting)
        doubtful.update((name, None) for name in blotter.working if name not in theirs)
        doubtful.update(
            (name, None)
            for name in theirs
            if name in blotter.states and not blotter.states[name].is_seen
        )
        batch = self._dealer.batch()
        for name in doubtful:
            self._dealer.ask(name, batch)
        self._dealer.settle(batch)

    def _compare(self) -> Reconciliation:
        blotter, name = self._site.blotter, self._site.gateway
        orders = self._gateway.open_orders()
        executions = self._gateway.executions(self._since)
        return compare(
            name,
            self._clock(),
            states=blotter.states,
            open_names=blotter.working,
            held=blotter.held.get(name, {}),
            venue_orders=orders,
            venue_executions=executions,
            venue_positions=self._gateway.positions(),
        )

    def _record(self, found: Reconciliation) -> None:
        """In the journal: when what differs has changed, and now and then that nothing has."""
        said = tuple(str(each) for each in found.differences)
        last = self._said_at
        is_recent = last is not None and last <= found.at < last + _REPEATED
        if said == self._said and is_recent:
            return
        record(self._site.ledger, self._site.gateway, found.to_dict(), self._site.actor)
        self._said, self._said_at = said, found.at


def record(ledger: Ledger, subject: str, body: Mapping[str, object], actor: str) -> None:
    """Keep a result of comparing."""
    position = len(ledger.journal.read(RECONCILIATIONS, subject))
    event = Event(RECONCILIATIONS, subject, position, body)
    ledger.journal.append([event], actor=actor, action="reconcile")


def match_day(ledger: Ledger, gateway: Gateway, day: date) -> StatementMatch:
    """The venue's statement of a day, the journal's executions and the ledger's transactions."""
    start = f"{gateway.name}/"
    booked = {}
    for each in ledger.journal.since(0, stream=EXECUTIONS):
        if not each.subject.startswith(start):
            continue
        terms = {key: each.body[key] for key in _FILL_TERMS if key in each.body}
        fill = from_terms(Filled, terms)
        if fill.at.date() == day:
            booked[fill.execution_id] = fill
    in_ledger = _in_ledger(ledger, gateway.name, day, booked)
    return match_statement(gateway.name, day, gateway.statement(day), booked, in_ledger)


_FILL_TERMS = tuple(Filled.__slots__)


def _in_ledger(
    ledger: Ledger, gateway: str, day: date, booked: Mapping[str, Filled]
) -> dict[str, Decimal]:
    """The quantity that the transaction of each execution moves, without its sign."""
    names = {transaction_id_of(gateway, name): name for name in booked}
    moved = ledger.transactions(start=day, end=day)
    return {
        names[told]: abs(quantity)
        for told, quantity in zip(moved["transaction_id"], moved["quantity"], strict=True)
        if told in names
    }
