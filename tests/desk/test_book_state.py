"""A run id changes with what its number stands on, and with nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from riskplatform.desk import Desk
from riskplatform.domain.limits import Limit
from riskplatform.store.ledger import Event
from tests.desk.conftest import move, node
from tests.desk.risk_desk import LAST, make

pytestmark = pytest.mark.slow

LOOSE = Limit(limit_id="gross", node="growth", measure="gross_value", hard=1e9)


@pytest.fixture
def held(tmp_path: Path) -> Any:
    """A desk of its own for each test, with one limit."""
    with make(tmp_path / "desk") as desk:
        desk.set_limits([LOOSE], reason="test")
        yield desk


ASKED: dict[str, Callable[[Desk], Any]] = {
    "value": lambda desk: desk.value(LAST, node="growth").provenance,
    "history": lambda desk: desk.history(None, LAST, node="growth").provenance,
    "explain": lambda desk: desk.explain("growth", as_of=LAST).provenance,
    "risk": lambda desk: desk.risk("growth", LAST).provenance,
    "what-if": lambda desk: desk.what_if("growth: ALFA.XNYS +1").provenance,
    "alerts": lambda desk: desk.backtest_alerts(LAST, nodes=["growth"]).provenance,
    "fragile": lambda desk: desk.fragile_directions("growth", LAST).provenance,
}
OF_TRADING: dict[str, Callable[[Desk], Any]] = {
    "trading costs": lambda desk: desk.tca_report(until=LAST).provenance,
}
OF_LIMITS: dict[str, Callable[[Desk], Any]] = {
    "limits": lambda desk: desk.check_limits(LAST).provenance,
}


def run_ids(desk: Desk, asked: dict[str, Callable[[Desk], Any]]) -> dict[str, str]:
    return {name: ask(desk).run_id for name, ask in asked.items()}


def tell(desk: Desk, stream: str) -> None:
    desk.ledger.journal.append([Event(stream, "one", 0, {"kind": "x"})], actor="a", action="tell")


def test_what_jobs_and_orders_say_changes_no_run_id_of_the_book(held: Desk) -> None:
    before = run_ids(held, ASKED | OF_LIMITS)
    costs = run_ids(held, OF_TRADING)
    known = held.ledger.last_recorded_at()
    tell(held, "run")
    assert held.ledger.last_recorded_at() != known
    assert run_ids(held, OF_TRADING) == costs, "a job trades nothing"
    held.kill_execution(reason="a remark in the journal too")
    assert run_ids(held, ASKED | OF_LIMITS) == before
    tell(held, "execution-of-others")
    assert run_ids(held, OF_TRADING) == costs


@pytest.mark.parametrize(
    "change",
    [
        lambda desk: desk.add_transactions(
            [move("late", "opening", 6, instrument_id="ALFA.XNYS", quantity=1)], reason="late"
        ),
        lambda desk: desk.ledger.void("t2", actor="ann", reason="never was"),
        lambda desk: desk.put_instruments(
            [replace(desk.instruments()["ALFA.XNYS"], name="Alfa plc")]
        ),
        lambda desk: desk.put_portfolios([node("extra", "fund", "book")]),
    ],
    ids=["transaction", "correction", "terms", "tree"],
)
def test_what_a_number_stands_on_changes_its_run_id(
    held: Desk, change: Callable[[Desk], object]
) -> None:
    before = run_ids(held, ASKED | OF_LIMITS | OF_TRADING)
    change(held)
    after = run_ids(held, ASKED | OF_LIMITS | OF_TRADING)
    assert [name for name in before if after[name] == before[name]] == []


def test_limits_change_the_run_id_of_what_they_judge_and_of_nothing_else(held: Desk) -> None:
    judged, free = run_ids(held, OF_LIMITS), run_ids(held, {"risk": ASKED["risk"]})
    held.set_limits([replace(LOOSE, hard=2e9)], reason="more room")
    assert run_ids(held, OF_LIMITS) != judged
    assert run_ids(held, {"risk": ASKED["risk"]}) == free


def test_a_number_of_what_was_known_keeps_its_run_id_whatever_is_said_later(held: Desk) -> None:
    first = held.value(LAST)
    tell(held, "order")
    known = held.ledger.last_recorded_at()
    assert held.value(LAST, recorded=known).provenance.run_id == first.provenance.run_id
    held.add_transactions(
        [move("late", "opening", 6, instrument_id="ALFA.XNYS", quantity=1)], reason="late"
    )
    assert held.value(LAST, recorded=known).provenance.run_id == first.provenance.run_id
    assert held.value(LAST).provenance.run_id != first.provenance.run_id
