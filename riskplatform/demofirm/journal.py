"""The journal: what each strategy did, as transactions, and the cash that it moved."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import numpy as np

from riskplatform.demofirm.bond_marks import fixing
from riskplatform.demofirm.marks import MarkBook
from riskplatform.demofirm.stage import Stage
from riskplatform.domain.instruments import Bond, Instrument, Quote
from riskplatform.domain.money import minor_unit
from riskplatform.domain.transactions import Transaction, TransactionKind, trade_amount
from riskplatform.pricing.accrued import accrued_path
from riskplatform.pricing.formulas.arrays import FloatArray

SOURCE = "demo"
# When on its day each kind happens: what the exchange does before it opens, then trades.
_CLOCK = {
    TransactionKind.SPLIT: time(0, 0), TransactionKind.DIVIDEND: time(0, 10),
    TransactionKind.COUPON: time(0, 20), TransactionKind.REDEMPTION: time(0, 30),
    TransactionKind.OPENING: time(0, 40), TransactionKind.CASH: time(7, 0),
    TransactionKind.TRANSFER: time(8, 0), TransactionKind.FX: time(9, 0),
    TransactionKind.TRADE: time(15, 30), TransactionKind.EXPIRY: time(20, 30),
    TransactionKind.SETTLEMENT: time(21, 0), TransactionKind.FEE: time(21, 30),
    TransactionKind.SPIN_OFF: time(0, 5), TransactionKind.MERGER: time(23, 0),
}  # fmt: skip


class Journal:
    """Collects transactions in order of writing; each leaf numbers its own."""

    def __init__(self, stage: Stage, marks: MarkBook) -> None:
        self.stage = stage
        self.marks = marks
        self.transactions: list[Transaction] = []
        self.cash: dict[str, list[tuple[int, str, Decimal]]] = defaultdict(list)
        self._numbers: Counter[str] = Counter()
        self._accrued: dict[str, tuple[int, FloatArray]] = {}

    def write(
        self, kind: TransactionKind, leaf: str | None, day: date, **fields: Any
    ) -> Transaction:
        """One transaction; ``leaf`` is None for what concerns every holder."""
        who = leaf or "ALL"
        self._numbers[who] += 1
        transaction = Transaction(
            transaction_id=f"{who}-{self._numbers[who]:05d}",
            kind=kind,
            effective_at=datetime.combine(day, _CLOCK[kind], tzinfo=UTC),
            portfolio_id=leaf,
            source=SOURCE,
            **fields,
        )
        self.transactions.append(transaction)
        return transaction

    def trade(
        self,
        leaf: str,
        row: int,
        instrument: Instrument,
        quantity: Decimal,
        *,
        price: Decimal | None = None,
        fee_bp: Decimal = Decimal(0),
        note: str = "",
    ) -> Decimal:
        """Buy or sell at the day's mark (or ``price``); the money that it moved."""
        price = self.marks.price(instrument.instrument_id, row) if price is None else price
        gross = abs(quantity * price * instrument.multiplier)
        fees = rounded(gross * fee_bp / 10_000, instrument.currency)
        accrued = self.accrued(instrument, row, quantity)
        exact = trade_amount(quantity, price, instrument.multiplier, accrued=accrued, fees=fees)
        settled = instrument.quote is Quote.SETTLED
        amount = exact if settled else rounded(exact, instrument.currency)
        self.write(
            TransactionKind.TRADE,
            leaf,
            self.stage.day(row),
            instrument_id=instrument.instrument_id,
            quantity=quantity,
            price=price,
            currency=instrument.currency,
            amount=amount,
            fees=fees,
            accrued=accrued,
            settle_date=self._settles(row, instrument),
            note=note,
        )
        if not settled:
            self.cash[leaf].append((row, instrument.currency, amount))
        return amount

    def receive(
        self,
        kind: TransactionKind,
        leaf: str,
        day: date,
        instrument: Instrument,
        amount: float | Decimal,
        *,
        quantity: Decimal = Decimal(0),
        price: Decimal | None = None,
        note: str = "",
    ) -> Decimal:
        """Cash from an instrument: a dividend, coupon, redemption, expiry or settlement."""
        # Variation margin is paid to the tick, so that nothing is left on a closed line.
        settles = kind is TransactionKind.SETTLEMENT
        paid = Decimal(amount) if settles else rounded(amount, instrument.currency)
        if not paid and not quantity:
            return paid
        self.write(
            kind,
            leaf,
            day,
            instrument_id=instrument.instrument_id,
            quantity=quantity,
            price=price,
            currency=instrument.currency,
            amount=paid,
            note=note,
        )
        self.cash[leaf].append(
            (min(self.stage.row(day), self.stage.end), instrument.currency, paid)
        )
        return paid

    def accrued(self, instrument: Instrument, row: int, quantity: Decimal) -> Decimal:
        """Accrued interest that changes hands with ``quantity`` of a bond."""
        if not isinstance(instrument, Bond):
            return Decimal(0)
        name = instrument.instrument_id
        if name not in self._accrued:
            days = self.stage.history.dates[self.stage.opening :]
            path = accrued_path(instrument, days, self._fixing)
            self._accrued[name] = (self.stage.opening, path)
        first, path = self._accrued[name]
        per_hundred = Decimal(repr(float(np.round(path[row - first], 8))))
        return rounded(quantity * per_hundred / 100, instrument.currency)

    @property
    def _fixing(self) -> Callable[[str, date], float]:
        return lambda index_id, day: fixing(self.stage, index_id, day)

    def _settles(self, row: int, instrument: Instrument) -> date:
        after = self.stage.day(row)
        settles = np.busday_offset(np.datetime64(after), instrument.settlement_days)
        return date.fromisoformat(str(settles))


def rounded(amount: float | Decimal, currency: str) -> Decimal:
    """To the minor unit of ``currency``."""
    exact = amount if isinstance(amount, Decimal) else Decimal(repr(float(amount)))
    return exact.quantize(minor_unit(currency), ROUND_HALF_EVEN)
