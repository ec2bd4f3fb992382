"""Is the order approved, whole, ours twice, against ourselves, too large, too much, too often."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from riskplatform.domain.orders import OrderType, Side, TimeInForce
from riskplatform.errors import NotAllowedError, UnknownNameError, UserInputError
from riskplatform.execution.gate import Found, Gate, Verdict
from tests.execution.gate.gate_desk import NOW, approval, gate_of, later, order, quote, sale

ONLY_PARENT = "limits: off\nsize: off\nday: off\nduplicate: off"


def test_an_allowed_order_says_what_was_checked() -> None:
    decision = gate_of().judge(order(), NOW)
    assert decision.verdict is Verdict.ALLOW
    assert decision.quantity == 100
    assert decision.reason == "Every check passed."
    assert {each.check for each in decision.outcomes} == {
        "parent", "lots", "restricted", "session", "fresh", "collar", "period_collar",
        "self_cross", "messages", "size", "day", "duplicate", "repeats", "limits",
    }  # fmt: skip
    told = decision.to_dict()
    assert told["verdict"] == "allow"
    assert told["quantity"] == "100"
    assert told["middle"] == 100.0
    assert len(told["rules"]) == len(told["limits"]) == 16
    assert list(decision.to_frame()["check"]) == [each.check for each in decision.outcomes]


def test_judging_changes_nothing() -> None:
    gate = gate_of()
    first = gate.judge(order(), NOW)
    assert all(gate.judge(order(), NOW) == first for _ in range(5))


def test_children_never_exceed_the_parent() -> None:
    gate = gate_of(ONLY_PARENT, approved=250)
    for number in range(2):
        child = order(quantity=100, slice=number)
        assert gate.judge(child, NOW).verdict is Verdict.ALLOW
        gate.sent(child, NOW)
    decision = gate.judge(order(quantity=100, slice=2), NOW)
    assert decision.verdict is Verdict.BLOCK
    assert "50 of the 250 approved under approval are left." in decision.reason


def test_a_child_can_be_trimmed_to_what_is_left() -> None:
    gate = gate_of(f"{ONLY_PARENT}\nparent: trim", approved=250)
    gate.sent(order(quantity=200), NOW)
    decision = gate.judge(order(quantity=100, slice=1), NOW)
    assert (decision.verdict, decision.quantity) == (Verdict.TRIM, Decimal(50))


def test_a_cancelled_child_gives_its_rest_back() -> None:
    gate = gate_of(ONLY_PARENT, approved=250)
    first = order(quantity=200)
    gate.sent(first, NOW)
    gate.filled(first.client_order_id, Decimal(120))
    gate.closed(first.client_order_id)
    assert gate.judge(order(quantity=130, slice=1), NOW).is_allowed
    assert not gate.judge(order(quantity=131, slice=1), NOW).is_allowed


def test_what_nobody_approved_is_blocked() -> None:
    gate = gate_of(ONLY_PARENT)
    assert "Nothing was approved" in gate.judge(order(approval_id="other"), NOW).reason
    wrong_side = order(side=Side.SELL)
    assert "is to buy AAA" in gate.judge(wrong_side, NOW).reason


def test_an_approval_ends() -> None:
    gate = gate_of(f"{ONLY_PARENT}\nsession: off\nfresh: off")
    gate.approve(approval({("growth", "AAA"): 100}, hours=1))
    assert gate.judge(order(), later(3_599)).is_allowed
    assert "in force until 2026-03-06 16:00" in gate.judge(order(), later(3_600)).reason
    assert not gate.judge(order(), NOW - timedelta(hours=2)).is_allowed


def test_whole_lots_but_for_the_odd_rest_of_what_was_approved() -> None:
    gate = gate_of()
    assert "no whole lots of 10" in gate.judge(order("BBB", 15), NOW).reason
    gate.approve(approval({("growth", "BBB"): 25}, "odd"))
    assert gate.judge(order("BBB", 15, approval_id="odd"), NOW).is_allowed


def test_the_restricted_list_holds_instruments_and_issuers() -> None:
    gate = gate_of("restricted: {instruments: [AAA], issuers: [B]}")
    assert gate.judge(order("AAA"), NOW).outcome("restricted").reason == "AAA is restricted."
    assert "its issuer B is" in gate.judge(order("BBB"), NOW).reason
    assert gate.judge(sale("AAA"), NOW).verdict is Verdict.BLOCK
    assert gate.judge(order("BOND", 10), NOW).is_allowed


def test_an_order_is_sent_once() -> None:
    gate = gate_of()
    gate.sent(order(), NOW)
    assert "was sent before" in gate.judge(order(), later(1_000)).outcome("duplicate").reason
    with pytest.raises(UserInputError, match="counted before"):
        gate.sent(order(), NOW)


def test_the_same_order_by_another_name_waits_out_the_window() -> None:
    gate = gate_of("duplicate: {seconds: 5}")
    gate.sent(order(), NOW)
    twin = order(slice=1)
    found = gate.judge(twin, later(4.9)).outcome("duplicate")
    assert found.found is Found.BLOCKED
    assert found.figure == pytest.approx(4.9)
    assert gate.judge(twin, later(5)).is_allowed
    assert gate.judge(order(quantity=101, slice=2), later(1)).is_allowed
    assert gate.judge(order(slice=3, portfolio_id="value"), later(1)).is_allowed


@pytest.mark.parametrize(
    ("resting", "asked", "found"),
    [
        (101.0, 100.9, Found.PASSED),
        (101.0, 101.0, Found.BLOCKED),
        (101.0, None, Found.BLOCKED),
        (None, 99.0, Found.BLOCKED),
    ],
)
def test_a_buy_does_not_meet_our_own_sale(
    resting: float | None, asked: float | None, found: Found
) -> None:
    gate = gate_of()
    gate.sent(sale(limit_price=resting, portfolio_id="value"), NOW)
    assert gate.judge(order(limit_price=asked), NOW).outcome("self_cross").found is found


def test_a_sale_meets_the_highest_of_our_own_buys() -> None:
    gate = gate_of()
    prices = (98.0, 99.0, 97.0)
    orders = [order(limit_price=price, slice=i) for i, price in enumerate(prices)]
    for each in orders:
        gate.sent(each, NOW)
    assert not gate.judge(sale(limit_price=99.0), NOW).is_allowed
    gate.closed(orders[1].client_order_id)
    assert gate.judge(sale(limit_price=99.0), NOW).is_allowed
    assert not gate.judge(sale(limit_price=98.0), NOW).is_allowed
    gate.filled(orders[0].client_order_id, Decimal(100))
    assert gate.judge(sale(limit_price=98.0), NOW).is_allowed


def test_messages_are_counted_in_a_sliding_window() -> None:
    gate = gate_of("messages: {at_most: 3, seconds: 1}")
    for number in range(2):
        gate.sent(order(quantity=10 + number, slice=number), later(0.1 * number))
    gate.messaged(later(0.2))
    blocked = gate.judge(order(slice=9), later(0.9)).outcome("messages")
    assert blocked.found is Found.BLOCKED
    assert blocked.figure == 4
    assert gate.judge(order(slice=9), later(1.0)).is_allowed


def test_repetition_stops_until_a_named_person_lets_it_go_on() -> None:
    gate = gate_of("repeats: {at_most: 3, released_by: [anna]}")
    for number in range(3):
        gate.sent(order(quantity=10 + number, slice=number), later(number))
    stopped = gate.judge(order(slice=9), later(10))
    assert "waits for a release by anna" in stopped.reason
    # No time heals it, and other lines and sides go on.
    assert gate.judge(order(slice=9), later(9 * 86_400)).outcome("repeats").found is Found.BLOCKED
    assert gate.judge(sale(), later(10)).outcome("repeats").found is Found.PASSED
    with pytest.raises(NotAllowedError, match="robot may not release"):
        gate.release("growth", "AAA", Side.BUY, person="robot", reason="go", at=later(11))
    with pytest.raises(UserInputError, match="has a reason"):
        gate.release("growth", "AAA", Side.BUY, person="anna", reason=" ", at=later(11))
    done = gate.release("growth", "AAA", Side.BUY, person="anna", reason="looked", at=later(11))
    assert done.after == 3
    assert done.to_dict()["person"] == "anna"
    assert gate.judge(order(slice=9), later(12)).is_allowed


def test_what_does_not_come_to_so_many_in_the_time_is_forgotten() -> None:
    gate = gate_of("repeats: {at_most: 3, hours: 1, released_by: [anna]}")
    for number in range(5):
        child = order(quantity=10 + number, slice=number)
        at = later(number * 1_800)
        # Two of the last hour, the one of just an hour ago not among them.
        assert gate.judge(child, at).outcome("repeats").figure == min(number + 1, 2)
        gate.sent(child, at)


def test_one_order_is_capped_in_units_money_and_volume() -> None:
    """AAA costs 100.1 dollars at the ask and trades 1,000 a day in the small book."""
    for rule, reason in (
        ("{quantity: 99, volume_share: 1000}", "100 units: 99 at most in one order."),
        ("{notional: 9999, volume_share: 1000}", "10,010 of base currency: 9,999"),
        ("{volume_share: 0.05}", "100 units, against the daily volume: 50"),
    ):
        assert reason in gate_of(f"size: {rule}").judge(order(), NOW).reason


def test_the_size_of_an_order_is_at_its_own_price() -> None:
    gate = gate_of("size: {notional: 10100, volume_share: 1000}\ncollar: {away_bp: 500}")
    assert gate.judge(order(limit_price=101), NOW).is_allowed
    assert not gate.judge(order(limit_price=101.1), NOW).is_allowed


def test_size_trims_to_whole_lots() -> None:
    """BBB is 50 dollars in lots of 10: 27 lots are within 13,990."""
    gate = gate_of("size: {mode: trim, notional: 13990, volume_share: 1000}")
    gate.quoted(quote("BBB", 50, later(1), bid_size=None))
    decision = gate.judge(order("BBB", 500, limit_price=50), later(1))
    assert (decision.verdict, decision.quantity) == (Verdict.TRIM, Decimal(270))


def test_what_has_no_value_has_no_size() -> None:
    found = gate_of("limits: off").judge(order("GHOST", portfolio_id="other"), NOW)
    assert "What a unit of GHOST is worth is not known." in found.reason


@pytest.mark.parametrize(
    "rule",
    [
        "{notional: 25000}", "{portfolio_notional: 25000}", "{instrument_notional: 25000}",
        "{volume_share: 0.25}", "{orders: 2}",
    ],
)  # fmt: skip
def test_a_day_is_capped(rule: str) -> None:
    usual = "" if "volume" in rule else ", volume_share: 1000"
    gate = gate_of(f"day: {rule[:-1]}{usual}}}\nlimits: off")
    for number in range(2):
        child = order(quantity=99 + number, slice=number, limit_price=100)
        assert gate.judge(child, NOW).is_allowed
        gate.sent(child, NOW)
    third = order(quantity=90, slice=2, limit_price=100)
    assert gate.judge(third, NOW).outcome("day").found is Found.BLOCKED
    tomorrow = NOW + timedelta(days=3)
    assert gate.judge(third, tomorrow).outcome("day").found is Found.PASSED


def test_what_is_cancelled_leaves_the_day_and_what_is_filled_stays() -> None:
    gate = gate_of("day: {notional: 25000, volume_share: 1000}")
    first = order(quantity=200, limit_price=100)
    gate.sent(first, NOW)
    gate.filled(first.client_order_id, Decimal(50))
    gate.closed(first.client_order_id)
    second = order(quantity=100, slice=1, limit_price=100)
    assert gate.judge(second, NOW).outcome("day").figure == pytest.approx(15_000)


def test_a_replacement_counts_only_what_it_adds() -> None:
    gate = gate_of(f"{ONLY_PARENT}", approved=250)
    first = order(quantity=200, limit_price=99)
    gate.sent(first, NOW)
    gate.filled(first.client_order_id, Decimal(50))
    name = first.client_order_id
    assert gate.judge_replace(name, Decimal(250), Decimal(99), NOW).is_allowed
    assert not gate.judge_replace(name, Decimal(251), Decimal(99), NOW).is_allowed
    # A collar looks at the new price.
    assert not gate.judge_replace(name, Decimal(200), Decimal(120), NOW).is_allowed
    gate.replaced(name, Decimal(250), Decimal("99.5"))
    assert gate.orders.committed[("approval", "growth", "AAA")] == 250
    assert gate.orders.orders[name].remaining == 200
    assert not gate.judge(sale(limit_price=99.5), NOW).is_allowed
    assert gate.judge(sale(limit_price=99.6), NOW).is_allowed


def test_making_an_order_smaller_is_never_held_up_by_size_or_day() -> None:
    gate = gate_of(
        "size: {quantity: 100, volume_share: 1000}\nday: {notional: 9000, volume_share: 1000}"
    )
    first = order(quantity=200, limit_price=99)
    gate.sent(first, NOW)
    name = first.client_order_id
    assert gate.judge_replace(name, Decimal(150), Decimal(99), NOW).is_allowed
    larger = gate.judge_replace(name, Decimal(201), Decimal(99), NOW)
    assert {each.check for each in larger.worst} == {"size", "day"}


def test_a_replacement_is_not_trimmed() -> None:
    gate = gate_of(f"{ONLY_PARENT}\nparent: trim", approved=250)
    first = order(quantity=200, limit_price=99)
    gate.sent(first, NOW)
    decision = gate.judge_replace(first.client_order_id, Decimal(300), Decimal(99), NOW)
    assert (decision.verdict, decision.quantity) == (Verdict.BLOCK, Decimal(0))


def test_an_order_that_never_went_out_is_not_known() -> None:
    with pytest.raises(UnknownNameError, match="order sent through this gate"):
        gate_of().filled("nobody", Decimal(1))


def test_several_reasons_are_all_told_the_gravest_first() -> None:
    gate = gate_of("collar: warn\nrestricted: {instruments: [AAA]}")
    decision = gate.judge(order(limit_price=110), NOW)
    assert [each.check for each in decision.worst] == ["restricted", "period_collar", "collar"]
    assert decision.reason.startswith("AAA is restricted.")


def told_again(seed: int) -> Gate:
    """A day of telling: the same each time."""
    import numpy as np

    rng, gate = np.random.default_rng(seed), gate_of("day: {notional: 900000}")
    for number in range(60):
        asked = order(
            ("AAA", "BBB", "EEE")[number % 3], float(rng.integers(1, 9) * 10), slice=number,
            time_in_force=TimeInForce.GTC, order_type=OrderType.MARKET,
        )  # fmt: skip
        gate.quoted(quote("AAA", 100 + float(rng.normal()), later(number)))
        if gate.judge(asked, later(number)).is_allowed:
            gate.sent(asked, later(number))
            if number % 4 == 0:
                gate.filled(asked.client_order_id, Decimal(5))
            if number % 4 == 1:
                gate.closed(asked.client_order_id)
    return gate


def test_the_same_told_again_gives_the_same_answers() -> None:
    """So that a gate can be told a day again from the journal."""
    one, two = told_again(7), told_again(7)
    asked = order("AAA", 40, slice=999)
    assert one.judge(asked, later(100)) == two.judge(asked, later(100))
    assert one.orders.day == two.orders.day
