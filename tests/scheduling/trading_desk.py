"""The small desk of risk with a limit, a gate and a paper venue of its last day."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from riskplatform.desk import Desk
from riskplatform.domain.limits import Limit
from riskplatform.execution.gateways.paper import PaperGateway
from riskplatform.execution.paper.handshake import DATABASE_FILE
from riskplatform.execution.paper.service import PaperService
from riskplatform.execution.paper.store import VenueStore
from tests.desk.risk_desk import LAST, make

# Both exchanges are open: Frankfurt until 16:30 and New York from 14:30.
OPEN = datetime(2026, 3, 6, 14, 40, tzinfo=UTC)
# Nobody else trades in this small market: its whole volume may be taken.
GATE = """\
size: {volume_share: 1}
day: {volume_share: 1}
fresh: {seconds: 300}
messages: {at_most: 1000, seconds: 1}
"""
TRADE: dict[str, Any] = {"hours": 0.5, "participation": None, "step_seconds": 60.0}


def make_trading_desk(path: Path) -> None:
    """In this folder."""
    with make(path) as desk:
        limit = Limit(limit_id="growth", node="growth", measure="gross_value", hard=1e6)
        desk.set_limits([limit], reason="test")
        desk.begin_paper_venue(day=LAST, seed=3)
    (path / "gate.yaml").write_text(GATE, encoding="utf-8")


def with_policies(desk: Desk) -> None:
    """One that lets nothing through, and one that lets everything through."""
    for name, turnover in (("narrow", 0.01), ("wide", 2.0)):
        folder = desk.settings.desk / "models" / f"{name}-approval"
        folder.mkdir()
        (folder / "card.md").write_text("For tests.\n")
        (folder / "model.yaml").write_text(
            f"title: {name}\npurpose: tests\nowner: tests\nstatus: approved\nversion: 1\n"
            "parameters:\n  approval_mode: auto_within\n"
            f"  guards: {{turnover: {turnover}}}\nlimitations: for tests\n"
        )


@contextlib.contextmanager
def serving(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[PaperService]:
    """The desk's venue in this process, at a time at which both exchanges trade."""
    service = PaperService(VenueStore.open(desk.paper_folder() / DATABASE_FILE))
    PaperGateway.within(service).advance(OPEN)
    with monkeypatch.context() as patch:
        patch.setattr(Desk, "paper_gateway", lambda *_: PaperGateway.within(service))
        yield service
    service.close()
