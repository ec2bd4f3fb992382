"""The gateway to the paper venue."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from riskplatform.domain.codec import to_terms
from riskplatform.domain.orders import Order
from riskplatform.execution.gateways.gateway import (
    Filled,
    Quote,
    Report,
    Traded,
    VenueOrder,
)
from riskplatform.execution.gateways.paper_channel import Channel, LocalChannel, SocketChannel
from riskplatform.execution.paper.market import DayMarket
from riskplatform.execution.paper.service import PaperService
from riskplatform.execution.paper.wire import read, report_from


class PaperGateway:
    """One client of a paper venue.

    ``position`` says how many of the venue's reports have been read; a new gateway reads from
    the first, or from where another left off.
    """

    def __init__(self, channel: Channel, *, position: int = 0, name: str = "paper") -> None:
        self._channel, self._name = channel, name
        self.position = position

    @classmethod
    def connect(
        cls, folder: str | Path, *, position: int = 0, timeout_seconds: float = 10.0
    ) -> PaperGateway:
        """To the venue that is served from ``folder``; the connection is made when it is used."""
        return cls(SocketChannel(Path(folder), timeout_seconds=timeout_seconds), position=position)

    @classmethod
    def within(cls, service: PaperService, *, position: int = 0) -> PaperGateway:
        """To a venue in this process."""
        return cls(LocalChannel(service), position=position)

    @property
    def name(self) -> str:
        return self._name

    def submit(self, order: Order) -> None:
        self._channel.ask("submit", order=to_terms(order))

    def cancel(self, client_order_id: str) -> None:
        self._channel.ask("cancel", client_order_id=client_order_id)

    def replace(
        self,
        client_order_id: str,
        quantity: Decimal,
        limit_price: Decimal | None,
        number: int = 0,
    ) -> None:
        self._channel.ask(
            "replace",
            client_order_id=client_order_id,
            quantity=to_terms(quantity),
            limit_price=to_terms(limit_price),
            number=number,
        )

    def reports(self) -> list[Report]:
        found: list[Report] = []
        while True:
            page = self._channel.ask("reports", after=self.position)
            found += [report_from(terms) for terms in page["items"]]
            self.position = page["next"]
            if page["is_all"]:
                return found

    def order(self, client_order_id: str) -> VenueOrder | None:
        found = self._channel.ask("order", client_order_id=client_order_id)
        return None if found is None else read(VenueOrder, found)

    def open_orders(self) -> tuple[VenueOrder, ...]:
        return tuple(read(VenueOrder, terms) for terms in self._channel.ask("open_orders"))

    def executions(self, since: datetime | None = None) -> tuple[Filled, ...]:
        return self._pages("executions", since=to_terms(since))

    def positions(self) -> Mapping[tuple[str, str], Decimal]:
        found = self._channel.ask("positions")
        return {(portfolio, name): Decimal(held) for portfolio, name, held in found}

    def quotes(self, instrument_ids: Collection[str]) -> Mapping[str, Quote]:
        found = self._channel.ask("quotes", instrument_ids=sorted(instrument_ids))
        return {name: read(Quote, terms) for name, terms in found.items()}

    def traded(self, instrument_id: str, start: datetime, end: datetime) -> Traded | None:
        found = self._channel.ask(
            "traded", instrument_id=instrument_id, start=to_terms(start), end=to_terms(end)
        )
        return None if found is None else read(Traded, found)

    def now(self) -> datetime:
        return datetime.fromisoformat(self._channel.ask("now"))

    def statement(self, day: date) -> tuple[Filled, ...]:
        return self._pages("statement", day=to_terms(day))

    def close(self) -> None:
        self._channel.close()

    # ------------------------------------------------------------------ only of a paper venue

    def advance(self, to: datetime) -> datetime:
        """Let the venue's time go on to ``to`` at once."""
        return datetime.fromisoformat(self._channel.ask("advance", to=to_terms(to)))

    def open_day(self, market: DayMarket) -> datetime:
        """Begin a day; the time goes on to its opening."""
        return datetime.fromisoformat(self._channel.ask("open_day", market=to_terms(market)))

    def called_after_its_venue(self) -> PaperGateway:
        """Named by the venue's own id: its books are never taken for those of another one."""
        self._name = f"paper:{self.facts()['venue_id']}"
        return self

    def facts(self) -> Mapping[str, Any]:
        """What the venue says of itself: its id, day, time, speed, and how much has happened."""
        return cast(Mapping[str, Any], self._channel.ask("facts"))

    def _pages(self, do: str, **terms: Any) -> tuple[Filled, ...]:
        found: list[Filled] = []
        reached = 0
        while True:
            page = self._channel.ask(do, after=reached, **terms)
            found += [cast(Filled, report_from(one)) for one in page["items"]]
            reached = page["next"]
            if page["is_all"]:
                return tuple(found)
