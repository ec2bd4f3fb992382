"""Transactions: what happened to the book, one exact row each.

A transaction moves ``quantity`` of an instrument and ``amount`` of a currency in one portfolio.
Signs are the portfolio's: a purchase has a positive quantity and a negative amount. A split moves
nothing by itself; it multiplies whatever is held of the instrument on its ex-date.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum

from riskplatform.domain.fixed import split as split_decimal
from riskplatform.domain.money import currency_code
from riskplatform.errors import UserInputError


class TransactionKind(StrEnum):
    """What happened. The order within one instant is the order of this list."""

    SPLIT = "split"
    MERGER = "merger"
    SPIN_OFF = "spin-off"
    OPENING = "opening"
    CASH = "cash"
    TRANSFER = "transfer"
    FX = "fx"
    TRADE = "trade"
    DIVIDEND = "dividend"
    COUPON = "coupon"
    REDEMPTION = "redemption"
    EXPIRY = "expiry"
    SETTLEMENT = "settlement"
    FEE = "fee"


# Kind: fields that must be given, and fields that must be absent (zero or None).
_NEEDED: dict[TransactionKind, frozenset[str]] = {
    TransactionKind.SPLIT: frozenset({"instrument_id", "ratio"}),
    TransactionKind.MERGER: frozenset({"portfolio_id", "instrument_id", "group_id"}),
    TransactionKind.SPIN_OFF: frozenset({"portfolio_id", "instrument_id", "group_id"}),
    TransactionKind.OPENING: frozenset({"portfolio_id", "instrument_id", "quantity"}),
    TransactionKind.CASH: frozenset({"portfolio_id", "currency", "amount"}),
    TransactionKind.TRANSFER: frozenset({"portfolio_id", "group_id"}),
    TransactionKind.FX: frozenset({"portfolio_id", "instrument_id", "quantity", "amount"}),
    TransactionKind.TRADE: frozenset({"portfolio_id", "instrument_id", "quantity", "price"}),
    TransactionKind.DIVIDEND: frozenset({"portfolio_id", "instrument_id", "currency", "amount"}),
    TransactionKind.COUPON: frozenset({"portfolio_id", "instrument_id", "currency", "amount"}),
    TransactionKind.REDEMPTION: frozenset({"portfolio_id", "instrument_id", "quantity"}),
    TransactionKind.EXPIRY: frozenset({"portfolio_id", "instrument_id", "quantity"}),
    TransactionKind.SETTLEMENT: frozenset({"portfolio_id", "instrument_id", "currency", "amount"}),
    TransactionKind.FEE: frozenset({"portfolio_id", "currency", "amount"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One row of history. ``transaction_id`` is the source's name for it, and makes it unique."""

    transaction_id: str
    kind: TransactionKind
    effective_at: datetime
    portfolio_id: str | None = None
    instrument_id: str | None = None
    quantity: Decimal = Decimal(0)
    price: Decimal | None = None
    currency: str | None = None
    amount: Decimal = Decimal(0)
    fees: Decimal = Decimal(0)
    accrued: Decimal = Decimal(0)
    settle_date: date | None = None
    ratio: Decimal | None = None
    group_id: str | None = None
    source: str = "manual"
    note: str = ""
    labels: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            raise UserInputError(f"{self.kind} {self.transaction_id!r}: {'; '.join(problems)}.")

    def _problems(self) -> Iterable[str]:
        if not self.transaction_id.strip():
            yield "it has no transaction_id"
        if self.effective_at.tzinfo is None:
            yield "effective_at has no time zone"
        missing = sorted(name for name in _NEEDED[self.kind] if self._lacks(name))
        if missing:
            yield f"it lacks {', '.join(missing)}"
        if self.amount and self.currency is None:
            yield "its amount has no currency"
        if self.currency is not None:
            currency_code(self.currency)
        if self.kind is TransactionKind.SPLIT and (self.quantity or self.amount):
            yield "a split moves no quantity and no money by itself"
        for name, number in (("price", self.price), ("ratio", self.ratio)):
            if number is not None and not number.is_finite():
                yield f"the {name} {number} is not a number"
            elif name == "ratio" and number is not None and number <= 0:
                yield f"the ratio {number} is not positive"
        for number in (self.quantity, self.amount, self.fees, self.accrued):
            split_decimal(number)

    def _lacks(self, name: str) -> bool:
        """A price may be zero (a swap at par); of everything else, zero is nothing."""
        value = getattr(self, name)
        return value is None if name == "price" else not value


def start_of(day: date) -> datetime:
    """The first instant of ``day``, at which its corporate actions are effective."""
    return datetime.combine(day, time.min, tzinfo=UTC)


def end_of(day: date) -> datetime:
    """The last instant of ``day``; "as of a date" means with all of it."""
    return datetime.combine(day, time.max, tzinfo=UTC)


def trade_amount(
    quantity: Decimal,
    price: Decimal,
    multiplier: Decimal,
    *,
    accrued: Decimal = Decimal(0),
    fees: Decimal = Decimal(0),
) -> Decimal:
    """Money that a trade moves: minus what is bought, its accrued interest and its fees."""
    exact = -(quantity * price * multiplier) - accrued - fees
    return exact.quantize(Decimal("0.000000001"))
