"""The table of last prices."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from riskplatform.errors import DataError
from riskplatform.market.prices import PriceQuote, PriceTable

DAY, LATER = date(2024, 6, 3), date(2024, 6, 4)
TABLE = PriceTable(("A", "B"), np.array([1.0, -37.63]), np.array([DAY, DAY]), {"A": "spike"})


def test_a_quote_knows_its_day_and_repair() -> None:
    assert TABLE.quote("A") == PriceQuote("A", 1.0, DAY, "spike")
    assert TABLE.quote("B") == PriceQuote("B", -37.63, DAY, None)
    with pytest.raises(KeyError):
        TABLE.quote("C")


def test_taking_many_says_which_are_known() -> None:
    values, known = TABLE.take(["B", "C", "A"])
    assert values.tolist() == [-37.63, 0.0, 1.0]
    assert known.tolist() == [True, False, True]


def test_updating_replaces_value_day_and_repair() -> None:
    newer = TABLE.updated({"C": 3.0, "A": 2.0}, LATER)
    assert newer.instrument_ids == ("A", "B", "C")
    assert newer.quote("A") == PriceQuote("A", 2.0, LATER)
    assert newer.quote("B") == TABLE.quote("B")
    assert TABLE.quote("A").value == 1.0


def test_content_and_not_history_decides_equality() -> None:
    assert PriceTable.of({"B": 2.0, "A": 1.0}, DAY) == PriceTable.of({"A": 1.0}, DAY).updated(
        {"B": 2.0}, DAY
    )


@pytest.mark.parametrize(
    ("names", "values", "days"),
    [(("A", "A"), [1.0, 2.0], [DAY, DAY]), (("A",), [1.0], []), (("A",), [np.nan], [DAY])],
)
def test_broken_columns_are_refused(
    names: tuple[str, ...], values: list[float], days: list[date]
) -> None:
    with pytest.raises(DataError):
        PriceTable(names, np.array(values), np.array(days, dtype="datetime64[D]"), {})
