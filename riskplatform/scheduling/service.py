"""The scheduler as a process in the foreground: a loop around the dispatcher, alarms, signals."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from multiprocessing import connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskplatform.desk.scheduler_presence import present
from riskplatform.errors import StoreError
from riskplatform.project.job_language import JobLibrary
from riskplatform.project.job_language.library import FOLDER
from riskplatform.scheduling.claims import Claimant
from riskplatform.scheduling.dispatcher import Dispatcher
from riskplatform.scheduling.workers import Processes, Worker

if TYPE_CHECKING:
    from riskplatform.desk import Desk

LEASE = timedelta(minutes=2)
_LOOK_SECONDS = 2.0
_JUMP = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Options:
    """``slots``: so many runs at a time. ``patience``: how long a stop waits for runs."""

    slots: int = 2
    lease: timedelta = LEASE
    patience: timedelta = timedelta(seconds=30)
    until_idle: bool = False
    """End when nothing is due and nothing runs, instead of waiting for what is due next."""


class Stop:
    """Set by a signal, seen by the loop; a second signal asks for haste."""

    def __init__(self) -> None:
        self.times = 0
        self.reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        os.set_blocking(self.reader, False)

    def wake(self) -> None:
        """Make the loop look now; a full pipe will wake it anyway."""
        with contextlib.suppress(BlockingIOError, OSError):
            os.write(self._writer, b"!")

    def ask(self, *_: Any) -> None:
        self.times += 1
        self.wake()

    def drain(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while os.read(self.reader, 4096):
                pass

    def close(self) -> None:
        os.close(self.reader)
        os.close(self._writer)

    @contextlib.contextmanager
    def by_signals(self) -> Iterator[None]:
        """SIGTERM and Ctrl-C ask for the end while this lasts."""
        before = {number: signal.signal(number, self.ask) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            self.close()


_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Service:
    """One scheduler of a desk. ``steady`` never jumps; the wall clock is the desk's."""

    def __init__(
        self,
        desk: Desk,
        identity: str,
        options: Options,
        announce: Callable[[str], None],
        *,
        worker: Worker | None = None,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._desk = desk
        self._identity = identity
        self._options = options
        self._announce = announce
        self._steady = steady
        self._seen: object = None
        self._clock: tuple[datetime, float] | None = None
        # Leases are extended by the loop, so it must come round several times in one.
        self._pause = min(_LOOK_SECONDS, options.lease.total_seconds() / 6)
        self.dispatcher = Dispatcher(
            desk=desk,
            who=Claimant(identity, options.lease),
            worker=worker or Processes(desk.settings.desk),
            steady=steady,
            announce=announce,
            slots=options.slots,
        )

    def run(self) -> int:
        """Until a signal comes; 0 when every run was brought to its end."""
        from riskplatform.scheduling.alarms import Alarms

        stop = Stop()
        with stop.by_signals(), present(self._desk, self._identity):
            alarms = Alarms(alarm_url(self._desk), stop.wake)
            self._without_fail(alarms.start)
            try:
                while not stop.times:
                    if self._reload() is not None:
                        self._without_fail(partial(alarms.set, self.dispatcher.library))
                    self.look()
                    if self._options.until_idle and self.is_idle():
                        break
                    self._wait(stop)
                return self._end(stop)
            finally:
                self.dispatcher.stop_all("the scheduler ended by an error")
                self._without_fail(alarms.stop)

    def _without_fail(self, action: Callable[[], None]) -> None:
        """Alarms only make the loop look in the right moment; without them it looks anyway."""
        try:
            action()
        except Exception as error:
            words = str(error).partition("\n")[0]
            self._announce(f"no alarms, the loop looks every {self._pause:g} s: {words}")

    def look(self) -> None:
        """One step; a store that is busy or away for a while only postpones it."""
        try:
            self._watch_clock()
            self.dispatcher.step()
        except StoreError as error:
            self._announce(f"{self._desk.now():%H:%M:%S} the store: {error.message}")

    def is_idle(self) -> bool:
        """Nothing runs here or elsewhere, and nothing could be claimed in the last step."""
        return not self.dispatcher.active and not self.dispatcher.book.open_runs()

    def _reload(self) -> JobLibrary | None:
        """The jobs, when a file of theirs has changed since the last look."""
        seen = _state_of(self._desk.settings.desk / FOLDER)
        if seen == self._seen:
            return None
        try:
            library = self._desk.jobs()
            self.dispatcher.follow(library)
        except StoreError as error:
            self._announce(f"{self._desk.now():%H:%M:%S} the store: {error.message}")
            return None
        self._seen = seen
        for problem in library.problems:
            self._announce(f"not scheduled: {problem}")
        return library

    def _watch_clock(self) -> None:
        """Says when the wall clock jumps; decisions about a future that is not are taken back."""
        now = (self._desk.now(), self._steady())
        before, self._clock = self._clock, now
        if before is None:
            self.dispatcher.clock_went_back()
            return
        jump = now[0] - before[0] - timedelta(seconds=now[1] - before[1])
        if abs(jump) > _JUMP:
            way = "forward" if jump > timedelta() else "back"
            self._announce(f"{now[0]:%H:%M:%S} the clock went {way} by {abs(jump)}")
            if way == "back":
                self.dispatcher.clock_went_back()

    def _wait(self, stop: Stop) -> None:
        connection.wait([stop.reader, *self.dispatcher.waitables()], timeout=self._pause)
        stop.drain()

    def _end(self, stop: Stop) -> int:
        """Runs may end in their own time for a while, then they are cut off."""
        asked, deadline = stop.times, self._steady() + self._options.patience.total_seconds()
        if self.dispatcher.active:
            count = len(self.dispatcher.active)
            self._announce(f"{self._desk.now():%H:%M:%S} ending; {count} runs are still going")
        while self.dispatcher.active and stop.times <= asked and self._steady() < deadline:
            self._wait(stop)
            with contextlib.suppress(StoreError):
                self.dispatcher.step(claiming=False)
        left = len(self.dispatcher.active)
        self.dispatcher.stop_all("the scheduler was stopped")
        return 1 if left else 0


def alarm_url(desk: Desk) -> str:
    """Of the alarms' own file beside a ledger in a file, or their own table beside the ledger's."""
    url = desk.settings.ledger_url
    prefix = "sqlite:///"
    if not url.startswith(prefix):
        return url
    ledger = desk.settings.path(url.removeprefix(prefix))
    return f"{prefix}{ledger.with_name('scheduler.sqlite')}"


def _state_of(folder: Path) -> object:
    """Changes with the files of a folder."""
    found = []
    for file in sorted(folder.glob("*")):
        with contextlib.suppress(FileNotFoundError):
            stat = file.stat()
            found.append((file.name, stat.st_mtime_ns, stat.st_size))
    return tuple(found)
