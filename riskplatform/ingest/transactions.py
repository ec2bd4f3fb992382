"""Rows of a blotter or account statement into transactions, with signs and money checked."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from riskplatform.domain.instruments import Cash, Instrument, cash_id
from riskplatform.domain.transactions import Transaction, TransactionKind, end_of, start_of
from riskplatform.errors import UserInputError
from riskplatform.ingest.activity import SIDES, Activity, activity_named
from riskplatform.ingest.columns import normalised
from riskplatform.ingest.context import ImportContext
from riskplatform.ingest.identify import Identification, portfolio_of
from riskplatform.ingest.parse import Parsed, Reader, Repeats, Row, content_hash, good_rows
from riskplatform.ingest.positions import unit_price
from riskplatform.ingest.table import Table
from riskplatform.ingest.trade_money import LARGEST, trade_money

_K = TransactionKind
_NO_QUANTITY = frozenset({_K.CASH, _K.DIVIDEND, _K.COUPON, _K.SETTLEMENT, _K.FEE})
_OPTIONAL_INSTRUMENT = frozenset({_K.CASH, _K.FEE, _K.TRANSFER})
_IDENTIFIERS = ("figi", "isin", "cusip", "sedol", "symbol", "instrument_id")
_PAIR = re.compile(r"(?:CASH\.)?([A-Z]{3})(?:[./]?([A-Z]{3}))?")
_UNNAMED = "-"


def read_transactions(table: Table, reader: Reader, context: ImportContext) -> Parsed:
    """One transaction per good line."""
    parsed = Parsed(table.file)
    identification = Identification(context.instruments)
    repeats = Repeats(parsed, reader.column_map.true_duplicates)
    named: dict[str, tuple[int, Transaction]] = {}
    alike: Counter[Transaction] = Counter()
    for row, transaction in good_rows(
        table, reader, parsed, lambda row: _transaction(row, context, identification)
    ):
        if transaction.kind is _K.SPLIT:
            # Each account's statement reports the same split; it must multiply once.
            _take_named(row, _named_split(transaction), named, parsed)
        elif transaction.transaction_id != _UNNAMED:
            _take_named(row, transaction, named, parsed)
        elif not repeats.is_left_out(row):
            parsed.items.append(_named_by_content(transaction, alike[transaction]))
            parsed.rows_taken += 1
            alike[transaction] += 1
    return parsed


def _take_named(
    row: Row, transaction: Transaction, named: dict[str, tuple[int, Transaction]], parsed: Parsed
) -> None:
    """A line with its own id: repeated it is a duplicate, contradicted it is refused."""
    name = transaction.transaction_id
    if name not in named:
        named[name] = (row.line, transaction)
        parsed.items.append(transaction)
        parsed.rows_taken += 1
    elif named[name][1] == transaction:
        parsed.duplicate(row.line, named[name][0], f"It repeats transaction {name}.")
    else:
        parsed.refuse(
            row.line,
            row.bad(
                "transaction_id",
                f"Line {named[name][0]} has the same id and says something else.",
                "Each transaction needs an id of its own.",
            ),
        )


def _named_split(split: Transaction) -> Transaction:
    """A split is named by what it is, whoever reports it."""
    at = start_of(split.effective_at.date())
    name = content_hash("split", split.instrument_id, at, split.ratio)
    return replace(split, transaction_id=name, effective_at=at, note="")


def _named_by_content(transaction: Transaction, ordinal: int) -> Transaction:
    """An id from what the row says, and its number among rows that say the same."""
    t = transaction
    name = content_hash(
        str(t.kind).replace(" ", "-"),
        t.source,
        t.effective_at,
        t.portfolio_id,
        t.instrument_id,
        t.quantity,
        t.price,
        t.currency,
        t.amount,
        t.fees,
        t.accrued,
        t.settle_date,
        t.ratio,
        t.group_id,
        t.note,
        ordinal,
    )
    # A transfer or exchange of securities that names no group is a group of its own.
    group = name if t.group_id == _UNNAMED else t.group_id
    return replace(t, transaction_id=name, group_id=group)


def _transaction(row: Row, context: ImportContext, identification: Identification) -> Transaction:
    activity, is_side_said = _activity(row)
    kind = activity.kind
    terms: dict[str, Any] = {}
    if kind is _K.FX:
        terms |= _exchange_of_currencies(row)
    else:
        instrument = _instrument(row, kind, identification)
        terms |= _movement(row, activity, instrument, is_side_said)
    if kind is not _K.SPLIT:
        terms["portfolio_id"] = portfolio_of(
            row, context.default_portfolio, context.portfolios.require_leaf
        )
    own_id = row.text("transaction_id")
    group_id = row.text("group_id")
    if group_id is None and kind in (_K.TRANSFER, _K.MERGER, _K.SPIN_OFF):
        group_id = own_id or _UNNAMED
    return Transaction(
        transaction_id=own_id or _UNNAMED,
        kind=kind,
        effective_at=_effective_at(row),
        settle_date=row.day("settle_date"),
        group_id=group_id,
        source=context.source,
        note=row.text("note") or "",
        **terms,
    )


def _activity(row: Row) -> tuple[Activity, bool]:
    """What happened, and whether a word said on which side."""
    side_word = row.text("side")
    side = 0
    if side_word is not None:
        found = SIDES.get(normalised(side_word))
        if found is None:
            raise row.bad("side", f"{side_word!r} is neither a purchase nor a sale.", "Say BUY.")
        side = found
    kind_word = row.text("kind")
    if kind_word is None:
        if side == 0 and row.cell("price") is None:
            raise row.bad("kind", "The row says neither a kind nor a side nor a price.")
        return Activity(_K.TRADE, side), side != 0
    try:
        activity = activity_named(kind_word)
    except UserInputError as error:
        raise row.bad("kind", error.message, error.hint) from None
    if activity.kind is not _K.TRADE or not side:
        return activity, activity.sign != 0
    if activity.sign and activity.sign != side:
        raise row.bad("side", f"The side is {side_word!r}, but the kind is {kind_word!r}.")
    return Activity(_K.TRADE, side), True


def _instrument(
    row: Row, kind: TransactionKind, identification: Identification
) -> Instrument | None:
    if kind in _OPTIONAL_INSTRUMENT and all(row.cell(name) is None for name in _IDENTIFIERS):
        return None
    if kind in (_K.CASH, _K.FEE):
        return None  # a fee may mention a security; the money moves all the same
    instrument = identification.resolve(row, any_currency=kind in _NO_QUANTITY)
    if kind is _K.TRADE and isinstance(instrument, Cash):
        raise row.bad("kind", "Currencies are not traded but exchanged.", "Call it fx.")
    return instrument


def _movement(
    row: Row, activity: Activity, instrument: Instrument | None, is_side_said: bool
) -> dict[str, Any]:
    """The fields that say what moves, by kind."""
    kind = activity.kind
    terms: dict[str, Any] = {}
    if instrument is not None:
        terms["instrument_id"] = instrument.instrument_id
    if kind is _K.SPLIT:
        return terms | {"ratio": _ratio(row)}
    if kind is _K.TRADE and instrument is not None:
        return terms | _trade(row, activity, instrument, is_side_said)
    if kind not in _NO_QUANTITY:
        terms["quantity"] = _quantity(row, activity)
        if instrument is not None:
            terms["price"] = unit_price(row, instrument)
    return terms | _money(row, activity, instrument)


def _trade(
    row: Row, activity: Activity, instrument: Instrument, is_side_said: bool
) -> dict[str, Any]:
    quantity = _quantity(row, activity)
    price = unit_price(row, instrument)
    if not quantity:
        raise row.bad("quantity", "A trade needs a quantity.")
    if not price:
        raise row.bad("price", "A trade needs a price.")
    money = trade_money(row, instrument, quantity, price, is_side_said=is_side_said)
    return {
        "quantity": quantity,
        "price": price,
        "currency": instrument.currency,
        "amount": money.amount,
        "fees": money.fees,
        "accrued": money.accrued,
    }


def _quantity(row: Row, activity: Activity) -> Decimal:
    """With the sign of the side where a word said it, else as written."""
    quantity = row.decimal("quantity") or Decimal(0)
    return abs(quantity) * activity.sign if activity.sign else quantity


def _money(row: Row, activity: Activity, instrument: Instrument | None) -> dict[str, Any]:
    """Amount and currency of what is not a trade."""
    amount = row.decimal("amount")
    if amount is None:
        amount = row.decimal("gross_amount") or Decimal(0)
    currency, scale = row.currency()
    if currency is None and instrument is not None:
        currency = instrument.currency
    if amount and currency is None:
        raise row.bad("currency", "The amount has no currency.", "Map a column to currency.")
    sign = activity.sign if activity.kind is not _K.TRANSFER else 0
    if sign and row.reader.column_map.amount_sign == "unsigned":
        amount = abs(amount) * sign
    elif sign * amount < 0:
        raise row.bad(
            "amount",
            f"{row.text('kind')} moves money the other way than {amount}.",
            "Say amount_sign: unsigned in the column map if amounts carry no sign.",
        )
    return {"amount": amount * scale, "currency": currency}


def _exchange_of_currencies(row: Row) -> dict[str, Any]:
    """``quantity`` of the bought currency for ``amount`` of the other one."""
    name = row.text("instrument_id") or row.text("symbol") or ""
    match = _PAIR.fullmatch(name.upper())
    if match is None:
        raise row.bad("symbol", f"{name!r} names no currency.", "Write CASH.EUR or EUR.USD.")
    other, _ = row.currency()
    other = other or match[2]
    quantity, amount, price = row.decimal("quantity"), row.decimal("amount"), row.price("price")[0]
    if not quantity or other is None or other == match[1]:
        raise row.bad("quantity", "An exchange needs a quantity and two currencies.")
    if not amount and price:
        if abs(quantity * price) >= LARGEST:
            raise row.bad("quantity", f"{quantity} × {price} is too large to be meant.")
        amount = (-quantity * price).quantize(Decimal("0.000000001"))
    if not amount or (amount > 0) == (quantity > 0):
        raise row.bad("amount", "One currency must come in and the other go out.", "Check signs.")
    return {
        "instrument_id": cash_id(match[1]),
        "quantity": quantity,
        "amount": amount,
        "currency": other,
        "price": price,
    }


def _ratio(row: Row) -> Decimal:
    ratio = row.decimal("ratio")
    if ratio is None or ratio <= 0:
        raise row.bad("ratio", "A split needs a positive ratio: new shares for one old.")
    return ratio


def _effective_at(row: Row) -> datetime:
    """The moment, kept within its trade date where one is given: books are kept by trade date."""
    found = row.moment("date")
    if found is None:
        raise row.bad("date", "The cell is empty and is needed.")
    moment, _ = found
    trade_date = row.day("trade_date")
    if trade_date is None:
        return moment
    return min(max(moment, start_of(trade_date)), end_of(trade_date))
