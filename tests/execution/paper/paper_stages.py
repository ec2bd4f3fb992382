"""The paper venue as a stage of the acceptance suite: in this process, and in one of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from riskplatform.execution.gateways.paper import PaperGateway
from riskplatform.execution.gateways.paper_channel import LocalChannel
from riskplatform.execution.paper.handshake import DATABASE_FILE
from riskplatform.execution.paper.market import DayMarket, Listing, Tick
from riskplatform.execution.paper.rules import Latency, VenueRules
from riskplatform.execution.paper.server import create_venue
from riskplatform.execution.paper.service import PaperService
from riskplatform.execution.paper.store import VenueStore
from tests.execution.gateway_acceptance import Stage
from tests.execution.paper.paper_markets import CLOSE, DAY, OPEN

RULES = VenueRules(
    levels=2,
    participation=Decimal("0.5"),
    latency=Latency(fixed_ms=1.0, mean_extra_ms=2.0),
)


def still_market(name: str = Stage.instrument_id) -> DayMarket:
    """A trade of 40 at 100 every ten seconds; a hundred shown on each side."""
    count = int((CLOSE - OPEN).total_seconds() // 10)
    ticks = tuple(
        Tick(
            at=OPEN + timedelta(seconds=10 * number),
            price=Decimal(100), size=Decimal(40),
            bid=Stage.bid, ask=Stage.ask, bid_size=Decimal(100), ask_size=Decimal(100),
        )
        for number in range(count)
    )  # fmt: skip
    listing = Listing(
        instrument_id=name, currency="USD", opens_at=OPEN, closes_at=CLOSE, ticks=ticks
    )
    return DayMarket(day=DAY, listings=(listing,))


class PaperStage(Stage):
    """A venue that stands still until it is told to go on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        create_venue(folder, RULES, seed=11)
        self.start()
        self.connect().open_day(still_market())

    def start(self) -> None:
        raise NotImplementedError

    def connect(self) -> PaperGateway:
        raise NotImplementedError

    def stop(self) -> None:
        raise NotImplementedError

    def go_on(self, seconds: float = 1.0) -> None:
        with contextlib.closing(self.connect()) as gateway:
            gateway.advance(gateway.now() + timedelta(seconds=seconds))

    def end_day(self) -> None:
        with contextlib.closing(self.connect()) as gateway:
            gateway.advance(CLOSE + timedelta(seconds=1))


class PaperWithin(PaperStage):
    """In this process; a restart forgets all but the file."""

    service: PaperService

    def start(self) -> None:
        self.service = PaperService(VenueStore.open(self.folder / DATABASE_FILE))

    def connect(self) -> PaperGateway:
        return PaperGateway(_Latest(self))

    def restart(self) -> None:
        self.start()

    def stop(self) -> None:
        self.service.close()


class _Latest:
    """A channel to whatever service the stage has now, as a socket would find it."""

    def __init__(self, stage: PaperWithin) -> None:
        self._stage = stage

    def ask(self, do: str, **terms: object) -> object:
        return LocalChannel(self._stage.service).ask(do, **terms)

    def close(self) -> None:
        """Nothing is held."""


class PaperProcess(PaperStage):
    """A process of its own, ended by SIGKILL."""

    process: subprocess.Popen[str]

    def start(self) -> None:
        self.process = start_process(self.folder)

    def connect(self) -> PaperGateway:
        return PaperGateway.connect(self.folder)

    def restart(self) -> None:
        self.stop()
        self.start()

    def stop(self) -> None:
        kill(self.process)


def start_process(folder: Path, arguments: Sequence[str] = ()) -> subprocess.Popen[str]:
    """The server; returns when it listens."""
    command = [sys.executable, "-m", "riskplatform.execution.paper.serve", str(folder), *arguments]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    assert process.stdout is not None
    assert process.stderr is not None
    if not process.stdout.readline().strip().isdigit():
        raise AssertionError(f"the server did not start: {process.stderr.read()}")
    return process


def kill(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
    process.communicate()
