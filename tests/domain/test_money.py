"""Money is exact, and currencies never mix."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.domain.money import Money, currency_code, minor_unit
from riskplatform.errors import UserInputError

AMOUNTS = st.decimals(-(10**12), 10**12, places=9, allow_nan=False, allow_infinity=False)


@given(AMOUNTS, AMOUNTS)
def test_sums_and_differences_are_exact(a: Decimal, b: Decimal) -> None:
    one, other = Money(a, "USD"), Money(b, "USD")
    assert (one + other - other) == one
    assert one + -one == Money.zero("USD")
    assert (one < other) == (a < b)
    assert one * 3 == 3 * one == one + one + one


@pytest.mark.parametrize("operation", ["__add__", "__sub__", "__lt__", "__ge__"])
def test_currencies_never_mix(operation: str) -> None:
    with pytest.raises(UserInputError, match=r"different currencies.*naming the rate"):
        getattr(Money.of(1, "USD"), operation)(Money.of(1, "EUR"))
    assert Money.of(1, "USD") != Money.of(1, "EUR")


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("1.005", "USD", "1.00"),  # half to even
        ("1.015", "USD", "1.02"),
        ("2.5", "JPY", "2"),
        ("1.2345", "KWD", "1.234"),
        ("-0.005", "EUR", "0.00"),
    ],
)
def test_rounding_is_to_the_minor_unit_half_to_even(
    amount: str, currency: str, rounded: str
) -> None:
    assert Money.of(amount, currency).rounded() == Money.of(rounded, currency)


def test_conversion_names_its_rate() -> None:
    assert Money.of("10", "EUR").converted(Decimal("1.0825"), "USD") == Money.of("10.825", "USD")


def test_it_reads_as_people_write_it() -> None:
    assert str(Money.of("1234567.5", "USD")) == "1,234,567.5 USD"
    assert not Money.zero("USD")
    assert Money.of("0.01", "USD")


@pytest.mark.parametrize("amount", [1.5, 1, Decimal("NaN"), Decimal("Infinity"), "1"])
def test_only_finite_decimals_are_amounts(amount: object) -> None:
    with pytest.raises(UserInputError, match="not an exact amount"):
        Money(amount, "USD")  # type: ignore[arg-type]  # the point of the test


@pytest.mark.parametrize("text", ["usd", "US", "USDT", "", "U$D", "ÄÖÜ"])
def test_what_is_no_currency_is_refused(text: str) -> None:
    with pytest.raises(UserInputError, match="three capital letters"):
        currency_code(text)


def test_minor_units_are_those_of_iso_4217() -> None:
    found = [minor_unit(code) for code in ("USD", "JPY", "KWD", "KRW")]
    assert found == [Decimal("0.01"), Decimal(1), Decimal("0.001"), Decimal(1)]
