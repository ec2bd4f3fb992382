"""Real scheduler processes on a desk, and ways to wait for what they do."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from riskplatform.desk.desk import Desk, utc_now
from riskplatform.scheduling.claims import Claimant
from riskplatform.scheduling.dispatcher import Dispatcher
from riskplatform.store.lock import wait_until
from tests.scheduling.world import ManualWorker

DEADLINE_SECONDS = 150.0
# A shell that starts the tests in the background has Ctrl-C ignored; a terminal has not.
_PROGRAM = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from riskplatform.cli.main import main; main()"
)


def await_that(holds: Callable[[], bool], what: str) -> None:
    """Look until it holds; a test that waits in vain says for what."""
    assert wait_until(holds, DEADLINE_SECONDS), f"in vain: {what}"


def watch_since(folder: Path, ago: timedelta, **settings: str) -> None:
    """As if a scheduler had begun to follow the jobs so long ago, and then was not there."""
    with Desk.open(folder, clock=lambda: utc_now() - ago, **settings) as desk:
        who = Claimant("before", timedelta(minutes=1))
        Dispatcher(
            desk=desk, who=who, worker=ManualWorker(), steady=lambda: 0.0, announce=lambda _: None
        ).follow(desk.jobs())


class Process:
    """A command of ``riskplatform`` in a process of its own."""

    def __init__(self, folder: Path, *command: str, ledger_url: str | None = None) -> None:
        environment = {**os.environ, "RISKPLATFORM_DESK": str(folder)}
        if ledger_url is not None:
            environment["RISKPLATFORM_LEDGER_URL"] = ledger_url
        self._log = folder / f"process-{len(list(folder.glob('process-*')))}.log"
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM, *command],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def said(self) -> str:
        return self._log.read_text()

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Its exit code after a signal."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        return self.process.wait(DEADLINE_SECONDS)


@contextlib.contextmanager
def running(made: list[Process]) -> Iterator[list[Process]]:
    """None of them outlives the test."""
    try:
        yield made
    finally:
        for one in made:
            if one.process.poll() is None:
                one.process.kill()
                one.process.wait()


def schedulers(
    folder: Path, count: int, *options: str, ledger_url: str | None = None
) -> contextlib.AbstractContextManager[list[Process]]:
    """So many at once."""
    command = ("scheduler", "start", *options)
    return running([Process(folder, *command, ledger_url=ledger_url) for _ in range(count)])


def is_alive(pid: int) -> bool:
    """Whether there is such a process that is not a mere remainder."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
