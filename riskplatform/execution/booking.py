"""A fill becomes transactions. Their ids are functions of the execution's, so twice is once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from riskplatform.domain.instruments import FxSpot, Instrument, Quote, cash_id
from riskplatform.domain.orders import Order
from riskplatform.domain.transactions import Transaction, TransactionKind, trade_amount
from riskplatform.errors import MissingDataError
from riskplatform.execution.gateways.gateway import Filled

SOURCE = "execution"
_NANO = Decimal("0.000000001")

AccruedPerUnit = Callable[[Instrument, date], Decimal]
"""Interest accrued per unit of an instrument that is quoted clean, on a settlement date."""


def transaction_id_of(gateway: str, execution_id: str) -> str:
    return f"exec/{gateway}/{execution_id}"


def transactions_of(
    order: Order,
    fill: Filled,
    instrument: Instrument,
    gateway: str,
    accrued_per_unit: AccruedPerUnit | None = None,
) -> list[Transaction]:
    """The trade with its fee and its money; a fee in another currency is a row of its own."""
    quantity = order.side.sign * fill.quantity
    name = transaction_id_of(gateway, fill.execution_id)
    is_fx = isinstance(instrument, FxSpot)
    is_own_fee = is_fx or fill.fee_currency != instrument.currency
    fees = Decimal(0) if is_own_fee else fill.fee
    settles = settle_date(instrument, fill.at.date())
    accrued = Decimal(0)
    if instrument.quote is Quote.CLEAN and accrued_per_unit is not None:
        per_unit = accrued_per_unit(instrument, settles or fill.at.date())
        accrued = (per_unit * quantity).quantize(_NANO)
    trade = Transaction(
        transaction_id=name,
        kind=TransactionKind.FX if is_fx else TransactionKind.TRADE,
        effective_at=fill.at,
        portfolio_id=order.key.portfolio_id,
        instrument_id=(
            cash_id(instrument.bought_currency)
            if isinstance(instrument, FxSpot)
            else instrument.instrument_id
        ),
        quantity=quantity,
        price=fill.price,
        currency=instrument.currency,
        amount=trade_amount(
            quantity, fill.price, instrument.multiplier, accrued=accrued, fees=fees
        ),
        fees=fees,
        accrued=accrued,
        settle_date=settles,
        source=SOURCE,
        note=f"order {order.client_order_id}",
    )
    if not is_own_fee or not fill.fee:
        return [trade]
    return [trade, _fee(name, order, fill)]


def _fee(name: str, order: Order, fill: Filled) -> Transaction:
    return Transaction(
        transaction_id=f"{name}/fee",
        kind=TransactionKind.FEE,
        effective_at=fill.at,
        portfolio_id=order.key.portfolio_id,
        currency=fill.fee_currency,
        amount=-fill.fee,
        source=SOURCE,
        note=f"order {order.client_order_id}",
    )


def settle_date(instrument: Instrument, traded_on: date) -> date | None:
    """The business day on which the trade settles; None beyond what its calendar knows."""
    from riskplatform.market.calendars import business_calendar

    try:
        calendar = business_calendar(instrument.calendar)
        return calendar.add_business_days(traded_on, instrument.settlement_days)
    except MissingDataError:
        # A trade is booked whatever a calendar knows; the date can be corrected later.
        return None
