"""A statement of holdings becomes the opening transactions that bring the book to what it states.

What is moved is stated minus held, so a statement read twice moves nothing the second time. Lots
of one instrument stay separate, each with its own cost. Lines that are held but not stated are
warned about and never sold: a custodian's file may cover only part of the book.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from riskplatform.domain.instruments import Cash, EquityIndex, FxSpot, Instrument, Quote
from riskplatform.domain.transactions import Transaction, TransactionKind, end_of
from riskplatform.errors import UserInputError
from riskplatform.ingest.context import ImportContext
from riskplatform.ingest.identify import Identification, portfolio_of
from riskplatform.ingest.parse import (
    Parsed,
    Reader,
    Repeats,
    Row,
    content_hash,
    good_rows,
)
from riskplatform.ingest.table import Table

_LISTED = 10


@dataclass(frozen=True, slots=True)
class Line:
    """One stated lot."""

    line: int
    portfolio_id: str
    instrument: Instrument
    quantity: Decimal
    price: Decimal | None
    lot_id: str | None
    acquired_on: date | None
    note: str

    @property
    def key(self) -> tuple[str, str]:
        return self.portfolio_id, self.instrument.instrument_id


def read_positions(table: Table, reader: Reader, context: ImportContext) -> Parsed:
    """Opening transactions for what the statement has beyond what is held."""
    parsed = Parsed(table.file)
    identification = Identification(context.instruments)
    repeats = Repeats(parsed, reader.column_map.true_duplicates)
    groups: dict[tuple[str, str], list[Line]] = {}
    for row, line in good_rows(
        table, reader, parsed, lambda row: _line(row, context, identification)
    ):
        if not repeats.is_left_out(row):
            groups.setdefault(line.key, []).append(line)
    for lines in groups.values():
        _open_group(lines, context, parsed)
    _warn_absent(groups.keys(), context, parsed)
    return parsed


def _line(row: Row, context: ImportContext, identification: Identification) -> Line:
    stated = row.day("as_of")
    if stated is not None and stated != context.as_of:
        raise row.bad(
            "as_of",
            f"The line states holdings as of {stated}, but {context.as_of} is being imported.",
            f"Import it as of {stated}, or split the file by date.",
        )
    instrument = identification.resolve(row)
    if isinstance(instrument, EquityIndex | FxSpot):
        kind = instrument.kind
        raise row.bad("symbol", f"{instrument.instrument_id} ({kind}) cannot itself be held.")
    quantity = row.decimal("quantity")
    if quantity is None:
        raise row.bad("quantity", "The cell is empty and is needed.")
    price = None if isinstance(instrument, Cash) else unit_price(row, instrument)
    if price is None and instrument.quote is Quote.SETTLED:
        raise row.bad(
            "price",
            f"{instrument.instrument_id} is settled day by day and has no price here.",
            "Give the price at which it was last settled.",
        )
    return Line(
        row.line,
        portfolio_of(row, context.default_portfolio, context.portfolios.require_leaf),
        instrument,
        quantity,
        price,
        row.text("lot_id"),
        row.day("acquired_on"),
        row.text("note") or "",
    )


def unit_price(row: Row, instrument: Instrument, name: str = "price") -> Decimal | None:
    """The price in the convention of the instrument: per cent only where it is quoted so."""
    price, percent = row.price(name)
    if price is None:
        return None
    if percent and instrument.quote is not Quote.CLEAN:
        raise row.bad(name, f"{instrument.kind} {instrument.instrument_id} has no price in %.")
    _, scale = row.currency()
    return price * scale


def _open_group(lines: list[Line], context: ImportContext, parsed: Parsed) -> None:
    """Use up what is held line by line; open the rest of each line at its own cost."""
    left = context.held.get(lines[0].key, Decimal(0))
    if left == sum(line.quantity for line in lines):
        parsed.rows_unchanged += len(lines)
        return
    moves: list[tuple[Line, Decimal]] = []
    for line in lines:
        same_side = (line.quantity > 0) == (left > 0)
        used = Decimal(0)
        if left and same_side:
            used = min(abs(line.quantity), abs(left)) * (1 if left > 0 else -1)
        left -= used
        if line.quantity != used:
            moves.append((line, line.quantity - used))
    if left and parsed.refusals:
        reason = "More is held than is stated, and a refused line may be the rest of it."
        _refuse_group(lines, lines[0], UserInputError(reason), parsed)
        return
    if left:
        # More is held than is stated: the last line carries the reduction.
        moves.append((lines[-1], -left))
    openings = []
    for ordinal, (line, quantity) in enumerate(moves):
        try:
            openings.append(_opening(line, quantity, ordinal, context))
        except UserInputError as error:
            _refuse_group(lines, line, error, parsed)
            return
    parsed.items += openings
    moved = len({line.line for line, _ in moves})
    parsed.rows_taken += moved
    parsed.rows_unchanged += len(lines) - moved


def _refuse_group(lines: list[Line], bad: Line, error: UserInputError, parsed: Parsed) -> None:
    """One lot that cannot be taken refuses its whole group: half a holding would be wrong."""
    parsed.refuse(bad.line, error)
    name = bad.instrument.instrument_id
    for line in lines:
        if line is not bad:
            reason = f"Another lot of {name} (line {bad.line}) is refused."
            parsed.refuse(line.line, UserInputError(reason))


def _opening(line: Line, quantity: Decimal, ordinal: int, context: ImportContext) -> Transaction:
    portfolio_id, instrument_id = line.key
    transaction_id = _free_id(line, quantity, ordinal, context)
    return Transaction(
        transaction_id=transaction_id,
        kind=TransactionKind.OPENING,
        effective_at=end_of(context.as_of),
        portfolio_id=portfolio_id,
        instrument_id=instrument_id,
        quantity=quantity,
        price=line.price,
        currency=line.instrument.currency,
        source=context.source,
        note=_note(line),
    )


def _note(line: Line) -> str:
    parts = [line.note] if line.note else []
    if line.lot_id:
        parts.append(f"lot {line.lot_id}")
    if line.acquired_on:
        parts.append(f"acquired {line.acquired_on}")
    return "; ".join(parts)


def _free_id(line: Line, quantity: Decimal, ordinal: int, context: ImportContext) -> str:
    """The same for the same move; another one when the ledger has had exactly this move before."""
    base = (
        context.source,
        *line.key,
        context.as_of,
        ordinal,
        line.quantity,
        line.price,
        line.lot_id,
        quantity,
    )
    again = 0
    while (candidate := content_hash("opening", *base, again)) in context.recorded_ids:
        again += 1
    return candidate


def _warn_absent(keys: Collection[tuple[str, str]], context: ImportContext, parsed: Parsed) -> None:
    """Name what is held in the statement's portfolios and is not stated."""
    portfolios = {portfolio_id for portfolio_id, _ in keys}
    absent = sorted(
        f"{instrument_id} in {portfolio_id}"
        for (portfolio_id, instrument_id), quantity in context.held.items()
        if quantity and portfolio_id in portfolios and (portfolio_id, instrument_id) not in keys
    )
    if absent:
        more = f" and {len(absent) - _LISTED} more" if len(absent) > _LISTED else ""
        parsed.warnings.append(
            f"Held but not in the file, and left as they are: {', '.join(absent[:_LISTED])}{more}."
        )
