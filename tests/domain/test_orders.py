"""Orders: ids that are functions of what they are for, and terms that must fit."""

from __future__ import annotations

import hashlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.domain.orders import Order, OrderKey, OrderType, Side
from riskplatform.errors import UserInputError

KEY = OrderKey("A1", "growth", "AAPL.XNAS", 3)
NAMES = st.text(st.characters(codec="ascii", exclude_characters="\x1f"), min_size=1, max_size=8)
KEYS = st.builds(OrderKey, NAMES, NAMES, NAMES, st.integers(0, 99), st.integers(0, 9))


def test_an_id_is_that_of_what_it_is_for() -> None:
    text = "A1\x1fgrowth\x1fAAPL.XNAS\x1f3\x1f0"
    assert KEY.client_order_id == hashlib.sha256(text.encode()).hexdigest()[:20]


@given(KEYS, KEYS)
def test_two_orders_have_one_id_only_when_they_are_for_the_same(a: OrderKey, b: OrderKey) -> None:
    assert (a.client_order_id == b.client_order_id) is (a == b)


def test_sides_and_signs() -> None:
    order = Order(key=KEY, side=Side.of(Decimal(-5)), quantity=Decimal(5), currency="USD")
    assert (order.side, order.signed_quantity) == (Side.SELL, Decimal(-5))
    assert Side.of(Decimal("0.1")) is Side.BUY


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"quantity": Decimal(0)}, "is none"),
        ({"quantity": Decimal(-1)}, "is none"),
        ({"quantity": Decimal("NaN")}, "is none"),
        ({"order_type": OrderType.LIMIT}, "limit order needs a limit_price"),
        ({"limit_price": Decimal(1)}, "market order takes no limit_price"),
        ({"order_type": OrderType.STOP}, "stop order needs a stop_price"),
        ({"order_type": OrderType.LIMIT, "limit_price": Decimal("inf")}, "limit_price of AAPL"),
    ],
)
def test_terms_that_cannot_be_are_refused(terms: dict[str, object], said: str) -> None:
    usual: dict[str, object] = {
        "key": KEY, "side": Side.BUY, "quantity": Decimal(1), "currency": "USD",
    }  # fmt: skip
    with pytest.raises(UserInputError, match=said):
        Order(**{**usual, **terms})  # type: ignore[arg-type]
