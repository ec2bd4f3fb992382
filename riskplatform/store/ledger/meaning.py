"""What a transaction moves: quantities of instruments, money in cash, money held on a line.

Cash is an instrument, so an amount is a movement of ``CASH.<currency>``. Futures and perpetuals
are the exception: what was paid for them stays on the line as its balance until a settlement
moves it into cash, so that quantity × multiplier × mark + balance is what the line is worth.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple, TypeGuard

from riskplatform.domain.fixed import split
from riskplatform.domain.instruments import Instrument, Quote, cash_id
from riskplatform.domain.transactions import Transaction, TransactionKind, trade_amount


class Move(NamedTuple):
    """An exact quantity and balance added to one instrument of the transaction's portfolio."""

    instrument_id: str
    units: int
    nanos: int
    balance_units: int
    balance_nanos: int


HOLDING_KINDS = frozenset(
    {
        TransactionKind.OPENING,
        TransactionKind.TRADE,
        TransactionKind.TRANSFER,
        TransactionKind.MERGER,
        TransactionKind.SPIN_OFF,
        TransactionKind.REDEMPTION,
        TransactionKind.EXPIRY,
    }
)
"""Kinds that change what is held, and what was paid for it."""


def moves_of(transaction: Transaction, instrument: Instrument | None) -> list[Move]:
    """All that the transaction moves. A split moves nothing: it multiplies, when it is read."""
    moves = []
    amount = amount_of(transaction, instrument)
    held, cash = amount_on_line(transaction, instrument, amount), amount
    if held:
        cash = amount if transaction.kind is TransactionKind.SETTLEMENT else Decimal(0)
    if instrument is not None and (transaction.quantity or held):
        on_line = split(held) if held else (0, 0)
        moves.append(Move(instrument.instrument_id, *split(transaction.quantity), *on_line))
    if cash and transaction.currency is not None:
        moves.append(Move(cash_id(transaction.currency), *split(cash), 0, 0))
    return moves


def amount_of(transaction: Transaction, instrument: Instrument | None) -> Decimal:
    """The amount as given; a future taken over at a price has paid that price on its line."""
    taken_over = transaction.kind is TransactionKind.OPENING and not transaction.amount
    if taken_over and is_settled(instrument) and transaction.price is not None:
        return trade_amount(transaction.quantity, transaction.price, instrument.multiplier)
    return transaction.amount


def amount_on_line(
    transaction: Transaction, instrument: Instrument | None, amount: Decimal
) -> Decimal:
    """The part of ``amount`` that becomes balance of the line."""
    if not is_settled(instrument):
        return Decimal(0)
    if transaction.kind is TransactionKind.SETTLEMENT:
        return -amount
    return amount if transaction.kind in HOLDING_KINDS else Decimal(0)


def is_settled(instrument: Instrument | None) -> TypeGuard[Instrument]:
    """Whether gains of the instrument are paid day by day."""
    return instrument is not None and instrument.quote is Quote.SETTLED
