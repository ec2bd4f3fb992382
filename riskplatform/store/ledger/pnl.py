"""Profit and loss per line and currency: realised, unrealised, income and fees, each apart. Pure.

Their sum is the change in what the line is worth plus the cash that it paid out. Amounts are in
the currency named on the line; nothing is converted. Exchange gains on cash are not counted here,
because they exist only in another currency than the cash's own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from riskplatform.domain.fixed import join
from riskplatform.domain.instruments import Instrument
from riskplatform.domain.outcome import Coverage, Failure, FailureReason
from riskplatform.store.ledger.book import Book, Gains
from riskplatform.store.ledger.keys import Keys

Marks = Mapping[str, Decimal | float]
"""Instrument id to the mark of one unit; with accrued interest where it should count."""

_COLUMNS = (
    "portfolio_id",
    "instrument_id",
    "currency",
    "quantity",
    "cost",
    "realised",
    "unrealised",
    "income",
    "fees",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PnlLine:
    """What one line earned in one currency since it began. ``unrealised`` is None unmarked."""

    portfolio_id: str
    instrument_id: str
    currency: str
    quantity: Decimal
    cost: Decimal
    realised: Decimal
    unrealised: Decimal | None
    income: Decimal
    fees: Decimal

    @property
    def unit_cost(self) -> Decimal | None:
        """Average cost of one unit held."""
        return self.cost / self.quantity if self.quantity else None

    @property
    def total(self) -> Decimal | None:
        """All of it, or None when the holding is not marked."""
        if self.unrealised is None:
            return None
        return self.realised + self.unrealised + self.income - self.fees


@dataclass(frozen=True)
class PnlReport:
    """Lines in order of names, and which held instruments lacked a mark."""

    effective_at: datetime
    recorded_at: datetime | None
    method: str
    lines: tuple[PnlLine, ...]
    coverage: Coverage

    def to_frame(self) -> pd.DataFrame:
        """One row per line; exact decimals, None where unmarked."""
        rows = [[getattr(line, name) for name in _COLUMNS] for line in self.lines]
        return pd.DataFrame(rows, columns=list(_COLUMNS), dtype=object)

    def to_dict(self) -> dict[str, Any]:
        return {
            "effective_at": self.effective_at.isoformat(),
            "recorded_at": self.recorded_at.isoformat() if self.recorded_at else None,
            "method": self.method,
            "lines": [
                {name: _plain(getattr(line, name)) for name in _COLUMNS} for line in self.lines
            ],
            "coverage": self.coverage.to_dict(),
        }


def _plain(value: Any) -> Any:
    return format(value, "f") if isinstance(value, Decimal) else value


def lines_of(
    book: Book,
    keys: Keys,
    instruments: Mapping[str, Instrument],
    marks: Marks | None,
    portfolio_ids: Collection[str] | None = None,
) -> tuple[tuple[PnlLine, ...], Coverage]:
    """The lines of a book that has run. Without ``marks`` nothing is valued, and none is missed."""
    found: list[PnlLine] = []
    failures: list[Failure] = []
    for portfolio, instrument, currency in sorted(_currencies(book, keys, instruments)):
        if portfolio_ids is not None and portfolio not in portfolio_ids:
            continue
        key = keys.portfolios[portfolio], keys.instruments[instrument]
        terms = instruments[instrument]
        line = book.lines.get(key) if currency == terms.currency else None
        quantity, cost = (line.quantity, line.cost) if line is not None else (0, 0)
        unrealised: Decimal | None = -_decimal(cost)
        if quantity and marks is not None and instrument not in marks:
            text = f"no mark for {instrument}, of which {portfolio} holds {_decimal(quantity)}"
            failures.append(Failure(FailureReason.MISSING_DATA, text, instrument))
        if quantity:
            unrealised = _unrealised(_decimal(quantity), _decimal(cost), terms, marks)
        gains = book.gains.get((*key, currency), Gains())
        found.append(
            PnlLine(
                portfolio_id=portfolio,
                instrument_id=instrument,
                currency=currency,
                quantity=_decimal(quantity),
                cost=_decimal(cost),
                realised=_decimal(gains.realised),
                unrealised=unrealised,
                income=_decimal(gains.income),
                fees=_decimal(gains.fees),
            )
        )
    return tuple(found), Coverage(len(found) - len(failures), tuple(failures))


def _currencies(
    book: Book, keys: Keys, instruments: Mapping[str, Instrument]
) -> set[tuple[str, str, str]]:
    """(portfolio, instrument, currency) of everything that is held or was earned."""
    names = keys.instrument_names
    earned = {(keys.portfolio_names[p], names[i], currency) for p, i, currency in book.gains}
    held = {
        (keys.portfolio_names[p], names[i], instruments[names[i]].currency)
        for (p, i), line in book.lines.items()
        if line.lots
    }
    return earned | held


def _unrealised(
    quantity: Decimal, cost: Decimal, terms: Instrument, marks: Marks | None
) -> Decimal | None:
    mark = (marks or {}).get(terms.instrument_id)
    if mark is None:
        return None
    # A float goes through its shortest text, so that 0.1 stays 0.1.
    return quantity * terms.multiplier * Decimal(str(mark)) - cost


def _decimal(nanos: int) -> Decimal:
    return join(0, nanos)
