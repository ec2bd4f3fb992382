"""A trade of a node, shared out over the portfolios below it in whole lots."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal


def shared_out(
    quantity: Decimal, lot: Decimal, held: Mapping[str, Decimal], home: str
) -> dict[str, Decimal]:
    """Parts by portfolio that sum to ``quantity`` exactly.

    What is bought goes to those that are long by what they hold, and where nobody is, to ``home``;
    what is sold comes from those that hold it. A trade that closes the line closes everybody's.
    """
    if not quantity:
        return {}
    total = sum(held.values(), Decimal(0))
    if quantity == -total:
        return {name: -amount for name, amount in held.items() if amount}
    is_long = quantity > 0 or total > 0
    sizes = {
        name: abs(amount) for name, amount in held.items() if amount and (amount > 0) is is_long
    }
    whole = sum(sizes.values(), Decimal(0))
    if not whole:
        return {home: quantity}
    return _by_size(quantity, lot, sizes, whole)


def _by_size(
    quantity: Decimal, lot: Decimal, sizes: Mapping[str, Decimal], whole: Decimal
) -> dict[str, Decimal]:
    """By the largest remainder, each part in lots as far as the quantity is."""
    sign = 1 if quantity > 0 else -1
    size = abs(quantity)
    parts = {
        name: (size * amount / whole / lot).to_integral_value(ROUND_FLOOR) * lot
        for name, amount in sizes.items()
    }
    left = size - sum(parts.values(), Decimal(0))
    rest = {name: size * amount / whole - parts[name] for name, amount in sizes.items()}
    for name in sorted(rest, key=lambda each: (-rest[each], each)):
        if left <= 0:
            break
        more = min(lot, left)
        parts[name] += more
        left -= more
    return {name: sign * part for name, part in parts.items() if part}
