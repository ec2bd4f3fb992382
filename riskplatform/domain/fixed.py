"""Exact decimals as two integers, units and billionths, so that sums need no rounding.

A ledger of millions of rows is folded with integer sums: they are exact, hence the same in any
order and any chunking, which float sums are not. Nine decimals hold a satoshi; 18 digits of units
hold any bond issue in any currency.
"""

from __future__ import annotations

from decimal import Context, Decimal

from riskplatform.errors import UserInputError

NANO = 1_000_000_000
# Wide enough that scaling never rounds: a longer number is refused below, not shortened here.
_EXACT = Context(prec=200)
_LIMIT = 9_000_000_000_000_000_000


def split(value: Decimal) -> tuple[int, int]:
    """``value`` as (units, nanos), both with its sign. More than nine decimals are refused."""
    if not value.is_finite():
        raise UserInputError(f"{value} is not a finite number.")
    scaled = value.scaleb(9, _EXACT)
    total = int(scaled)
    if total != scaled:
        raise UserInputError(
            f"{value} has more than nine decimals.", hint="Round it where it comes from."
        )
    sign = -1 if total < 0 else 1
    units, nanos = divmod(abs(total), NANO)
    if units > _LIMIT:
        raise UserInputError(f"{value} is too large to be recorded.")
    return sign * units, sign * nanos


def join(units: int, nanos: int) -> Decimal:
    """The exact decimal of (units, nanos); the two may carry different signs after summing."""
    whole, rest = divmod(int(units) * NANO + int(nanos), NANO)
    # Whole numbers stay plain: normalising would make 1E+1 of 10.
    return Decimal(whole * NANO + rest).scaleb(-9).normalize() if rest else Decimal(whole)
