"""Short ways to say what tests of the ledger say all the time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from riskplatform.domain.instruments import Cash, Equity, Future, FutureFamily, Instrument
from riskplatform.domain.portfolio import PortfolioNode
from riskplatform.domain.transactions import Transaction, TransactionKind, trade_amount
from riskplatform.store.ledger import AppendReport, Ledger

FIRST_DAY = datetime(2025, 1, 1, tzinfo=UTC)
FIRST_RECORDED = datetime(2026, 1, 1, tzinfo=UTC)
FAR = date(2030, 1, 1)
D = Decimal


def ticking(start: datetime = FIRST_RECORDED) -> Callable[[], datetime]:
    """A clock that shows one second more each time it is read."""
    seconds = count()
    return lambda: start + timedelta(seconds=next(seconds))


def day(number: int, hour: int = 12) -> datetime:
    """The ``number``-th day of the tests' calendar, at noon unless said otherwise."""
    return FIRST_DAY + timedelta(days=number, hours=hour)


def equity(instrument_id: str = "ACME", currency: str = "USD", **terms: Any) -> Equity:
    return Equity(instrument_id=instrument_id, name=instrument_id, currency=currency, **terms)


def future(instrument_id: str = "ESZ5", multiplier: int = 50) -> Future:
    return Future(
        instrument_id=instrument_id,
        name=instrument_id,
        currency="USD",
        multiplier=D(multiplier),
        family=FutureFamily.EQUITY_INDEX,
        underlying_id="SPX",
        root="ES",
        expiry=date(2025, 12, 19),
    )


def said(kind: str, transaction_id: str, at: datetime, **terms: Any) -> Transaction:
    """A transaction whose numbers may be written as text."""
    for name in ("quantity", "price", "amount", "fees", "accrued", "ratio"):
        if name in terms and terms[name] is not None:
            terms[name] = D(terms[name])
    return Transaction(
        transaction_id=transaction_id, kind=TransactionKind(kind), effective_at=at, **terms
    )


def trade(
    transaction_id: str,
    at: datetime,
    quantity: str | int | Decimal,
    price: str | int | Decimal,
    *,
    portfolio_id: str = "LONG",
    instrument: Instrument | None = None,
    fees: str | int | Decimal = 0,
    accrued: str | int | Decimal = 0,
    **terms: Any,
) -> Transaction:
    """A purchase or sale whose amount follows from quantity, price and costs."""
    bought = instrument or equity()
    costs = {"fees": D(fees), "accrued": D(accrued)}
    return Transaction(
        transaction_id=transaction_id,
        kind=TransactionKind.TRADE,
        effective_at=at,
        portfolio_id=portfolio_id,
        instrument_id=bought.instrument_id,
        quantity=D(quantity),
        price=D(price),
        currency=bought.currency,
        amount=trade_amount(D(quantity), D(price), bought.multiplier, **costs),
        **costs,
        **terms,
    )


def split_of(
    transaction_id: str, at: datetime, ratio: str, instrument: str = "ACME"
) -> Transaction:
    return said("split", transaction_id, at, instrument_id=instrument, ratio=ratio)


class Book:
    """A ledger with a firm of two leaves (LONG, OTHER), two shares and a future."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        ledger.put_portfolios(
            [
                PortfolioNode(portfolio_id="FIRM", name="Firm", level="firm"),
                PortfolioNode(portfolio_id="LONG", name="Long", parent_id="FIRM"),
                PortfolioNode(portfolio_id="OTHER", name="Other", parent_id="FIRM"),
            ],
            actor="setup",
        )
        ledger.put_instruments(
            [equity(), equity("BETA"), equity("GAMMA"), future(), Cash.of("USD")], actor="setup"
        )

    def add(self, *transactions: Transaction) -> AppendReport:
        return self.ledger.append(transactions, actor="ann")

    def held(
        self,
        effective: date | datetime = FAR,
        *,
        recorded: datetime | None = None,
        portfolio_id: str | None = "LONG",
    ) -> dict[str, Decimal]:
        """Exact quantities by instrument in one portfolio, or by both names in all."""
        table = self.ledger.positions(effective, recorded=recorded)
        return {
            (instrument if portfolio_id else f"{portfolio}/{instrument}"): quantity
            for portfolio, instrument, quantity, _ in table
            if portfolio_id in (None, portfolio) and quantity
        }

    def balances(self, effective: date | datetime = FAR) -> dict[str, Decimal]:
        """Exact unsettled balances by instrument in LONG."""
        table = self.ledger.positions(effective)
        return {i: balance for p, i, _, balance in table if p == "LONG" and balance}
