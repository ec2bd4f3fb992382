"""Starts attempts in processes of their own, listens to them, stops them."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from multiprocessing import connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Protocol

from riskplatform.scheduling.context import Assignment
from riskplatform.scheduling.logs import BoundedLog

_TERM_SECONDS = 2.0
_END_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended; no ``error`` means well."""

    error: str
    log: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)


class Attempt(Protocol):
    """Work that is under way."""

    def waitables(self) -> list[Any]:
        """What ``multiprocessing.connection.wait`` can wait for: something happened."""
        ...

    def outcome(self) -> Outcome | None:
        """How it ended, if it did."""
        ...

    def stop(self, reason: str) -> Outcome:
        """End it now, for this reason."""
        ...


class Worker(Protocol):
    """Who does the work of runs."""

    def start(self, assignment: Assignment) -> Attempt: ...


class Processes:
    """One process per attempt, forked from a server that has the modules loaded."""

    def __init__(self, desk: Path) -> None:
        from riskplatform.scheduling import child

        self._desk = desk
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(list(child.PRELOADED))

    def start(self, assignment: Assignment) -> ProcessAttempt:
        from riskplatform.scheduling.child import serve

        reader, writer = self._context.Pipe(duplex=False)
        process = self._context.Process(
            target=serve,
            args=(str(self._desk), assignment, writer),
            name=assignment.run_id,
        )
        with _no_main_module():
            process.start()
        # Only the child holds the writing end now: when it dies, reading ends.
        writer.close()
        return ProcessAttempt(process, reader)


@contextlib.contextmanager
def _no_main_module() -> Iterator[None]:
    """Children need nothing of the program that starts them, and must not run it a second time,
    as multiprocessing would have them do with a script or a notebook."""
    mine = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = mine


class ProcessAttempt:
    """A child process and what it has told so far."""

    def __init__(self, process: BaseProcess, reader: connection.Connection) -> None:
        self._process = process
        self._reader: connection.Connection | None = reader
        self._log = BoundedLog()
        self._inputs: dict[str, Any] = {}
        self._outputs: dict[str, Any] = {}
        self._error: str | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def waitables(self) -> list[Any]:
        return [one for one in (self._reader, self._process.sentinel) if one is not None]

    def outcome(self) -> Outcome | None:
        self._listen()
        if self._error is not None:
            # It has said how it ended; closing its connections is a moment more.
            self._process.join(_END_SECONDS)
            if self._process.is_alive():
                self._kill()
            return self._as(self._error)
        if self._reader is not None and self._process.is_alive():
            return None
        self._listen()
        self._kill()
        return self._as(f"its process ended with exit code {self._process.exitcode}")

    def stop(self, reason: str) -> Outcome:
        self._listen()
        self._signal(signal.SIGTERM)
        self._process.join(_TERM_SECONDS)
        self._kill()
        self._listen()
        return self._as(reason)

    def _kill(self) -> None:
        """The process and whatever it has started."""
        self._signal(signal.SIGKILL)
        self._process.join()

    def _signal(self, number: signal.Signals) -> None:
        pid = self._process.pid
        if pid is None:
            return
        try:
            os.killpg(pid, number)
        except (ProcessLookupError, PermissionError):
            # Not yet a group of its own, or nothing of it is left.
            if self._process.is_alive():
                os.kill(pid, number)

    def _as(self, error: str) -> Outcome:
        return Outcome(error, self._log.text(), self._inputs, self._outputs)

    def _listen(self) -> None:
        """Take in all that is there; the end of the channel is the end of the attempt."""
        try:
            while self._reader is not None and self._reader.poll():
                self._hear(*self._reader.recv())
        except (EOFError, OSError):
            if self._reader is not None:
                self._reader.close()
            self._reader = None

    def _hear(self, what: str, name: str, value: Any) -> None:
        if what == "log":
            self._log.add(value)
        elif what == "input":
            self._inputs[name] = value
        elif what == "output":
            self._outputs[name] = value
        else:
            self._error = value
