"""The desk's limits: set, checked against its book, kept, and what they leave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from riskplatform.desk import Desk
from riskplatform.desk.limit_history import KIND
from riskplatform.domain.limits import Direction, Limit
from riskplatform.errors import MissingDataError, UnknownNameError
from riskplatform.risk.limits import Light
from riskplatform.risk.quantiles import value_at_risk
from tests.ui.small_desk import AS_OF, build

pytestmark = pytest.mark.slow

DAYS = 150
LIMITS = [
    Limit(limit_id="FIRM.VAR", node="FIRM", measure="var", hard=1e9, soft=5e8),
    Limit(limit_id="FIRM.DELTA", node="FIRM", measure="delta", hard=1e4),
    Limit(limit_id="EQ.VALUE", node="EQ", measure="value", hard=1e3, direction=Direction.MIN),
    Limit(limit_id="US.ISSUER", node="EQ.US", measure="concentration", hard=0.9, soft=0.1,
          by="instrument_id"),
    Limit(limit_id="LS.GROSS", node="LS", measure="gross_value", hard=1e12,
          valid_from=date(2024, 3, 1), valid_until=date(2024, 12, 31)),
]  # fmt: skip


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with build(tmp_path_factory.mktemp("limits") / "small") as made:
        made.set_limits(LIMITS, reason="the first")
        yield made


def test_limits_of_a_day_and_of_a_node(desk: Desk) -> None:
    assert {limit.limit_id for limit in desk.limits()} >= {limit.limit_id for limit in LIMITS}
    assert "LS.GROSS" not in {limit.limit_id for limit in desk.limits(date(2024, 2, 29))}
    assert {limit.limit_id for limit in desk.limits(node="EQ")} == {"EQ.VALUE", "US.ISSUER"}
    with pytest.raises(UnknownNameError, match="Did you mean"):
        desk.limits(node="FRIM")


def test_the_check_is_that_of_the_book(desk: Desk) -> None:
    report = desk.check_limits(AS_OF, days=DAYS)
    assert {check.limit.limit_id: check.light for check in report.checks} == {
        "FIRM.VAR": Light.GREEN, "FIRM.DELTA": Light.RED, "EQ.VALUE": Light.GREEN,
        "US.ISSUER": Light.AMBER, "LS.GROSS": Light.GREEN,
    }  # fmt: skip
    book = desk.risk_book(AS_OF, scenarios=["historical"], days=DAYS)
    expected = float(value_at_risk(book.gains("FIRM"), 0.99))
    assert report["FIRM.VAR"].value == expected
    worth = desk.value(AS_OF, node="EQ").lines["value"].sum()
    assert report["EQ.VALUE"].value == pytest.approx(worth, rel=1e-9)
    delta = desk.exposures("FIRM", AS_OF).totals()["delta"]
    assert report["FIRM.DELTA"].value == pytest.approx(delta, rel=1e-9)
    some = desk.check_limits(AS_OF, node="EQ", days=DAYS)
    assert {check.limit.node for check in some.checks} == {"EQ", "EQ.US"}


def test_limits_change_nothing_that_is_held(desk: Desk) -> None:
    before = desk.ledger.book_recorded_at()
    assert before is not None
    desk.set_limits([replace(LIMITS[0], soft=4e8)])
    assert desk.ledger.book_recorded_at() == before
    assert desk.ledger.last_recorded_at() > before  # type: ignore[operator]
    desk.set_limits(LIMITS[:1])


def test_new_terms_from_a_day_on(desk: Desk) -> None:
    wider = replace(LIMITS[2], hard=2e3)
    desk.set_limits([wider], effective_from=date(2024, 3, 15), reason="wider")
    of = {day: desk.limits(day, node="EQ")[0].hard for day in (date(2024, 3, 14), AS_OF)}
    assert list(of.values()) == [1e3, 2e3]
    desk.set_limits(LIMITS[2:3])


def test_headroom_of_the_desk(desk: Desk) -> None:
    report = desk.headroom("ALPHA.US", "EQ.US", AS_OF, days=DAYS)
    buy, sell = report.lines
    # The firm's delta is far beyond its limit: buying is out, selling mends it.
    assert (buy.quantity, buy.worsened) == (0.0, ("FIRM.DELTA",))
    assert sell.cures[0][0] == "FIRM.DELTA"
    table = desk.headroom(None, "EQ.US", AS_OF, sides=["buy"], days=DAYS)
    assert {line.side.value for line in table.lines} == {"buy"}
    assert "ALPHA.US" in {line.instrument_id for line in table.lines}


def test_a_prepared_book_is_the_check(desk: Desk) -> None:
    prepared = desk.limit_book(AS_OF, scenarios=["historical"], days=DAYS)
    again = desk.check_limits(AS_OF, days=DAYS)
    values = [check.value for check in again.checks]
    assert [check.value for check in prepared.judge().checks] == values


def test_a_stress_limit_brings_its_scenarios(desk: Desk) -> None:
    wanted = Limit(limit_id="S", node="LS", measure="stress_loss", hard=1e12)
    desk.set_limits([wanted])
    report = desk.check_limits(AS_OF, node="LS", days=DAYS)
    assert report["S"].light is Light.GREEN
    assert (
        report["S"].subject
        in desk.limit_book(AS_OF, node="LS", days=DAYS).book.view("stress").labels
    )
    desk.set_limits([replace(wanted, valid_until=date(2023, 1, 1))])


def test_checks_are_kept_and_tell_of_breaches(desk: Desk) -> None:
    assert str(desk.breaches()) == "No check of limits has been kept"
    monday = date(2024, 3, 18)
    for day in (monday, AS_OF):
        report = desk.check_limits(day, days=DAYS)
        run_id = desk.record_limits_check(report)
        assert desk.record_limits_check(report) == run_id
    runs = desk.lake.read("runs", where={"kind": KIND})
    assert len(runs) == 2
    found = desk.breaches()
    assert found.days == (monday, AS_OF)
    (spell,) = found.of("FIRM.DELTA")
    assert (spell.light, spell.since, spell.until, spell.days) == (Light.RED, monday, None, 2)
    assert desk.breaches(since=date(2024, 3, 19)).days == (AS_OF,)
    assert desk.breaches(until=monday).days == (monday,)
    # Keeping a result is no news of the market.
    assert desk.check_limits(AS_OF, days=DAYS, only_built=True).breaches


def test_no_limits_are_said(desk: Desk) -> None:
    with pytest.raises(MissingDataError, match=r"in force on 2024-03-20 for EQ\.INT"):
        desk.check_limits(AS_OF, node="EQ.INT")
