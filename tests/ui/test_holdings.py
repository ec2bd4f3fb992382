"""Largest holdings: nothing is lost in the grouping, and what is searched for is found."""

from __future__ import annotations

import pandas as pd
import pytest

from riskplatform.desk import Desk
from riskplatform.ui.holdings import largest, search
from tests.ui.small_desk import AS_OF, WITHOUT_PRICE


@pytest.mark.parametrize("is_by_line", [True, False])
def test_the_rows_sum_to_the_total(small_desk: Desk, is_by_line: bool) -> None:
    valuation = small_desk.value(AS_OF)
    rows = largest(valuation.lines, valuation.total, is_by_line=is_by_line)
    assert rows["value"].sum() == pytest.approx(valuation.total)
    assert rows["share"].sum() == pytest.approx(1.0)
    assert rows["instrument_id"].iloc[-1] == WITHOUT_PRICE
    assert rows["value"].iloc[-1] != rows["value"].iloc[-1]
    sizes = rows[["value", "notional"]].abs().max(axis=1).dropna()
    assert sizes.is_monotonic_decreasing


def test_an_instrument_in_two_books_is_one_row(small_desk: Desk) -> None:
    valuation = small_desk.value(AS_OF)
    rows = largest(valuation.lines, valuation.total, is_by_line=False).set_index("instrument_id")
    assert rows.index.is_unique
    assert rows.loc["ALPHA.US", "quantity"] == 21_000 + 12_000
    assert rows.loc["ALPHA.US", "portfolio"] == "2 portfolios"
    assert rows.loc["KAPPA.JP", "portfolio"] == "EQ.INT"


def test_a_sum_with_an_unknown_part_is_unknown(small_desk: Desk) -> None:
    lines = small_desk.value(AS_OF).lines.copy()
    first = lines.index[lines["instrument_id"] == "ALPHA.US"][0]
    lines.loc[first, "value"] = float("nan")
    rows = largest(lines, 1.0, is_by_line=False).set_index("instrument_id")
    assert pd.isna(rows.loc["ALPHA.US", "value"])
    assert rows.loc["ALPHA.US", "notional"] > 0


@pytest.mark.parametrize("is_by_line", [True, False])
def test_nothing_found_is_an_empty_table(small_desk: Desk, is_by_line: bool) -> None:
    lines = search(small_desk.value(AS_OF).lines, "no such thing")
    assert largest(lines, 1.0, is_by_line=is_by_line).empty


def test_search_wants_every_word_somewhere() -> None:
    lines = pd.DataFrame(
        {
            "instrument_id": ["A.US", "B.US", "C.[x"],
            "name": ["Alpha Inc", "Beta Inc", "Odd (name"],
            "portfolio_id": ["EQ", "EQ", "LS"],
        }
    )
    assert list(search(lines, "inc eq")["instrument_id"]) == ["A.US", "B.US"]
    assert list(search(lines, "ALPHA")["instrument_id"]) == ["A.US"]
    assert list(search(lines, "[x (")["instrument_id"]) == ["C.[x"]
    assert len(search(lines, " ")) == 3
