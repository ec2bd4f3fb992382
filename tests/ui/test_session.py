"""What empties the workbench's memory, and what leaves it alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from riskplatform.desk import Desk
from riskplatform.domain.limits import Limit
from riskplatform.store.ledger import Event
from riskplatform.ui import session
from riskplatform.ui.session import Question
from tests.desk.conftest import move
from tests.desk.risk_desk import LAST, make

pytestmark = pytest.mark.slow


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk that is written to by another process than the one that shows it."""
    folder = tmp_path / "desk"
    make(folder).close()
    monkeypatch.setenv("RISKPLATFORM_DESK", str(folder))
    with Desk.open(folder) as opened:
        yield opened


def version(desk: Desk) -> session.Version:
    return session.version_now(desk.settings.desk)


def tell(desk: Desk, stream: str) -> None:
    desk.ledger.journal.append([Event(stream, "one", 0, {"kind": "x"})], actor="a", action="tell")


def test_jobs_orders_and_kept_results_leave_the_answers_as_they_are(desk: Desk) -> None:
    before = version(desk)
    valued = session.valuation(Question(before, "growth", LAST, "USD"))
    for stream in ("run", "order", "execution", "gate", "proposal", "trial"):
        tell(desk, stream)
    assert version(desk) == before
    desk.kill_execution(reason="a remark")
    assert version(desk) == before
    desk.risk_book(LAST)
    desk.record_cubes()
    desk.record_exposures(desk.exposures("growth", LAST))
    messages = desk.lake.snapshots()["message"].dropna().tolist()
    assert messages[0] == "cubes described"
    assert messages[1].startswith("exposures ")
    assert version(desk) == before
    assert session.valuation(Question(version(desk), "growth", LAST, "USD")) is valued


def test_book_limits_and_market_empty_it(desk: Desk) -> None:
    seen = [version(desk)]
    desk.add_transactions(
        [move("late", "opening", 6, instrument_id="ALFA.XNYS", quantity=1)], reason="late"
    )
    seen.append(version(desk))
    desk.set_limits(
        [Limit(limit_id="L", node="growth", measure="gross_value", hard=1e9)], reason="test"
    )
    seen.append(version(desk))
    desk.ledger.void("late", actor="ann", reason="never was")
    seen.append(version(desk))
    price = pd.DataFrame(
        [("ALFA.XNYS", LAST, 60.0, 1_000.0, "later")],
        columns=["instrument_id", "date", "close", "volume", "source"],
    )
    desk.lake.write("prices", price, mode="replace_keys")
    seen.append(version(desk))
    assert len(set(seen)) == len(seen)


def test_records_are_as_they_are_now_whatever_was_remembered(desk: Desk) -> None:
    now = version(desk)
    entries, states = session.audit_entries(now, 5), session.snapshots(now)
    assert session.audit_entries(now, 5) is entries
    assert session.snapshots(now) is states
    tell(desk, "run")
    desk.record_exposures(desk.exposures("growth", LAST))
    assert version(desk) == now
    assert session.audit_entries(now, 5)[-1].sequence == entries[-1].sequence + 1
    assert len(session.snapshots(now)) > len(states)
