"""The venue with its store and its clock: requests in, replies out, durable before they are given.

Requests that came together are taken together and share one commit. Before the commit nobody has
been told anything, so a death at any moment loses nothing that anybody knows of.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from riskplatform.domain.codec import to_terms
from riskplatform.domain.orders import Order
from riskplatform.errors import (
    DamagedStoreError,
    RiskPlatformError,
    StoreError,
    UnknownNameError,
    UserInputError,
)
from riskplatform.execution.gateways.gateway import Filled
from riskplatform.execution.paper.clock import VenueClock
from riskplatform.execution.paper.market import DayMarket
from riskplatform.execution.paper.messages import (
    CancelSent,
    DayOpened,
    Message,
    OrderSent,
    ReplaceSent,
)
from riskplatform.execution.paper.store import VenueStore
from riskplatform.execution.paper.venue import Venue, replay
from riskplatform.execution.paper.wire import read, report_terms

PAGE = 2_000
LONGEST_STEP = timedelta(days=400)
Request = Mapping[str, Any]
Reply = dict[str, Any]


class PaperService:
    """One venue that serves; made on a store, from which it goes on where it was."""

    def __init__(self, store: VenueStore, *, speed: float = 0.0) -> None:
        self._store = store
        facts = store.facts()
        self.venue = Venue(facts.venue_id, facts.rules, facts.seed)
        mark = store.clock()
        start = self.venue.now if mark is None else mark
        replay(self.venue, store.messages(), start)
        self._new_messages: list[Message] = []
        self._written = self._check(store)
        self._mark = start
        self._is_broken = False
        self.clock = VenueClock(start, speed)
        self._write()

    def _check(self, store: VenueStore) -> int:
        """How much was reported. It follows from the messages, or somebody changed one of them."""
        told, again = store.reports(), self.venue.reports
        pairs = enumerate(zip(told, again, strict=False))
        first_other = (place for place, (said, now) in pairs if said != now)
        place = next(first_other, min(len(told), len(again)))
        if place < len(told):
            raise DamagedStoreError(
                f"{store.where}: report {place + 1} of {len(told)} does not follow from the "
                "messages there.",
                hint="The file was changed, or written by another version: begin a new venue.",
            )
        return len(told)

    def handle(self, requests: Sequence[Request]) -> list[Reply]:
        """Reply to each; with none, only time goes on."""
        if self._is_broken:
            raise StoreError(f"The venue could not write {self._store.where}; start it again.")
        self._go_on()
        replies = [self._reply(request) for request in requests]
        self._go_on()
        self._write()
        return replies

    def _go_on(self) -> None:
        self.venue.advance(max(self.clock.now(), self.venue.now))

    def _reply(self, request: Request) -> Reply:
        try:
            name = str(request.get("do"))
            if name not in _ACTIONS:
                raise UnknownNameError("request", name, _ACTIONS)
            return {"ok": _ACTIONS[name](self, request)}
        except StoreError:
            raise
        except RiskPlatformError as error:
            return {"error": str(error), "is_yours": isinstance(error, UserInputError)}
        except (KeyError, TypeError, ValueError, ArithmeticError) as error:
            return {"error": f"The request cannot be read: {error!r}.", "is_yours": True}

    def _write(self) -> None:
        """Make durable what is new; a venue that cannot, must not go on."""
        now = self.venue.now
        reports = self.venue.reports[self._written :]
        if not self._new_messages and not reports and now <= self._mark:
            return
        self._mark = max(now + self.clock.lease, self._mark)
        try:
            self._store.write(self._new_messages, reports, self._mark)
        except sqlite3.Error as error:
            self._is_broken = True
            raise StoreError(f"The venue cannot write {self._store.where}: {error}.") from error
        self._new_messages = []
        self._written += len(reports)

    def _take(self, message: Message) -> None:
        """Into the venue; one that fails half-way is left for what is on the disk."""
        try:
            self.venue.apply(message)
        except Exception as error:
            self._is_broken = True
            raise StoreError(f"The venue failed on a message: {error!r}.") from error
        self._new_messages.append(message)

    # ------------------------------------------------------------------ what may be asked

    def _submit(self, request: Request) -> None:
        order = read(Order, request["order"])
        if not self.venue.knows(order.client_order_id):
            self._take(OrderSent(at=self.venue.now, order=order))

    def _cancel(self, request: Request) -> None:
        self._take(CancelSent(at=self.venue.now, client_order_id=str(request["client_order_id"])))

    def _replace(self, request: Request) -> None:
        terms = {name: request.get(name) for name in ("client_order_id", "quantity", "limit_price")}
        number = int(request.get("number", 0))
        self._take(read(ReplaceSent, {**terms, "at": self.venue.now, "number": number}))

    def _reports(self, request: Request) -> Any:
        after = int(request["after"])
        page = self.venue.reports[after : after + PAGE]
        return {
            "items": [report_terms(one) for one in page],
            "next": after + len(page),
            "is_all": after + len(page) >= len(self.venue.reports),
        }

    def _order(self, request: Request) -> Any:
        found = self.venue.order(str(request["client_order_id"]))
        return None if found is None else to_terms(found)

    def _open_orders(self, request: Request) -> Any:
        return [to_terms(one) for one in self.venue.open_orders()]

    def _executions(self, request: Request) -> Any:
        since = request.get("since")
        moment = None if since is None else datetime.fromisoformat(since)
        return _page(self.venue.executions_since(moment), request)

    def _statement(self, request: Request) -> Any:
        return _page(self.venue.statement(date.fromisoformat(request["day"])), request)

    def _positions(self, request: Request) -> Any:
        held = self.venue.positions()
        return [[*line, format(quantity, "f")] for line, quantity in sorted(held.items())]

    def _quotes(self, request: Request) -> Any:
        names = [str(name) for name in request["instrument_ids"]]
        return {name: to_terms(quote) for name, quote in self.venue.quotes(names).items()}

    def _traded(self, request: Request) -> Any:
        start, end = (_moment(request[name]) for name in ("start", "end"))
        found = self.venue.traded(str(request["instrument_id"]), start, end)
        return None if found is None else to_terms(found)

    def _now(self, request: Request) -> Any:
        return self.venue.now.isoformat()

    def _advance(self, request: Request) -> Any:
        to = _moment(request["to"])
        now = self.venue.now
        if self.venue.market is None:
            raise UserInputError("The venue has no time before its first day is opened.")
        if not now <= to <= now + LONGEST_STEP:
            raise UserInputError(
                f"The venue's time is {now}; it does not go back, nor on to {to} in one step.",
                hint=f"A step is at most {LONGEST_STEP.days} days.",
            )
        self.clock.move(to)
        self._go_on()
        return self._now(request)

    def _open_day(self, request: Request) -> Any:
        market = read(DayMarket, request["market"])
        self.venue.check_day(market)
        # Between two days nothing happens that could be missed: time goes on to the opening.
        self._take(DayOpened(at=market.opens_at, market=market))
        self.clock.move(max(self.venue.now, self.clock.now()))
        return self._now(request)

    def _facts(self, request: Request) -> Any:
        market = self.venue.market
        return {
            "venue_id": self.venue.venue_id,
            "day": None if market is None else market.day.isoformat(),
            "opens_at": None if market is None else market.opens_at.isoformat(),
            "closes_at": None if market is None else market.closes_at.isoformat(),
            "now": self.venue.now.isoformat(),
            "speed": self.clock.speed,
            "instruments": 0 if market is None else len(market.listings),
            "open_orders": len(self.venue.open_orders()),
            "executions": len(self.venue.executions),
        }

    def close(self) -> None:
        self._store.close()


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise UserInputError(f"{found} says no time zone.")
    return found


def _page(executions: Sequence[Filled], request: Request) -> Any:
    after = int(request.get("after", 0))
    page = executions[after : after + PAGE]
    reached = after + len(page)
    return {
        "items": [report_terms(one) for one in page],
        "next": reached,
        "is_all": reached >= len(executions),
    }


_ACTIONS: dict[str, Callable[[PaperService, Request], Any]] = {
    "submit": PaperService._submit,
    "cancel": PaperService._cancel,
    "replace": PaperService._replace,
    "reports": PaperService._reports,
    "order": PaperService._order,
    "open_orders": PaperService._open_orders,
    "executions": PaperService._executions,
    "statement": PaperService._statement,
    "positions": PaperService._positions,
    "quotes": PaperService._quotes,
    "traded": PaperService._traded,
    "now": PaperService._now,
    "advance": PaperService._advance,
    "open_day": PaperService._open_day,
    "facts": PaperService._facts,
}
