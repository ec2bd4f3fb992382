"""Numbers from text: exact, in stated conventions, refused when they fit none."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import UserInputError
from riskplatform.ingest.numbers import decimal_from, decimal_marks, decimal_of_float


@pytest.mark.parametrize(
    ("text", "mark", "expected"),
    [
        ("1234.56", ".", "1234.56"),
        ("1,234.56", ".", "1234.56"),
        ("1.234,56", ",", "1234.56"),
        ("1'234.56", ".", "1234.56"),
        ("1’234.56", ".", "1234.56"),
        ("1 234,56", ",", "1234.56"),
        ("12\u202f345,6", ",", "12345.6"),
        ("12,34,567.8", ".", "1234567.8"),
        ("(123)", ".", "-123"),
        ("($1,000.00)", ".", "-1000.00"),
        ("123-", ".", "-123"),
        ("-5", ".", "-5"),
        ("−5", ".", "-5"),
        ("+5", ".", "5"),
        ("$ 5.25", ".", "5.25"),
        ("-$5.25", ".", "-5.25"),
        ("7 €", ".", "7"),
        (".5", ".", "0.5"),
        ("1E+3", ".", "1000"),
        ("1e-05", ".", "0.00001"),
        ("0.1", ".", "0.1"),
    ],
)
def test_conventions(text: str, mark: str, expected: str) -> None:
    assert decimal_from(text, mark) == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("1,23.4", "."),
        ("1.234,56", "."),
        ("1,234.56", ","),
        ("12,3456", "."),
        ("0,125", "."),
        ("1-234.5", "."),
        ("1.2.3", "."),
        ("--5", "."),
        ("5-5", "."),
        ("abc", "."),
        ("=1+1", "."),
        ("1e400", "."),
        ("9" * 400, "."),
        ("1e999999999999", "."),
        ("Infinity", "."),
        ("sNaN", "."),
        ("0x10", "."),
        ("1_000", "."),
        ("١٢٣", "."),
        ("", "."),
        ("()", "."),
        ("$", "."),
    ],
)
def test_refused(text: str, mark: str) -> None:
    with pytest.raises(UserInputError):
        decimal_from(text, mark)


@given(st.decimals(min_value=-(10**15), max_value=10**15, places=6, allow_nan=False))
def test_each_notation_of_a_number_reads_as_the_number(number: Decimal) -> None:
    english = f"{number:,f}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert decimal_from(f"{number:f}") == number
    assert decimal_from(english) == number
    assert decimal_from(german, ",") == number
    assert decimal_from(f"({abs(number):,f})") == -abs(number)
    assert decimal_from(f"{abs(number):,f}-") == -abs(number)


def test_a_double_becomes_the_digits_it_was_written_with() -> None:
    assert decimal_of_float(0.1 + 0.2) == Decimal("0.3")
    assert decimal_of_float(101.125) == Decimal("101.125")
    assert decimal_of_float(float("nan")) is None


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["1,234.56"], (True, False, None)),
        (["1.234,56"], (False, True, None)),
        (["10,5"], (False, True, None)),
        (["10.50"], (True, False, None)),
        (["1,234"], (False, False, "1,234")),
        (["1.234"], (False, False, "1.234")),
        (["1.234.567"], (False, True, None)),
        (["0.125"], (True, False, None)),
        (["1234.567"], (True, False, None)),
        (["100", ""], (False, False, None)),
        (["0,125"], (False, True, None)),
        (["1,2,3.4", "Doe, John", "..."], (False, False, None)),
        (["10,5", "10.5"], (True, True, None)),
    ],
)
def test_what_a_column_proves(texts: list[str], expected: tuple[object, ...]) -> None:
    assert decimal_marks(texts) == expected
