"""The actual P&L of a period line by line, as the ledger and the marks have it.

A line is a leaf and an instrument. Cash that a transaction moved counts as the instrument's, at
the exchange rate of its day; what came from outside (cash, openings, transfers) is no gain and is
taken at the values of its day, as in the history of a node, whose P&L is the sum of its lines.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd

from riskplatform.domain.fixed import join
from riskplatform.domain.instruments import Cash, Instrument, Quote, cash_id
from riskplatform.domain.transactions import Transaction, TransactionKind
from riskplatform.store.ledger.meaning import moves_of
from riskplatform.store.ledger.path import EXTERNAL
from riskplatform.store.ledger.splits import exact_ratio

Line = tuple[str, str]

NUMBERS = (
    "quantity_before", "balance_before", "quantity_after", "balance_after", "value_before",
    "value_after", "flows", "actual", "hypothetical", "trades", "corporate", "fees", "dividends",
    "coupons",
)  # fmt: skip
_TRADED = (TransactionKind.TRADE, TransactionKind.FX, TransactionKind.SETTLEMENT, *EXTERNAL)
_CORPORATE = (TransactionKind.MERGER, TransactionKind.SPIN_OFF)


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """Values of one unit in the base currency by day, and of money by day; not known is NaN.

    ``days`` begin with the last day before the period and end with its last.
    """

    days: tuple[date, ...]
    unit_values: pd.DataFrame
    money: pd.DataFrame

    def place(self, moment: datetime) -> int:
        """The day whose evening is the first after ``moment``."""
        return bisect_left(self.days, moment.astimezone(UTC).date())

    def unit(self, name: str, place: int) -> float:
        return self._of(self.unit_values, name, place)

    def rate(self, currency: str, place: int) -> float:
        return self._of(self.money, currency, place)

    def _of(self, table: pd.DataFrame, name: str, place: int) -> float:
        if name not in table.columns:
            return float("nan")
        return float(table[name].to_numpy()[place])


def line_actuals(
    before: pd.DataFrame,
    after: pd.DataFrame,
    transactions: Sequence[Transaction],
    instruments: Mapping[str, Instrument],
    marks: Marks,
) -> pd.DataFrame:
    """One row per line that was held or traded: portfolio_id, instrument_id and :data:`NUMBERS`.

    ``before`` and ``after`` are positions (portfolio_id, instrument_id, quantity, balance);
    ``transactions`` those of the period in order, splits included. A line that is held without a
    mark has ``is_marked`` false and counts as nothing on both days.
    """
    books = _Books(instruments, marks, transactions)
    for transaction in transactions:
        books.tell(transaction)
    held = [_by_line(table) for table in (before, after)]
    lines = held[0].keys() | held[1].keys() | books.numbers.keys()
    rows = [books.row(line, held[0].get(line, (0.0, 0.0)), held[1].get(line, (0.0, 0.0)))
            for line in sorted(lines)]  # fmt: skip
    return pd.DataFrame(rows, columns=["portfolio_id", "instrument_id", *NUMBERS, "is_marked"])


def split_ratios(transactions: Sequence[Transaction]) -> dict[str, float]:
    """New shares for one old over all splits of a period, by instrument."""
    found: dict[str, float] = {}
    for each in transactions:
        if each.kind is TransactionKind.SPLIT and each.instrument_id and each.ratio:
            ratio = float(exact_ratio(each.ratio))
            found[each.instrument_id] = found.get(each.instrument_id, 1.0) * ratio
    return found


def _by_line(table: pd.DataFrame) -> dict[Line, tuple[float, float]]:
    columns = (table[name].tolist() for name in table.columns[:4])
    return {(leaf, name): (quantity, balance)
            for leaf, name, quantity, balance in zip(*columns, strict=True)}  # fmt: skip


class _Books:
    """Sums by line while the transactions are told."""

    def __init__(
        self,
        instruments: Mapping[str, Instrument],
        marks: Marks,
        transactions: Sequence[Transaction],
    ) -> None:
        self.instruments, self.marks = instruments, marks
        self.last = len(marks.days) - 1
        self.numbers: dict[Line, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        self.still_to_come = split_ratios(transactions)

    def tell(self, told: Transaction) -> None:
        if told.kind is TransactionKind.SPLIT:
            self._split(told)
            return
        place = self.marks.place(told.effective_at)
        own = self.instruments.get(told.instrument_id) if told.instrument_id else None
        home = (str(told.portfolio_id), told.instrument_id or cash_id(str(told.currency)))
        for move in moves_of(told, own):
            line = (home[0], move.instrument_id)
            quantity = float(join(move.units, move.nanos))
            balance = float(join(move.balance_units, move.balance_nanos))
            self._moved(told, place, home, line, quantity, balance)
        self._earned(told, place, home)

    def _split(self, told: Transaction) -> None:
        if told.instrument_id and told.ratio:
            self.still_to_come[told.instrument_id] /= float(exact_ratio(told.ratio))

    def _moved(
        self,
        told: Transaction,
        place: int,
        home: Line,
        line: Line,
        quantity: float,
        balance: float,
    ) -> None:
        """One movement: outside money is a flow, money paid for something is that thing's."""
        is_money = isinstance(self.instruments[line[1]], Cash)
        now, later = self._worth(told, line[1], place, quantity, balance)
        book = self.numbers[line]
        if told.kind in EXTERNAL:
            book["flows"] += now
            book["trades"] += later - now
        elif is_money and line != home:
            # Money of something else: it leaves this line at the day's rate.
            book["paid_out"] += now
            book["trades"] += later - now
            self.numbers[home]["paid_in"] += now
            if told.kind in (*_TRADED, *_CORPORATE):
                self.numbers[home]["corporate" if told.kind in _CORPORATE else "trades"] += now
        elif told.kind in _TRADED:
            book["trades"] += later
        elif told.kind in _CORPORATE:
            book["corporate"] += later
        elif is_money:
            book["trades"] += later - now

    def _worth(
        self, told: Transaction, name: str, place: int, quantity: float, balance: float
    ) -> tuple[float, float]:
        """What was moved, on its day and at the end of the period."""
        instrument = self.instruments[name]
        rates = [self.marks.rate(instrument.currency, at) for at in (place, self.last)]
        owed = [balance * rate if balance else 0.0 for rate in rates]
        if not quantity:
            return owed[0], owed[1]
        if isinstance(instrument, Cash):
            return quantity * rates[0], quantity * rates[1]
        ratio = self.still_to_come.get(name, 1.0)
        later = ratio * self._later(told, name, rates[1])
        return quantity * self.marks.unit(name, place) + owed[0], quantity * later + owed[1]

    def _later(self, told: Transaction, name: str, rate: float) -> float:
        """A unit at the end of the period; of what has ended by then, what was paid for it."""
        value = self.marks.unit(name, self.last)
        if np.isfinite(value):
            return value
        return float(told.price or 0) * float(self.instruments[name].multiplier) * rate

    def _earned(self, told: Transaction, place: int, home: Line) -> None:
        """Fees, dividends and coupons; amounts are net of fees, and are shown before them."""
        book = self.numbers[home]
        rate = self.marks.rate(told.currency, place) if told.currency else 0.0
        fees, amount = float(told.fees) * rate, float(told.amount) * rate
        if told.kind is TransactionKind.FEE:
            book["fees"] += amount
            return
        book["fees"] -= fees
        if told.kind in _TRADED:
            book["trades"] += fees
        elif told.kind is TransactionKind.DIVIDEND:
            book["dividends"] += amount + fees
        elif told.kind is TransactionKind.COUPON:
            book["coupons"] += amount + fees

    def row(
        self, line: Line, before: tuple[float, float], after: tuple[float, float]
    ) -> tuple[object, ...]:
        name = line[1]
        instrument = self.instruments[name]
        values, marked = [], True
        for place, (quantity, balance) in ((0, before), (self.last, after)):
            value = self.marks.unit(name, place)
            owed = 0.0
            if instrument.quote is Quote.SETTLED:
                owed = balance * self.marks.rate(instrument.currency, place) if balance else 0.0
            if quantity and not np.isfinite(value):
                marked, value = False, 0.0
            values.append((quantity * value if quantity else 0.0) + owed)
        if not marked:
            values = [0.0, 0.0]
        book = self.numbers[line]
        flows = book["flows"]
        actual = values[1] - values[0] - flows + book["paid_in"] - book["paid_out"]
        trades, corporate, fees = book["trades"], book["corporate"], book["fees"]
        was_held = before != (0.0, 0.0) or isinstance(instrument, Cash)
        if not was_held and not corporate:
            # What was bought in the period is new, with all that it has brought since.
            trades = actual - fees - book["dividends"]
        hypothetical = actual - trades - corporate - fees
        numbers = (*before, *after, *values, flows, actual, hypothetical, trades, corporate, fees,
                   book["dividends"], book["coupons"])  # fmt: skip
        return (*line, *numbers, marked)
