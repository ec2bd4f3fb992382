"""Headroom: it fits and a lot more does not; closed forms by hand; the same as trying them all."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.domain.limits import Direction, Limit
from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.risk.limits import (
    Headroom,
    Light,
    LimitBook,
    Side,
    headroom,
    headroom_table,
    judge,
)
from riskplatform.risk.limits.headroom_search import largest_fit, relief
from tests.risk.limits.small_book import Traded, limit, small_book

BOOK = small_book()
NAMES = ["AAA", "BBB", "EEE", "BOND"]
CASH = {"AAA": ("CASH.USD", 100.0), "BBB": ("CASH.USD", 50.0), "EEE": ("CASH.EUR", 20.0),
        "BOND": ("CASH.USD", 10.0)}  # fmt: skip


def after(name: str, node: str, quantity: float) -> Traded:
    """The book after a paid trade."""
    cash, price = CASH[name]
    return Traded.of(BOOK, {node: {name: quantity, cash: -quantity * price}})


def is_kept(one: Limit, name: str, node: str, quantity: float) -> bool:
    return judge([one], after(name, node, quantity)).checks[0].light is not Light.RED


# (measure, terms, hard): each kept today by the firm, the fund and growth.
KEPT: list[tuple[str, dict[str, Any], float]] = [
    ("delta", {}, 90_000.0),
    ("delta", {"by": "sector", "group": "Tech"}, 60_000.0),
    ("dv01", {}, 20.0),
    ("value", {"direction": Direction.MAX}, 110_000.0),
    ("gross_value", {}, 120_000.0),
    ("leverage", {}, 1.7),
    ("var", {"confidence": 0.95}, 9_000.0),
    ("var", {"scenarios": "drawn"}, 20_000.0),
    ("es", {"confidence": 0.9}, 9_000.0),
    ("stress_loss", {}, 30_000.0),
    ("stress_loss", {"scenario": "rates up"}, 9_000.0),
    ("concentration", {"by": "issuer_id"}, 0.75),
    ("concentration", {"by": "issuer_id", "group": "A"}, 0.75),
    ("days_to_unwind", {"share": 0.9}, 12.0),
    ("days_to_unwind", {}, 12.0),
]


@pytest.mark.parametrize("node", ["growth", "fund"])
@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("measure", "terms", "hard"), KEPT)
def test_the_headroom_fits_and_one_lot_more_does_not(
    measure: str, terms: dict[str, Any], hard: float, name: str, side: Side, node: str
) -> None:
    one = limit(measure, hard, "fund", **terms)
    assert is_kept(one, name, node, 0.0)
    found = headroom([one], BOOK, name, node, side)
    sign = 1.0 if side is Side.BUY else -1.0
    if found.is_unlimited:
        assert found.binding is None
        assert is_kept(one, name, node, sign * 1e9)
        return
    assert found.binding == "fund " + measure
    assert found.quantity == int(found.quantity)
    assert is_kept(one, name, node, sign * found.quantity)
    assert not is_kept(one, name, node, sign * (found.quantity + 1.0))


@pytest.mark.slow
@pytest.mark.parametrize(("measure", "terms", "hard"), KEPT)
@pytest.mark.parametrize("side", list(Side))
def test_the_headroom_is_that_of_trying_every_quantity(
    measure: str, terms: dict[str, Any], hard: float, side: Side
) -> None:
    one = limit(measure, hard, "fund", **terms)
    sign = 1.0 if side is Side.BUY else -1.0
    tried = np.arange(0, 2_001, 50)
    kept = [is_kept(one, "AAA", "growth", sign * float(quantity)) for quantity in tried]
    first_not = next((q for q, fits in zip(tried, kept, strict=True) if not fits), math.inf)
    found = headroom([one], BOOK, "AAA", "growth", side, lot=50.0)
    if first_not is math.inf:
        assert found.quantity >= tried[-1]
    else:
        assert found.quantity == first_not - 50


def test_closed_forms_by_hand() -> None:
    # The fund has a delta of 30,000 + 30,000 + 22,000 = 82,000.
    kept = [limit("delta", 90_050.0, "fund")]
    assert headroom(kept, BOOK, "AAA", "growth").quantity == 80.0
    assert headroom(kept, BOOK, "AAA", "growth", "sell").quantity == 1_720.0
    assert headroom(kept, BOOK, "BBB", "growth", lot=100.0).quantity == 100.0
    # Paid in cash, a purchase changes no net value; unpaid it does.
    net = [limit("value", 110_050.0, direction=Direction.MAX)]
    assert headroom(net, BOOK, "AAA", "growth").is_unlimited
    assert headroom(net, BOOK, "AAA", "growth", paid=False).quantity == 18.0
    floor = [limit("value", 100_000.0, direction=Direction.MIN)]
    assert headroom(floor, BOOK, "AAA", "growth", "sell", paid=False).quantity == 82.0
    assert headroom(floor, BOOK, "AAA", "growth", "buy", paid=False).is_unlimited


def test_the_first_limit_met_binds_and_limits_below_do_not_count() -> None:
    limits = [
        limit("delta", 200_000.0, "firm"),
        limit("gross_value", 100_000.0, "fund"),
        limit("delta", 1.0, "macro"),
        limit("delta", 50_000.0, "growth"),
    ]
    # growth: 40,000 of 50,000; fund: 82,000 gross of 100,000.
    found = headroom(limits, BOOK, "AAA", "growth")
    assert (found.quantity, found.binding) == (100.0, "growth delta")
    assert found.value == 10_000.0
    above = headroom(limits, BOOK, "AAA", "fund")
    assert (above.quantity, above.binding) == (180.0, "fund gross_value")


def test_soft_limits_when_asked() -> None:
    kept = [limit("delta", 90_000.0, "fund", soft=85_000.0)]
    assert headroom(kept, BOOK, "AAA", "growth").quantity == 80.0
    assert headroom(kept, BOOK, "AAA", "growth", soft=True).quantity == 30.0


def test_a_breached_limit_allows_what_mends_it() -> None:
    # macro is short 100 AAA: a delta of -10,000, of which 8,000 are allowed on either side.
    kept = [limit("delta", 8_000.0, "macro")]
    sell, buy = (headroom(kept, BOOK, "AAA", "macro", side) for side in ("sell", "buy"))
    assert (sell.quantity, sell.binding, sell.worsened) == (0.0, "macro delta", ("macro delta",))
    assert "only buying" in sell.note
    assert buy.cures == (("macro delta", 20.0),)
    assert buy.quantity == 180.0
    assert "mended from 20 on" in buy.note
    # What does not move it may be traded.
    assert headroom(kept, BOOK, "BOND", "macro", "buy").is_unlimited


def test_what_cannot_mend_a_breach_may_leave_it_no_worse() -> None:
    # Issuer B is 20,000 of 30,000; AAA alone, sold short, cannot bring the firm's days down.
    kept = [limit("days_to_unwind", 1.0, "firm")]
    before = judge(kept, BOOK).checks[0].value
    found = headroom(kept, BOOK, "AAA", "growth", "buy")
    assert found.cures == ()
    after_it = judge(kept, after("AAA", "growth", found.quantity)).checks[0].value
    more = judge(kept, after("AAA", "growth", found.quantity + 1)).checks[0].value
    assert after_it == before
    assert more > before  # type: ignore[operator]


def test_breaches_of_tails_are_mended_by_selling() -> None:
    kept = [limit("es", 3_000.0, "growth", confidence=0.9)]
    hard = 0.5 * judge(kept, BOOK).checks[0].value  # type: ignore[operator]
    kept = [limit("es", hard, "growth", confidence=0.9)]
    found = headroom(kept, BOOK, "AAA", "growth", "sell")
    ((_, mended),) = found.cures
    assert not is_kept(kept[0], "AAA", "growth", -(mended - 1))
    assert is_kept(kept[0], "AAA", "growth", -mended)
    assert is_kept(kept[0], "AAA", "growth", -found.quantity)
    assert not is_kept(kept[0], "AAA", "growth", -(found.quantity + 1))
    assert headroom(kept, BOOK, "AAA", "growth", "buy").quantity == 0.0


def test_the_table_is_each_alone_and_starts_from_any_state() -> None:
    limits = [limit(measure, hard, "fund", **terms) for measure, terms, hard in KEPT[:4]]
    limits += [limit("es", 9_000.0, "firm", confidence=0.9), limit("var", 1.0, "fund", unit="EUR")]
    prepared = LimitBook.of(limits, BOOK)
    state = after("AAA", "growth", 20.0)
    table = headroom_table(prepared, state, "growth", NAMES)
    assert len(table) == 2 * len(NAMES)
    for line in table.lines:
        alone = headroom(prepared, state, line.instrument_id, "growth", line.side)
        assert alone == line
        assert "fund var" in line.not_judged
    base = headroom(prepared, BOOK, "AAA", "growth")
    assert table.of("AAA", "buy").quantity == base.quantity - 20.0
    assert [each.subject for each in table.provenance.coverage.failures] == ["fund var"]
    held = headroom_table(prepared, BOOK, "growth")
    assert {line.instrument_id for line in held.lines} == {"AAA", "BBB"}


def test_a_limit_that_cannot_see_a_trade_is_named() -> None:
    found = headroom([limit("days_to_unwind", 20.0)], BOOK, "BOND", "macro")
    assert found.is_unlimited
    assert found.not_judged == ("firm days_to_unwind",)
    assert "not judged by" in found.note
    ghost = headroom([limit("value", 1e6)], BOOK, "GHOST", "other")
    assert ghost.not_judged == ("firm value",)
    assert math.isnan(ghost.value)


def test_an_empty_node_can_be_traded_in() -> None:
    limits = [limit("gross_value", 1_050.0, "empty"), limit("es", 100.0, "empty", confidence=0.9)]
    found = headroom(limits[:1], BOOK, "AAA", "empty")
    assert found.quantity == 10.0
    both = headroom(limits, BOOK, "AAA", "empty")
    assert both.quantity <= 10.0
    state = Traded.of(BOOK, {"empty": {"AAA": both.quantity, "CASH.USD": -100 * both.quantity}})
    assert judge(limits, state).counts["red"] == 0


def test_bad_questions() -> None:
    kept = [limit("delta", 1e6)]
    with pytest.raises(UnknownNameError, match="Did you mean growth"):
        headroom(kept, BOOK, "AAA", "grwth")
    with pytest.raises(UnknownNameError, match="instrument named 'AAB'"):
        headroom(kept, BOOK, "AAB", "growth")
    with pytest.raises(UnknownNameError, match="Did you mean buy"):
        headroom(kept, BOOK, "AAA", "growth", "buyy")
    with pytest.raises(UserInputError, match="lot is 0"):
        headroom(kept, BOOK, "AAA", "growth", lot=0.0)


def test_no_limit_is_no_bound() -> None:
    found = headroom([], BOOK, "AAA", "growth")
    assert found.is_unlimited
    assert found.to_dict()["quantity"] is None
    table = headroom_table([], BOOK, "growth")
    json.dumps(table.to_dict(), allow_nan=False)
    assert table.to_frame()["is_unlimited"].all()
    assert "<table" in table._repr_html_()
    assert "any quantity" in str(found)
    assert isinstance(found, Headroom)


numbers = st.floats(0.01, 1e4)


@given(st.lists(st.tuples(numbers, numbers, numbers), min_size=1, max_size=5))
def test_the_search_ends_at_the_last_that_fits(curves: list[tuple[float, float, float]]) -> None:
    slope, bend, room = (np.array(column) for column in zip(*curves, strict=True))

    def excess(lots: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return np.asarray(slope[rows] * lots + bend[rows] * lots**1.5 - 1e3 * room[rows])

    found = largest_fit(excess, -1e3 * room, np.full(slope.size, np.inf))
    rows = np.arange(slope.size)
    assert (excess(found, rows) <= 0.0).all()
    assert (excess(found + 1.0, rows) > 0.0).all()
    capped = largest_fit(excess, -1e3 * room, np.minimum(found, 7.0))
    assert capped == pytest.approx(np.minimum(found, 7.0))


@given(st.floats(1.0, 1e6), st.floats(0.1, 50.0), st.floats(-1e3, 1e5))
def test_relief_finds_where_a_valley_begins_and_ends(
    centre: float, slope: float, depth: float
) -> None:
    def excess(lots: float) -> float:
        return slope * abs(lots - centre) - depth

    now = excess(0.0)
    if now <= 0.0:
        return
    found = relief(excess, now)
    inside = [k for k in (math.floor(centre), math.ceil(centre)) if excess(k) <= 0.0]
    if inside:
        assert excess(found.cured_at) <= 0.0 < excess(found.cured_at - 1.0)
        assert excess(found.most) <= 0.0 < excess(found.most + 1.0)
    else:
        assert math.isnan(found.cured_at)
        assert excess(found.most) <= now < excess(found.most + 1.0)


def test_relief_of_what_nothing_moves_or_always_helps() -> None:
    assert relief(lambda _: 5.0, 5.0)[0] == math.inf
    found = relief(lambda lots: 5.0 - lots, 5.0)
    assert found == (math.inf, 5.0)
