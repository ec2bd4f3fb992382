"""The writer's lock on a file: one process writes, the others wait a bounded time.

The lock is ``flock``, so the operating system releases it when its owner dies, however it
dies. The lock file also says who holds it, so that the one who waits in vain can be told.
"""

from __future__ import annotations

import fcntl
import json
import os
import random
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from riskplatform.errors import StoreLockedError

FIRST_WAIT_SECONDS = 0.005
LONGEST_WAIT_SECONDS = 0.25
DEFAULT_TIMEOUT_SECONDS = 30.0


def backoff(jitter: Callable[[], float] = random.random) -> Iterator[float]:
    """Waits that grow geometrically; the jitter keeps waiting processes from marching in step."""
    ceiling = FIRST_WAIT_SECONDS
    while True:
        yield ceiling * (0.5 + 0.5 * jitter())
        ceiling = min(ceiling * 2.0, LONGEST_WAIT_SECONDS)


def wait_until(
    attempt: Callable[[], bool],
    timeout_seconds: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """Try until ``attempt`` succeeds or the time is over; at least one try is made."""
    deadline = clock() + timeout_seconds
    for wait in backoff():
        if attempt():
            return True
        left = deadline - clock()
        if left <= 0.0:
            return False
        sleep(min(wait, left))
    raise AssertionError("backoff() never ends")


def describe_self() -> str:
    """Who this process is, for the message shown to whoever waits for it."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return f"process {os.getpid()} on {socket.gethostname()} since {now}"


class FileLock:
    """An exclusive lock on ``path``, held by one ``FileLock`` object in one process.

    Use it as a context manager. It is not re-entrant: a second acquisition waits, also
    within one process, which is what keeps two threads from writing at once.
    """

    def __init__(
        self,
        path: Path,
        *,
        guards: str,
        timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.path = path
        self.guards = guards
        self.timeout_seconds = timeout_seconds
        self._sleep = sleep
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def acquire(self) -> None:
        """Take the lock, or raise :class:`StoreLockedError` that says who holds it."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            if not wait_until(
                lambda: _try_flock(descriptor), self.timeout_seconds, sleep=self._sleep
            ):
                raise StoreLockedError(
                    f"{self.guards} is being written by {self.owner() or 'another process'}; "
                    f"waited {self.timeout_seconds:g} s for {self.path}.",
                    hint="Try again when it has finished, or stop that process: "
                    "its lock ends with it.",
                )
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps({"owner": describe_self()}).encode(), 0)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back; the file stays, because removing it would race with a waiter."""
        if self._descriptor is None:
            return
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)
        self._descriptor = None

    def is_in_place(self) -> bool:
        """Whether the file that we hold is still at its path; its folder may have gone."""
        try:
            there = os.stat(self.path)
        except FileNotFoundError:
            return False
        return self._descriptor is not None and os.path.samestat(os.fstat(self._descriptor), there)

    def owner(self) -> str | None:
        """What the present owner wrote about itself, or None when nothing can be read."""
        try:
            return str(json.loads(self.path.read_text())["owner"])
        except (OSError, ValueError, KeyError, TypeError):
            return None


def _try_flock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
