"""Implementation shortfall (Perold, 1988) of each execution and of what was not executed.

On paper all is traded at the price that was decided on, at once and for nothing. The shortfall is
what paper earns more than the trades did. For a side s (1 to buy), prices p of executions q:

    delay        s q (arrival - decision)     until the first order was sent
    timing       s q (middle - arrival)       how the market moved until this order was sent
    impact       s q (p - middle)             what this order paid beyond the market it met
    opportunity  s u (close - decision)       of the u that nobody traded
    fees

All are money, positive when they cost, and sum exactly to the shortfall: numbers are decimals and
nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from riskplatform.domain.orders import Side
from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.execution.tca.worked import ZERO, Execution, Worked

PARTS = ("delay", "timing", "impact", "opportunity", "fees")
_DIGITS = 80
"""More than any product here has, so that every one of them is exact."""


@dataclass(frozen=True, slots=True)
class Against:
    """An execution beside a benchmark: what it cost more, of how much."""

    cost: Decimal
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One execution, or what was left unfilled (without ``client_order_id``), in base currency.

    ``value`` is at the price decided on. ``shortfall`` is by its definition, not the sum of parts.
    """

    approval_id: str
    portfolio_id: str
    instrument_id: str
    algorithm: str
    side: Side
    client_order_id: str
    day: date
    quantity: Decimal
    unfilled: Decimal
    paid: Decimal
    value: Decimal
    delay: Decimal
    timing: Decimal
    impact: Decimal
    opportunity: Decimal
    fees: Decimal
    shortfall: Decimal
    arrival: Against | None
    vwap: Against | None
    close: Against | None

    @property
    def parent(self) -> str:
        return f"{self.approval_id} {self.portfolio_id} {self.instrument_id}"


def pieces_of(worked: Worked) -> tuple[tuple[Piece, ...], tuple[Failure, ...]]:
    """All of a decision, and what could not be told of it."""
    with localcontext() as context:
        context.prec = _DIGITS
        found = [_executed(worked, each) for each in worked.executions]
        if worked.unfilled and worked.last_close is not None:
            found.append(_unfilled(worked, *worked.last_close))
    return tuple(found), tuple(_unknown(worked))


def _executed(worked: Worked, done: Execution) -> Piece:
    money = worked.money_per_unit * worked.rate
    arrival, middle = _told_apart(worked, done)
    signed = worked.side.sign * done.quantity * money
    close = worked.closes.get(done.at.date())
    return Piece(
        approval_id=worked.approval_id,
        portfolio_id=worked.portfolio_id,
        instrument_id=worked.instrument_id,
        algorithm=worked.algorithm,
        side=worked.side,
        client_order_id=done.client_order_id,
        day=done.at.date(),
        quantity=done.quantity,
        unfilled=ZERO,
        paid=done.quantity * done.price * money,
        value=done.quantity * worked.decision_price * money,
        delay=signed * (arrival - worked.decision_price),
        timing=signed * (middle - arrival),
        impact=signed * (done.price - middle),
        opportunity=ZERO,
        fees=done.fee * worked.rate,
        shortfall=signed * (done.price - worked.decision_price) + done.fee * worked.rate,
        arrival=_against(worked, done, worked.arrival),
        vwap=_against(worked, done, worked.vwap),
        close=_against(worked, done, close),
    )


def _told_apart(worked: Worked, done: Execution) -> tuple[Decimal, Decimal]:
    """Arrival and the market that the order met. Without an arrival there is no delay to tell from
    the rest, and without a market at the order the average of the time stands in for it; what
    cannot be told apart is impact."""
    if worked.arrival is None:
        return worked.decision_price, worked.decision_price
    known = (done.middle, worked.vwap, worked.arrival)
    return worked.arrival, next(each for each in known if each is not None)


def _unfilled(worked: Worked, day: date, close: Decimal) -> Piece:
    money = worked.money_per_unit * worked.rate
    lost = worked.side.sign * worked.unfilled * money * (close - worked.decision_price)
    return Piece(
        approval_id=worked.approval_id,
        portfolio_id=worked.portfolio_id,
        instrument_id=worked.instrument_id,
        algorithm=worked.algorithm,
        side=worked.side,
        client_order_id="",
        day=day,
        quantity=ZERO,
        unfilled=worked.unfilled,
        paid=ZERO,
        value=worked.unfilled * worked.decision_price * money,
        delay=ZERO,
        timing=ZERO,
        impact=ZERO,
        opportunity=lost,
        fees=ZERO,
        shortfall=lost,
        arrival=None,
        vwap=None,
        close=None,
    )


def _against(worked: Worked, done: Execution, price: Decimal | None) -> Against | None:
    if price is None:
        return None
    money = done.quantity * worked.money_per_unit * worked.rate
    return Against(worked.side.sign * money * (done.price - price), money * price)


def _unknown(worked: Worked) -> Iterator[Failure]:
    if worked.executions and worked.arrival is None:
        message = f"{worked.name} has no price of arrival: delay and timing are in its impact."
        yield Failure(FailureReason.MISSING_DATA, message, worked.name)
    if worked.executions and worked.why_no_vwap and not worked.was_silent:
        message = f"{worked.name} has no VWAP to be measured by: {worked.why_no_vwap}."
        yield Failure(FailureReason.MISSING_DATA, message, worked.name)
    if worked.unfilled and worked.last_close is None:
        message = (
            f"{worked.name} has no close: what {worked.unfilled:f} units that were not filled "
            "cost is in no number."
        )
        yield Failure(FailureReason.MISSING_DATA, message, worked.name)
