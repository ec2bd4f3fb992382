"""Changes as people write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import UserInputError
from riskplatform.risk.what_if import Scale, Trade, changes_from, parsed


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("AAPL +1000", Trade("AAPL", quantity=Decimal(1000))),
        ("AAPL -1,000.5", Trade("AAPL", quantity=Decimal("-1000.5"))),
        ("GEQ.NAM: AAPL.XNAS +1_000", Trade("AAPL.XNAS", quantity=Decimal(1000), node="GEQ.NAM")),
        ("AAPL -50%", Trade("AAPL", share=Decimal("-0.5"))),
        ("AAPL -> 0", Trade("AAPL", target=Decimal(0))),
        ("AAPL -> 25%", Trade("AAPL", share=Decimal("-0.75"))),
        ("scale GEQ 0.5", Scale(Decimal("0.5"), node="GEQ")),
        ("scale GEQ 50%", Scale(Decimal("0.5"), node="GEQ")),
        ("Scale GEQ sector Health Care 2", Scale(Decimal(2), "GEQ", "sector", "Health Care")),
        ("remove MAS", Scale(Decimal(0), node="MAS")),
        ("remove MAS country GB", Scale(Decimal(0), "MAS", "country", "GB")),
    ],
)
def test_lines(text: str, change: object) -> None:
    assert parsed(text) == change


@pytest.mark.parametrize(
    "text", ["", "AAPL", "AAPL 1000", "AAPL ++1", "scale GEQ", "scale 2", "remove", "buy AAPL 10",
             "AAPL +1e999999999", "AAPL +1.2.3"]
)  # fmt: skip
def test_what_is_no_change_says_how_to_write_one(text: str) -> None:
    with pytest.raises(UserInputError) as error:
        parsed(text)
    assert error.value.hint or "exponent" in error.value.message


@given(st.text(max_size=60))
def test_any_text_is_a_change_or_an_error_of_ours(text: str) -> None:
    try:
        parsed(text)
    except UserInputError:
        return


@given(st.decimals(-(10**9), 10**9, places=4, allow_nan=False), st.sampled_from([None, "A.B"]))
def test_a_trade_reads_as_it_is_written(quantity: Decimal, node: str | None) -> None:
    trade = Trade("XYZ.XNAS", quantity=quantity, node=node)
    again = parsed(str(trade))
    assert isinstance(again, Trade)
    assert float(again.quantity or 0) == pytest.approx(float(quantity), rel=1e-11)


def test_files_have_lines_and_mappings() -> None:
    rows: list[str | dict[str, object]] = [
        "AAPL +10",
        {"trade": "MSFT", "quantity": -5, "node": "X"},
        {"scale": "GEQ", "factor": 0.5},
        {"remove": "MAS"},
    ]
    assert changes_from(rows) == [
        Trade("AAPL", quantity=Decimal(10)),
        Trade("MSFT", quantity=-5, node="X"),
        Scale(0.5, node="GEQ"),
        Scale(0, node="MAS"),
    ]
    with pytest.raises(UserInputError) as error:
        changes_from([{"trad": "MSFT", "quantity": 1}])
    assert "trade" in str(error.value.hint)
    with pytest.raises(UserInputError):
        changes_from([{"trade": "MSFT"}])
    with pytest.raises(UserInputError):
        changes_from([{"trade": "MSFT", "quantity": 1, "share": 0.5}])
