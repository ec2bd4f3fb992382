"""Exact decimals as units and billionths."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.domain.fixed import NANO, join, split
from riskplatform.errors import UserInputError

EXACT = st.decimals(-(10**18), 10**18, places=9, allow_nan=False, allow_infinity=False)


@given(EXACT)
def test_splitting_and_joining_is_exact(value: Decimal) -> None:
    units, nanos = split(value)
    assert join(units, nanos) == value
    assert abs(nanos) < NANO
    assert units * nanos >= 0


@given(st.lists(EXACT, max_size=20))
def test_sums_of_parts_are_the_sum_in_any_order(values: list[Decimal]) -> None:
    parts = [split(value) for value in values]
    total = sum(units for units, _ in parts) * NANO + sum(nanos for _, nanos in parts)
    assert total == sum(int(value.scaleb(9)) for value in values)


def test_digits_beyond_any_float_are_neither_lost_nor_taken_for_exact() -> None:
    longest = Decimal("9000000000000000000.123456789")
    assert join(*split(longest)) == longest
    for value in ("1.0000000001", "1.0000000000000000000000000000000000001"):
        with pytest.raises(UserInputError, match="nine decimals"):
            split(Decimal(value))


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_refused(value: str) -> None:
    with pytest.raises(UserInputError, match="not a finite number"):
        split(Decimal(value))


def test_what_no_column_holds_is_refused() -> None:
    with pytest.raises(UserInputError, match="too large"):
        split(Decimal(10) ** 19)
