"""The one rounding rule of splits."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.store.ledger.splits import Splits, exact_ratio, multiply, multiply_parts

BILLIONTHS = st.integers(-(10**18), 10**18)
RATIOS = st.builds(Fraction, st.integers(1, 1000), st.integers(1, 1000))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2", Fraction(2)),
        ("1.5", Fraction(3, 2)),
        ("0.333333333", Fraction(1, 3)),
        ("0.066666667", Fraction(1, 15)),
        ("1.142857143", Fraction(8, 7)),
        # Few decimals are meant as they stand.
        ("0.3333", Fraction(3333, 10_000)),
        # No simple fraction rounds to this one.
        ("0.123456789", Fraction(123_456_789, 10**9)),
        # Smaller than any simple fraction: still not zero.
        ("0.000000001", Fraction(1, 10**9)),
    ],
)
def test_a_long_ratio_is_read_as_the_fraction_it_rounds(written: str, meant: Fraction) -> None:
    assert exact_ratio(Decimal(written)) == meant


@given(ratio=st.builds(Fraction, st.integers(1, 50), st.integers(1, 50)))
def test_every_simple_ratio_survives_being_written_in_nine_decimals(ratio: Fraction) -> None:
    written = round(Decimal(ratio.numerator) / Decimal(ratio.denominator), 9)
    assert exact_ratio(written) == ratio


def test_halves_go_to_the_even_billionth() -> None:
    assert [multiply(nanos, Fraction(1, 2)) for nanos in (1, 3, 5, -1, -3)] == [0, 2, 2, 0, -2]


@given(parts=st.lists(BILLIONTHS, max_size=20), ratio=RATIOS)
def test_parts_sum_to_the_whole_multiplied(parts: list[int], ratio: Fraction) -> None:
    multiplied = multiply_parts(parts, ratio)
    assert sum(multiplied) == multiply(sum(parts), ratio)
    for part, result in zip(parts, multiplied, strict=True):
        assert abs(result - part * ratio) <= 1


def test_splits_are_kept_per_instrument_in_order() -> None:
    splits = Splits.of([(1, 10, Decimal(2)), (2, 15, Decimal(3)), (1, 20, Decimal("0.5"))])
    assert splits.by_instrument == {
        1: ((10, Fraction(2)), (20, Fraction(1, 2))),
        2: ((15, Fraction(3)),),
    }
