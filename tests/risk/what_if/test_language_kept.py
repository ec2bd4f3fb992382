"""Changes that are written down are read again as the same ones, to the last digit."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import UserInputError
from riskplatform.risk.what_if import Change, Scale, Trade, changes_from, parsed
from riskplatform.risk.what_if.changes import Number, exact
from riskplatform.risk.what_if.language import written_row

decimals = st.decimals(-(10**15), 10**15, places=9, allow_nan=False)
numbers = st.one_of(
    decimals, st.integers(-(10**20), 10**20), st.floats(-1e15, 1e15).filter(lambda x: x == x)
)
names = st.from_regex(r"[A-Z][A-Z0-9.]{0,8}", fullmatch=True)


def there_and_back(change: Change) -> Change:
    """Through a file."""
    text = yaml.safe_dump([written_row(change)])
    (found,) = changes_from(yaml.safe_load(text))
    return found


@given(
    names, numbers, st.one_of(st.none(), names), st.sampled_from(["quantity", "share", "target"])
)
def test_a_trade_that_is_kept_is_the_same_trade(
    name: str, number: Number, node: str | None, way: str
) -> None:
    again = there_and_back(Trade(name, node=node, **{way: number}))
    assert isinstance(again, Trade)
    assert (again.instrument_id, again.node) == (name, node)
    assert float(exact(getattr(again, way), name)) == float(exact(number, name))


@given(decimals, names)
def test_a_decimal_is_kept_to_its_last_digit(number: Decimal, name: str) -> None:
    again = parsed(str(Trade(name, quantity=number)))
    assert isinstance(again, Trade)
    assert again.quantity is not None
    assert Fraction(again.quantity) == Fraction(number)


@given(numbers, st.one_of(st.none(), names), st.booleans())
def test_a_scaled_book_that_is_kept_is_scaled_alike(
    factor: Number, node: str | None, is_part: bool
) -> None:
    by, group = ("sector", "Health Care") if is_part else (None, None)
    again = there_and_back(Scale(factor, node, by, group))
    assert isinstance(again, Scale)
    assert (again.node, again.by, again.group) == (node, by, group)
    assert float(again.factor) == float(factor)


@pytest.mark.parametrize("name", ["SPX 26-12 C5000", "A: B", "scale X", "-> 5"])
def test_names_that_a_line_cannot_hold_are_kept_as_mappings(name: str) -> None:
    trade = Trade(name, quantity=Decimal("12.5"), node="BOOK ONE")
    again = there_and_back(trade)
    assert isinstance(again, Trade)
    assert (again.instrument_id, again.node, again.quantity) == (name, "BOOK ONE", 12.5)


def test_the_whole_book_has_a_name() -> None:
    assert parsed("scale everything 0.5") == Scale(Decimal("0.5"))
    assert parsed(str(Scale(0))) == Scale(Decimal(0))


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"trade": "AAA", "quantity": 1, "factor": 5}, "factor"),
        ({"trade": "AAA", "remove": "BOOK"}, "no change"),
        ({"scale": "BOOK"}, "no change"),
        ({"trade": "AAA", "quantity": 1, "node": 5}, "node is 5"),
        ({"trade": "AAA", "quantity": True}, "True is no quantity"),
        ({"trade": "AAA", "quantity": 10**400}, "1e30 or more"),
        ({"scale": "BOOK", "factor": 2, "by": "sector"}, "slice and a group"),
    ],
)
def test_a_mapping_with_too_much_or_too_little_is_refused(
    row: dict[str, object], found: str
) -> None:
    with pytest.raises(UserInputError, match=found):
        changes_from([row])
