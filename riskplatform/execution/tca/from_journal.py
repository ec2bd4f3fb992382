"""Decisions and executions as the journal tells them, ready to be measured."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from riskplatform.domain.instruments import Instrument
from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.execution.market_journal import MarketTold, market_told
from riskplatform.execution.order_journal import DECISIONS, EXECUTIONS, ORDERS, PARENTS
from riskplatform.execution.parents import Line, Parent
from riskplatform.execution.replacer import ASKS
from riskplatform.execution.tca.worked import Execution, Worked
from riskplatform.store.ledger import Journal

Closes = Mapping[str, Mapping[date, Decimal]]
"""By instrument and day."""
MarketAverage = Callable[[str, datetime, datetime], Decimal | None]
"""The market's own VWAP of an instrument between two instants, if it is known."""


@dataclass(frozen=True, slots=True)
class Prices:
    """What executions are measured by. ``rates`` are base currency per unit of a currency.

    What the market traded is in the journal; ``average`` is a better word on it than that. A close
    of the venue counts where ``closes`` have none.
    """

    rates: Mapping[str, Decimal]
    closes: Closes = field(default_factory=dict)
    average: MarketAverage = lambda *_: None


BARS, STORED = "bars", "prices of the lake"


@dataclass(frozen=True, slots=True)
class _Average:
    """The market's VWAP and who told it, or why there is none."""

    price: Decimal | None = None
    teller: str = ""
    why_none: str = ""
    was_silent: bool = False


@dataclass(slots=True)
class _Told:
    """The journal, sorted out: plans, when orders were sent, the market then, and executions."""

    parents: dict[Line, Parent]
    sent: dict[str, tuple[Line, datetime]]
    middles: dict[str, Decimal]
    executions: dict[Line, list[Mapping[str, Any]]]
    market: MarketTold


