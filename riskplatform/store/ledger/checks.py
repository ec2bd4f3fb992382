"""What a transaction may not say about the instrument that it names. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from riskplatform.domain.instruments import Cash, EquityIndex, FxSpot, Instrument, cash_id
from riskplatform.domain.transactions import Transaction, TransactionKind, trade_amount
from riskplatform.store.ledger.meaning import HOLDING_KINDS, is_settled

_NO_QUANTITY = frozenset(
    {
        TransactionKind.CASH,
        TransactionKind.DIVIDEND,
        TransactionKind.COUPON,
        TransactionKind.SETTLEMENT,
        TransactionKind.FEE,
    }
)


def problems_of(transaction: Transaction, instrument: Instrument | None) -> list[str]:
    """What contradicts the instrument, in words; empty when nothing does."""
    found = list(_general(transaction, instrument))
    if instrument is not None:
        found += _holding(transaction, instrument)
        found += _of_kind(transaction, instrument)
    return found


def _general(transaction: Transaction, instrument: Instrument | None) -> Iterator[str]:
    if transaction.quantity and instrument is None:
        yield "it moves a quantity of no instrument"
    if transaction.quantity and transaction.kind in _NO_QUANTITY:
        yield f"a {transaction.kind} moves money, not a quantity"
    if transaction.kind is TransactionKind.TRANSFER and not (
        transaction.quantity or transaction.amount
    ):
        yield "it transfers nothing"
    if transaction.kind is TransactionKind.SPLIT and transaction.portfolio_id is not None:
        yield "a split concerns every holder; leave portfolio_id out"


def _holding(transaction: Transaction, instrument: Instrument) -> Iterator[str]:
    if transaction.kind not in HOLDING_KINDS:
        return
    if isinstance(instrument, EquityIndex | FxSpot) and transaction.quantity:
        yield f"an instrument of kind {instrument.kind} cannot be held"
    if transaction.amount and transaction.currency != instrument.currency:
        yield (
            f"its amount is in {transaction.currency} and {instrument.instrument_id} is in "
            f"{instrument.currency}; record the exchange as an fx transaction of its own"
        )
    if (
        transaction.kind is TransactionKind.OPENING
        and is_settled(instrument)
        and transaction.price is None
        and not transaction.amount
    ):
        yield "it opens a contract without a price; give the price at which it was settled"
    if isinstance(instrument, Cash) and transaction.amount:
        yield "cash is its quantity; leave the amount out"


def _of_kind(transaction: Transaction, instrument: Instrument) -> Iterator[str]:
    is_cash = isinstance(instrument, Cash)
    match transaction.kind:
        case TransactionKind.FX:
            if not is_cash or instrument.instrument_id == cash_id(transaction.currency or ""):
                yield (
                    "an fx transaction buys one cash instrument and pays in another currency; "
                    f"it buys {instrument.instrument_id} for {transaction.currency}"
                )
        case TransactionKind.TRADE:
            if is_cash:
                yield "currencies are exchanged by an fx transaction"
            elif not transaction.amount and _worth(transaction, instrument):
                yield "it has a price but moves no money; give the amount"
        case TransactionKind.SETTLEMENT:
            if not is_settled(instrument):
                yield f"{instrument.instrument_id} is not settled day by day"
            elif transaction.currency != instrument.currency:
                yield f"{instrument.instrument_id} is settled in {instrument.currency}"
        case TransactionKind.SPLIT:
            if is_cash:
                yield "cash is never split"


def _worth(transaction: Transaction, instrument: Instrument) -> Decimal:
    """The money that a trade at its price should move."""
    return trade_amount(
        transaction.quantity,
        transaction.price or Decimal(0),
        instrument.multiplier,
        accrued=transaction.accrued,
        fees=transaction.fees,
    )
