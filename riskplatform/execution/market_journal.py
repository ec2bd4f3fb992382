"""What the market did while we traded, in the journal: later no venue need be asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from riskplatform.domain.codec import from_terms, to_terms
from riskplatform.execution.gateways.gateway import Gateway, Traded
from riskplatform.execution.order_journal import CLOSES, EXECUTIONS, MARKET
from riskplatform.execution.parents import Line
from riskplatform.store.ledger import Event, Journal, Ledger

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Witnessed:
    """What a venue said of a parent's time; ``traded`` is None where it did not know."""

    gateway: str
    start: datetime
    end: datetime
    traded: Traded | None

    @property
    def why_none(self) -> str:
        """Why there is no average price, if there is none."""
        span = f"from {self.start:%Y-%m-%d %H:%M:%S} to {self.end:%Y-%m-%d %H:%M:%S} UTC"
        if self.traded is None:
            return f"{self.gateway} does not know its market {span}"
        return "" if self.traded.volume else f"nothing traded at {self.gateway} {span}"


@dataclass(slots=True)
class MarketTold:
    """All of it, by parent and by instrument and day; closes come with the venue's name."""

    parents: dict[Line, Witnessed] = field(default_factory=dict)
    closes: dict[str, dict[date, tuple[Decimal, str]]] = field(default_factory=dict)


def market_event(journal: Journal, line: Line, said: Witnessed) -> Event:
    """What was said of the parent before is superseded."""
    name = " ".join(line)
    return Event(MARKET, name, len(journal.read(MARKET, name)), market_body(line, said))


def market_body(line: Line, said: Witnessed) -> dict[str, Any]:
    """As the journal keeps it; the average stands there for people."""
    traded = said.traded
    return {
        "gateway": said.gateway,
        "line": list(line),
        "start": to_terms(said.start),
        "end": to_terms(said.end),
        "traded": None if traded is None else to_terms(traded),
        "vwap": None if traded is None or traded.average is None else to_terms(traded.average),
    }


def market_told(journal: Journal) -> MarketTold:
    """What the journal knows of the market."""
    found = MarketTold()
    for each in journal.latest(MARKET):
        approval, portfolio, instrument = each.body["line"]
        found.parents[approval, portfolio, instrument] = _witnessed(each.body)
    for each in journal.latest(CLOSES):
        day = date.fromisoformat(each.body["day"])
        close = (Decimal(each.body["price"]), str(each.body["gateway"]))
        found.closes.setdefault(str(each.body["instrument_id"]), {})[day] = close
    return found


def _witnessed(body: Mapping[str, Any]) -> Witnessed:
    traded = body.get("traded")
    return Witnessed(
        gateway=str(body["gateway"]),
        start=datetime.fromisoformat(body["start"]),
        end=datetime.fromisoformat(body["end"]),
        traded=None if traded is None else from_terms(Traded, traded),
    )


def record_closes(ledger: Ledger, gateway: Gateway, day: date, actor: str) -> int:
    """Keep the closes of what was traded at a venue on a day (UTC) that is over; how many."""
    journal = ledger.journal
    known = set(journal.subjects(CLOSES))
    start = datetime.combine(day, time(), UTC)
    events = []
    for name in _traded_on(journal, gateway.name, day):
        subject = f"{name} {day.isoformat()}"
        if subject in known:
            continue
        found = gateway.traded(name, start, start + _A_DAY)
        if found is None or not found.is_closed or not found.volume or found.last is None:
            continue
        body = {
            "gateway": gateway.name,
            "instrument_id": name,
            "day": day.isoformat(),
            "price": to_terms(found.last),
        }
        events.append(Event(CLOSES, subject, 0, body))
    journal.append(events, actor=actor, action="record closes")
    return len(events)


def _traded_on(journal: Journal, gateway: str, day: date) -> Iterable[str]:
    return dict.fromkeys(
        str(each.body["instrument_id"])
        for each in journal.since(0, stream=EXECUTIONS)
        if each.subject.startswith(f"{gateway}/")
        and datetime.fromisoformat(each.body["at"]).astimezone(UTC).date() == day
    )
