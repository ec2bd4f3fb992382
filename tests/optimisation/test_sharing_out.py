"""A trade of a node shared out over portfolios: exact sums, whole lots, nobody oversold."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from riskplatform.optimisation.sharing_out import shared_out

LOTS = st.sampled_from([Decimal(1), Decimal(10), Decimal("0.01")])


@given(
    lots=st.integers(-500, 500),
    lot=LOTS,
    held=st.dictionaries(st.sampled_from("abcd"), st.integers(-300, 300), max_size=4),
)
def test_parts_sum_to_the_trade_in_whole_lots(
    lots: int, lot: Decimal, held: dict[str, int]
) -> None:
    quantity = lots * lot
    mine = {name: amount * lot for name, amount in held.items()}
    parts = shared_out(quantity, lot, mine, home="home")
    assert sum(parts.values(), Decimal(0)) == quantity
    assert all(part % lot == 0 and part for part in parts.values())
    total = sum(mine.values(), Decimal(0))
    if all(amount >= 0 for amount in mine.values()) and 0 > quantity >= -total:
        assert all(-part <= mine[name] for name, part in parts.items())


def test_by_hand() -> None:
    held = {"a": Decimal(100), "b": Decimal(50), "c": Decimal(-20)}
    # 3 of 9 lots are b's by size; the odd lot goes to the larger remainder.
    assert shared_out(Decimal(10), Decimal(1), held, "a") == {"a": Decimal(7), "b": Decimal(3)}
    assert shared_out(Decimal(-130), Decimal(1), held, "a") == {
        "a": Decimal(-100), "b": Decimal(-50), "c": Decimal(20),
    }  # fmt: skip
    assert shared_out(Decimal(5), Decimal(1), {}, "home") == {"home": Decimal(5)}
    assert shared_out(Decimal(0), Decimal(1), held, "a") == {}


def test_an_odd_lot_is_closed_to_the_last_piece() -> None:
    held = {"a": Decimal("10.5"), "b": Decimal("0.25")}
    assert shared_out(Decimal("-10.75"), Decimal(1), held, "a") == {
        "a": Decimal("-10.5"), "b": Decimal("-0.25"),
    }  # fmt: skip
