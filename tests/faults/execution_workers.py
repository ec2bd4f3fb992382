"""The two processes of the crash test: a venue and an engine. Importable, so they can be forked."""

from __future__ import annotations

import time
from pathlib import Path

from riskplatform.execution.controls import Controls
from riskplatform.execution.engine import Engine
from riskplatform.execution.engine_rules import EngineRules
from riskplatform.execution.gateways.paper import PaperGateway
from riskplatform.execution.paper.server import serve
from riskplatform.execution.venue_time import VenueTime
from riskplatform.store.ledger import Ledger, utc_now
from tests.execution.engine_world import LOOSE, OpenGate, shares
from tests.execution.paper.paper_markets import OPEN

SPEED = 60.0
# In the venue's seconds, sixty of which are one of ours.
RULES = EngineRules(
    answer_seconds=30.0, ask_seconds=10.0, reconcile_seconds=120.0, blocked_seconds=30.0,
    retry_seconds=5.0, most_attempts=50,
)  # fmt: skip


def serve_until_killed(folder: Path) -> None:
    serve(folder, speed=SPEED)


def make_engine(ledger: Ledger, venue: Path, desk: Path) -> Engine:
    gateway = PaperGateway.connect(venue, timeout_seconds=2.0)
    return Engine(
        ledger=ledger, gateway=gateway, gate=OpenGate(),
        controls=Controls(ledger.journal, desk, utc_now),
        instruments={each.instrument_id: each for each in shares()},
        clock=VenueTime(gateway, OPEN), rates={"USD": 1.0}, rules=RULES, breakers=LOOSE,
    )  # fmt: skip


def trade_until_killed(url: str, venue: Path, desk: Path, alive: Path) -> None:
    """Turn for ever; ``alive`` is there once the first turn is done."""
    with Ledger.open(url) as ledger:
        engine = make_engine(ledger, venue, desk)
        while True:
            engine.turn()
            alive.touch()
            time.sleep(0.001)