class JournalOfTrading:
    """Read once; ``worked`` then measures any part of it."""

    def __init__(self, journal: Journal) -> None:
        self._told = _Told({}, {}, {}, defaultdict(list), market_told(journal))
        told = self._told
        for each in journal.since(0, stream=PARENTS):
            if each.position == 0:
                parent = Parent.from_dict(each.body["plan"])
                told.parents[parent.line] = parent
        for each in journal.since(0, stream=ORDERS):
            if each.position == 0:
                key = each.body["order"]["key"]
                line = (key["approval_id"], key["portfolio_id"], key["instrument_id"])
                told.sent[each.subject] = (line, datetime.fromisoformat(each.body["at"]))
        for each in journal.since(0, stream=DECISIONS):
            middle = each.body.get("middle")
            if middle is not None and each.body.get("asks") != ASKS:
                # The last one said of sending it is the one that the order went out by.
                told.middles[each.subject] = Decimal(repr(float(middle)))
        for each in journal.since(0, stream=EXECUTIONS):
            body = each.body
            line = (body["approval_id"], body["portfolio_id"], body["instrument_id"])
            told.executions[line].append(body)

    def instruments(self) -> tuple[str, ...]:
        """All that was decided on."""
        return tuple(dict.fromkeys(line[2] for line in self._told.parents))

    def worked(
        self,
        instruments: Mapping[str, Instrument],
        prices: Prices,
        *,
        since: date | None = None,
        until: date | None = None,
        portfolios: Collection[str] | None = None,
    ) -> tuple[list[Worked], list[Failure]]:
        """Decisions of some portfolios that were traded, or made, within some days (UTC)."""
        found, failures = [], []
        for line, parent in self._told.parents.items():
            if portfolios is not None and parent.portfolio_id not in portfolios:
                continue
            bodies = [body for body in self._told.executions.get(line, ())
                      if until is None or _at(body).date() <= until]  # fmt: skip
            if not _is_within(parent, bodies, since, until):
                continue
            told = self._one(parent, bodies, instruments, prices, until)
            if isinstance(told, Failure):
                failures.append(told)
            else:
                found.append(told)
        return found, failures

    def _one(
        self,
        parent: Parent,
        bodies: list[Mapping[str, Any]],
        instruments: Mapping[str, Instrument],
        prices: Prices,
        until: date | None,
    ) -> Worked | Failure:
        name, rates = parent.instrument_id, prices.rates
        currencies = {parent.currency, *(str(body["fee_currency"]) for body in bodies)}
        unknown = sorted(currencies - set(rates))
        if name not in instruments or unknown:
            what = f"no rate of {', '.join(unknown)}" if unknown else "no such instrument"
            message = f"{parent.name} is in no number: there is {what}."
            return Failure(FailureReason.MISSING_DATA, message, parent.name)
        executions = tuple(self._execution(body, parent, rates) for body in bodies)
        closes = self._closes(name, prices, until)
        first = self._first_sent(parent.line)
        average = self._average(parent.line, prices, first, executions)
        return Worked(
            approval_id=parent.approval_id,
            portfolio_id=parent.portfolio_id,
            instrument_id=name,
            side=parent.side,
            quantity=parent.quantity,
            decision_price=parent.reference_price,
            decided_at=parent.approved_at,
            executions=executions,
            currency=parent.currency,
            algorithm=parent.algorithm,
            money_per_unit=instruments[name].multiplier,
            rate=rates[parent.currency],
            arrival=None if first is None else self._told.middles.get(first[0]),
            vwap=average.price,
            closes={day: close for day, (close, _) in closes.items()},
            vwap_from=average.teller,
            no_vwap=average.why_none,
            was_silent=average.was_silent,
            closes_from={day: teller for day, (_, teller) in closes.items()},
        )

    def _average(
        self,
        line: Line,
        prices: Prices,
        first: tuple[str, datetime] | None,
        executions: tuple[Execution, ...],
    ) -> _Average:
        """By the bars that were given, else by what the venue told when it was traded."""
        if not executions:
            return _Average()
        last = max(each.at for each in executions)
        given = None if first is None else prices.average(line[2], first[1], last)
        if given is not None:
            return _Average(given, BARS)
        said = self._told.market.parents.get(line)
        if said is None:
            return _Average(why_none="the venue was not asked for the trades of its market")
        if said.end < last:
            return _Average(why_none=f"the venue was asked at {said.end:%H:%M:%S} UTC last")
        price = None if said.traded is None else said.traded.average
        was_silent = said.traded is not None and price is None
        teller = said.gateway if price is not None else ""
        return _Average(price, teller, said.why_none, was_silent)

    def _closes(
        self, name: str, prices: Prices, until: date | None
    ) -> dict[date, tuple[Decimal, str]]:
        """Of the days up to ``until``, with who told them."""
        stored = {day: (close, STORED) for day, close in prices.closes.get(name, {}).items()}
        found = self._told.market.closes.get(name, {}) | stored
        return {day: told for day, told in found.items() if until is None or day <= until}

    def _execution(
        self, body: Mapping[str, Any], parent: Parent, rates: Mapping[str, Decimal]
    ) -> Execution:
        fee, currency = Decimal(body["fee"]), str(body["fee_currency"])
        if currency != parent.currency:
            fee = fee * rates[currency] / rates[parent.currency]
        order = str(body["client_order_id"])
        return Execution(
            client_order_id=order,
            at=_at(body),
            quantity=Decimal(body["quantity"]),
            price=Decimal(body["price"]),
            fee=fee,
            middle=self._told.middles.get(order),
        )

    def _first_sent(self, line: Line) -> tuple[str, datetime] | None:
        """The first order of a parent, and when it was sent."""
        mine = [(name, at) for name, (of, at) in self._told.sent.items() if of == line]
        return min(mine, key=lambda each: each[1], default=None)


def _at(body: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(body["at"])


def _is_within(
    parent: Parent, bodies: list[Mapping[str, Any]], since: date | None, until: date | None
) -> bool:
    days = [parent.approved_at.date(), *(_at(body).date() for body in bodies)]
    begun = until is None or min(days) <= until
    return begun and (since is None or max(days) >= since)
