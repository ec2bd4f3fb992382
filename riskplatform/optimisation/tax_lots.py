"""What a sale realises: which lots it closes, in what order, and how much may be sold under a cap.

A lot is a quantity and what all of it cost, in one currency; of a short holding both are negative,
and what closes it is a purchase. Gains are positive, losses negative; nothing is said of tax rates.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal, localcontext
from typing import Any

import pandas as pd

from riskplatform.domain.codec import to_terms
from riskplatform.errors import UnknownNameError, UserInputError

_DIGITS = 60
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class TaxLot:
    """``cost`` is of the whole ``quantity``, fees included; both have the sign of the holding."""

    lot_id: str
    quantity: Decimal
    cost: Decimal

    def __post_init__(self) -> None:
        if not (self.quantity.is_finite() and self.cost.is_finite() and self.quantity):
            raise UserInputError(
                f"Lot {self.lot_id} has the quantity {self.quantity} and the cost {self.cost}.",
                hint="Give finite numbers, and a quantity that is not 0.",
            )

    @property
    def price(self) -> Decimal:
        """What a unit cost."""
        return self.cost / self.quantity


METHODS: dict[str, Callable[[TaxLot], Decimal] | None] = {
    "fifo": None,
    "lifo": None,
    "highest_cost": lambda lot: -lot.price,
    "lowest_cost": lambda lot: lot.price,
    "average": None,
}
"""The order in which lots are closed; lots are given in the order in which they were opened. The
highest cost first realises the least gain of a sale, the average knows one lot only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RealisedSale:
    """``closed`` are (lot, quantity of it, gain); ``left`` are the lots that stay open."""

    quantity: Decimal
    unit_value: Decimal
    method: str
    closed: tuple[tuple[str, Decimal, Decimal], ...]
    left: tuple[TaxLot, ...]

    @property
    def gain(self) -> Decimal:
        return sum((gain for _, _, gain in self.closed), _ZERO)

    def to_frame(self) -> pd.DataFrame:
        """One row per lot that is closed, in whole or in part."""
        rows = [(lot, float(quantity), float(gain)) for lot, quantity, gain in self.closed]
        return pd.DataFrame(rows, columns=["lot_id", "quantity", "gain"])

    def to_dict(self) -> dict[str, Any]:
        return {
            "quantity": to_terms(self.quantity),
            "unit_value": to_terms(self.unit_value),
            "method": self.method,
            "gain": to_terms(self.gain),
            "closed": [
                {"lot_id": lot, "quantity": to_terms(quantity), "gain": to_terms(gain)}
                for lot, quantity, gain in self.closed
            ],
            "left": to_terms(list(self.left)),
        }

    def _repr_html_(self) -> str:
        body = self.to_frame().to_html(index=False, float_format="{:,.2f}".format)
        return f"<p>Gain {self.gain:,.2f}, {self.method}</p>{body}"


def ordered_lots(lots: Sequence[TaxLot], method: str) -> tuple[TaxLot, ...]:
    """As the method closes them."""
    if method not in METHODS:
        raise UnknownNameError("lot method", method, METHODS)
    if len({lot.quantity > _ZERO for lot in lots}) > 1:
        raise UserInputError("Lots are long and short at once.", hint="Give the open lots alone.")
    if method == "average" and lots:
        quantity = sum((lot.quantity for lot in lots), _ZERO)
        return (TaxLot("average", quantity, sum((lot.cost for lot in lots), _ZERO)),)
    if method == "lifo":
        return tuple(reversed(lots))
    key = METHODS[method]
    if key is None:
        return tuple(lots)
    # Of a short holding the lowest price of sale is what gains least.
    is_short = bool(lots) and lots[0].quantity < _ZERO
    return tuple(sorted(lots, key=lambda lot: -key(lot) if is_short else key(lot)))


def realised_sale(
    lots: Sequence[TaxLot], quantity: Decimal, unit_value: Decimal, method: str = "fifo"
) -> RealisedSale:
    """What closing ``quantity`` (without sign) at this value of a unit realises."""
    with localcontext() as context:
        context.prec = _DIGITS
        held = sum((abs(lot.quantity) for lot in lots), _ZERO)
        if not _ZERO <= quantity <= held:
            raise UserInputError(
                f"{quantity} units are to be closed, and the lots hold {held}.",
                hint="Give a number without sign that is not above what is held.",
            )
        closed, left, rest = [], [], quantity
        for lot in ordered_lots(lots, method):
            part = min(rest, abs(lot.quantity)).copy_sign(lot.quantity)
            if not part:
                left.append(lot)
                continue
            share = lot.cost if part == lot.quantity else part * lot.cost / lot.quantity
            closed.append((lot.lot_id, part, part * unit_value - share))
            rest -= abs(part)
            if part != lot.quantity:
                left.append(TaxLot(lot.lot_id, lot.quantity - part, lot.cost - share))
        return RealisedSale(
            quantity=quantity, unit_value=unit_value, method=method, closed=tuple(closed),
            left=tuple(left),
        )  # fmt: skip


def most_within(
    lots: Sequence[TaxLot],
    unit_value: Decimal,
    most_gain: Decimal,
    method: str = "fifo",
    lot_size: Decimal = Decimal(1),
) -> Decimal:
    """The largest quantity in whole lots whose sale realises at most ``most_gain``; all that is
    held, odd lots and all, where that does. Losses on the way make room for gains."""
    with localcontext() as context:
        context.prec = _DIGITS
        total, gain, best = _ZERO, _ZERO, _ZERO
        for lot in ordered_lots(lots, method):
            size, more = abs(lot.quantity), lot.quantity * unit_value - lot.cost
            start, end = _between(size, more, most_gain - gain)
            steps = ((total + end) / lot_size).to_integral_value(ROUND_FLOOR)
            if start <= end and steps * lot_size >= total + start:
                best = max(best, steps * lot_size)
            total, gain = total + size, gain + more
        return total if gain <= most_gain else best


def _between(size: Decimal, more: Decimal, room: Decimal) -> tuple[Decimal, Decimal]:
    """From how much of a lot to how much its gain, ``more`` for all of it, is within the room."""
    if room >= _ZERO:
        return _ZERO, size if more <= room else size * room / more
    # Gains are above the cap already: only a loss can bring them back.
    return (size * room / more if more < _ZERO else size + 1), size


def gain_steps(
    lots: Sequence[TaxLot], unit_value: Decimal, capital: Decimal, method: str = "highest_cost"
) -> tuple[tuple[float, float], ...]:
    """For the constraint on realised gains: the weight of each lot in ``capital`` and its gain per
    unit of money sold, in the order in which lots are closed."""
    if not (unit_value > _ZERO and capital > _ZERO):
        raise UserInputError(
            f"A unit is worth {unit_value} and the capital {capital}.", hint="Give both above 0."
        )
    steps = []
    for lot in ordered_lots(lots, method):
        value = abs(lot.quantity) * unit_value
        gain = lot.quantity * unit_value - lot.cost
        steps.append((float(value / capital), float(gain / value)))
    return tuple(steps)
