"""In the process that does the work of one attempt, and ends with it.

It is forked from a server that has the desk's modules loaded, so that it starts in a moment; it
can be killed without harm to the scheduler, and takes its memory with it.
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
import signal
import threading
import traceback
from multiprocessing import connection
from typing import Any

from riskplatform.desk import Desk
from riskplatform.errors import RiskPlatformError
from riskplatform.project.job_language.kinds import terms_of
from riskplatform.scheduling.context import Assignment, RunContext
from riskplatform.scheduling.kinds import work_of

# Loaded once in the server that children are forked from.
PRELOADED = (
    "riskplatform.scheduling.child",
    "pandas",
    "sqlalchemy.dialects.sqlite",
    "riskplatform.store.ledger",
    "riskplatform.store.lake",
)
_MOST_AT_ONCE = 16_000


class Channel:
    """To the scheduler: log, inputs, outputs, the end. Threads of a job may share it."""

    def __init__(self, writer: connection.Connection) -> None:
        self._writer = writer
        self._guard = threading.Lock()

    def tell(self, what: str, name: str, value: Any) -> None:
        with self._guard, contextlib.suppress(BrokenPipeError):
            self._writer.send((what, name, value))


class _Lines(io.TextIOBase):
    """Standard output of a job goes into its log."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        for start in range(0, len(text), _MOST_AT_ONCE):
            self._channel.tell("log", "", text[start : start + _MOST_AT_ONCE])
        return len(text)


def serve(folder: str, assignment: Assignment, writer: connection.Connection) -> None:
    """Do the work and tell how it ended."""
    # A group of its own: what the work starts ends with it, and a terminal's Ctrl-C reaches only
    # the scheduler, which decides when a run ends.
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _end_with_parent()
    channel = Channel(writer)
    lines = _Lines(channel)
    with contextlib.redirect_stdout(lines), contextlib.redirect_stderr(lines):
        error = _attempt(folder, assignment, channel)
    channel.tell("end", "", error)
    writer.close()


def _attempt(folder: str, assignment: Assignment, channel: Channel) -> str:
    """What went wrong, or nothing."""
    try:
        work = work_of(assignment.kind)
        parameters = terms_of(assignment.kind, assignment.parameters)
        with Desk.open(folder, actor=f"job {assignment.job_id}") as desk:
            work(desk, parameters, RunContext(assignment, channel.tell))
    except RiskPlatformError as error:
        return str(error)
    except (Exception, SystemExit) as error:
        channel.tell("log", "", traceback.format_exc())
        return f"{type(error).__name__}: {error}"
    return ""


def _end_with_parent() -> None:
    """A run whose scheduler died is taken over elsewhere: nothing of it may go on here."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        connection.wait([parent.sentinel])
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, name="end with parent", daemon=True).start()
