"""The money of a trade: computed from price and quantity, and held against what the file states."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from riskplatform.domain.instruments import Instrument, Quote
from riskplatform.domain.money import minor_unit
from riskplatform.domain.transactions import trade_amount
from riskplatform.ingest.parse import Row

LARGEST = Decimal(10) ** 18
_LARGEST_ROUNDING = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class TradeMoney:
    """What a trade moves besides its quantity."""

    amount: Decimal
    fees: Decimal
    accrued: Decimal


def trade_money(
    row: Row, instrument: Instrument, quantity: Decimal, price: Decimal, *, is_side_said: bool
) -> TradeMoney:
    """Amount, fees and accrued interest; a stated amount that does not fit is refused.

    Files write costs with either sign: they are costs, unless the stated net amount proves that
    they were paid out. Accrued interest follows the side: the buyer pays it.
    """
    side = 1 if quantity > 0 else -1
    accrued = abs(row.decimal("accrued") or Decimal(0)) * side
    cost = abs(row.decimal("fees") or Decimal(0)) + abs(row.decimal("taxes") or Decimal(0))
    _, scale = row.currency()
    if abs(quantity * price * instrument.multiplier) >= LARGEST:
        raise row.bad("quantity", f"{quantity} × {price} is too large to be meant.")
    gross = trade_amount(quantity, price, instrument.multiplier)
    net = gross - accrued - cost
    stated, stated_gross = row.decimal("amount"), row.decimal("gross_amount")
    if stated is None and stated_gross is None:
        return TradeMoney(net, cost, accrued)
    slack = _slack(instrument, quantity, price)
    if stated_gross is not None:
        _check_gross(row, stated_gross * scale, gross, slack)
    if stated is None:
        return TradeMoney(net, cost, accrued)
    stated *= scale
    for fees in (cost, -cost):
        fitting = gross - accrued - fees
        if abs(abs(stated) - abs(fitting)) <= slack:
            _check_sign(row, stated, fitting, is_side_said)
            exact = abs(stated) if fitting > 0 else -abs(stated)
            return TradeMoney(exact, fees, accrued)
    if instrument.quote is Quote.SETTLED and abs(abs(stated) - cost) <= slack:
        # Brokers show only the costs of a future as cash; the ledger keeps the price on the line.
        return TradeMoney(net, cost, accrued)
    raise row.bad(
        "amount",
        f"The amount is {stated}, but quantity × price"
        f"{' and costs' if cost or accrued else ''} come to {net.normalize():f}.",
        "Map the column to gross_amount if it is before costs; else check price and multiplier.",
    )


def _slack(instrument: Instrument, quantity: Decimal, price: Decimal) -> Decimal:
    """What rounding may explain: a cent, and half the last digit of the price on the quantity."""
    exponent = price.as_tuple().exponent
    last_digit = Decimal(1).scaleb(min(int(exponent), 0))
    units = abs(quantity) * instrument.multiplier
    from_price = min(units * last_digit / 2, units * abs(price) * _LARGEST_ROUNDING)
    return minor_unit(instrument.currency) + from_price


def _check_gross(row: Row, stated: Decimal, gross: Decimal, slack: Decimal) -> None:
    if abs(abs(stated) - abs(gross)) > slack:
        raise row.bad(
            "gross_amount",
            f"The gross amount is {stated}, but quantity × price come to "
            f"{abs(gross).normalize():f}.",
            "Check price, quantity and the multiplier of the instrument.",
        )


def _check_sign(row: Row, stated: Decimal, computed: Decimal, is_side_said: bool) -> None:
    """Without a word for the side, quantity and money must agree on it."""
    if not is_side_said and stated * computed < 0 and row.reader.column_map.amount_sign == "signed":
        raise row.bad(
            "amount",
            "The quantity and the amount disagree on whether this is a purchase or a sale.",
            "Map a buy/sell column to side, or say amount_sign: unsigned in the column map.",
        )
