"""Planned against done, worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from riskplatform.execution.algos import Schedule, Task, Tracking, tracking, twap
from riskplatform.execution.gateways.gateway import Filled

OPEN = datetime(2026, 3, 4, 14, 30, tzinfo=UTC)


def plan() -> Schedule:
    """Four hours, 1,000 in each."""
    return twap(Task(
        instrument_id="AAA", quantity=Decimal(-4_000), calendar="XNYS", start=OPEN,
        end=OPEN + timedelta(hours=4), minutes=60,
    ))  # fmt: skip


def fill(minutes: float, quantity: int) -> Filled:
    return Filled(
        client_order_id="c", execution_id=f"e{minutes}", quantity=Decimal(quantity),
        price=Decimal(50), fee=Decimal(0), fee_currency="USD", at=OPEN + timedelta(minutes=minutes),
    )  # fmt: skip


def tracked(minutes: float, *fills: Filled) -> Tracking:
    return tracking(plan(), fills, OPEN + timedelta(minutes=minutes))


def test_behind_and_ahead() -> None:
    found = tracked(90, fill(10, 600), fill(61, 300))
    assert [int(each) for each in (found.due, found.done, found.ahead)] == [1_500, 900, -600]
    assert found.ahead_share == -0.15
    assert found.remaining == 3_100
    assert "AAA: 600 behind schedule at 16:00:00 UTC, 900 of 4,000 done" in found._repr_html_()
    assert "100 ahead of schedule" in str(tracked(60, fill(10, 1_100)))
    assert "AAA: on schedule" in str(tracked(60, fill(10, 1_000)))


def test_every_slice_has_what_was_done_in_it() -> None:
    found = tracked(300, fill(10, 600), fill(61, 300), fill(130, 1_000), fill(260, 900))
    assert [int(each.done) for each in found.lines] == [600, 300, 1_000, 900]
    assert [int(each.done_total) for each in found.lines] == [600, 900, 1_900, 2_800]
    assert [int(each.planned_total) for each in found.lines] == [1_000, 2_000, 3_000, 4_000]
    assert list(found.to_frame()["ahead"]) == [-400, -1_100, -1_100, -1_200]


def test_what_has_not_happened_yet_does_not_count() -> None:
    found = tracked(30, fill(10, 600), fill(61, 300))
    assert found.done == 600


def test_before_the_start_nothing_is_due() -> None:
    found = tracked(-5)
    assert [int(each) for each in (found.due, found.done, found.ahead)] == [0, 0, 0]


def test_the_record() -> None:
    told = tracked(90, fill(10, 600)).to_dict()
    assert told["due"] == "1500.0"
    assert told["ahead"] == "-900.0"
    assert len(told["lines"]) == 4
    assert told["schedule"] == plan().run_id


def test_the_picture_has_plan_and_deed() -> None:
    axes = tracked(90, fill(10, 600)).plot()
    assert [line.get_label() for line in axes.get_lines()] == ["twap", "done"]
