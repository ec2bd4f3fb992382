"""How numbers look."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.reporting import numbers


@pytest.mark.parametrize(
    ("number", "figure", "unit"),
    [
        (0.0, "0", ""),
        (999.4, "999", ""),
        (1_000.0, "1.00", "k"),
        (-1_234_567.0, "−1.23", "m"),
        (123_456_789.0, "123.5", "m"),
        (4_812_345_678.0, "4.81", "bn"),
        (2.5e12, "2.50", "tn"),
        (math.nan, "–", ""),
        (None, "–", ""),
    ],
)
def test_compact_keeps_the_digits_that_matter(number: float | None, figure: str, unit: str) -> None:
    assert numbers.compact(number) == (figure, unit)


def test_signs_are_true_signs() -> None:
    assert numbers.signed(-1234.5) == "−1,234"
    assert numbers.signed(1234.6) == "+1,235"
    assert numbers.signed_percent(-0.0123) == "−1.23%"
    assert numbers.percent(0.5) == "50.0%"
    assert numbers.multiple(1.2345) == "1.23×"


@pytest.mark.parametrize(
    ("number", "text"),
    [(146.596186, "146.596"), (0.006821234, "0.00682123"), (1.0, "1.00000"), (0.0, "0.00000")],
)
def test_significant_digits(number: float, text: str) -> None:
    assert numbers.significant(number) == text


def test_days_and_moments() -> None:
    assert numbers.day(date(2026, 3, 2)) == "2 Mar 2026"
    assert numbers.day(None) == "–"
    assert numbers.moment(datetime(2026, 3, 2, 7, 5, 1, tzinfo=UTC)) == "2 Mar 2026 07:05:01 UTC"


@given(st.floats())
def test_no_number_is_ever_shown_as_nan(number: float) -> None:
    shown = [
        numbers.amount(number), numbers.signed(number), numbers.percent(number),
        numbers.compact(number)[0], numbers.multiple(number), numbers.significant(number),
    ]  # fmt: skip
    assert not any("nan" in text or "inf" in text for text in shown)


@given(st.floats(min_value=-1e15, max_value=1e15))
def test_amount_reads_back(number: float) -> None:
    text = numbers.amount(number, 2).replace(",", "").replace(numbers.MINUS, "-")
    assert float(text) == pytest.approx(number, abs=0.006, rel=1e-12)
