"""Builds of cubes behind the page: one for each request, shared by all sessions of the server.

A build runs in a thread of its own. Threads are daemons: a server that ends leaves a part of a
cube, which the next build goes on with.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from riskplatform.errors import RiskPlatformError
from riskplatform.ui import session
from riskplatform.ui.simulation_makers import Asked

Tell = Callable[[int, int], None]
Work = Callable[[Asked, Tell], str]
_LOOK_SECONDS = 0.2
_ENDED_KEPT = 32


class State(StrEnum):
    """How far a build is."""

    WAITING = "waits for another build to end"
    SCENARIOS = "making the scenarios"
    PRICING = "pricing units"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


_ENDS = (State.DONE, State.STOPPED, State.FAILED)


class StopAskedError(Exception):
    """Ends a build at the person's wish; blocks that are done stay."""


@dataclass(frozen=True, slots=True)
class View:
    """A build at one moment."""

    state: State
    is_stopping: bool
    done: int
    total: int
    built: int
    """Rows that this build itself has priced."""
    seconds: float
    seconds_left: float | None
    cube_id: str | None
    problem: RiskPlatformError | None

    @property
    def has_ended(self) -> bool:
        return self.state in _ENDS

    @property
    def share(self) -> float:
        return self.done / self.total if self.total else 0.0


class Build:
    """One build: told by the work how far it is, asked by pages."""

    def __init__(self, asked: Asked, clock: Callable[[], float] = time.monotonic) -> None:
        self.asked = asked
        self._clock = clock
        self._guard = threading.Lock()
        self._stop, self._end = threading.Event(), threading.Event()
        self._state = State.WAITING
        self._began = self._told = clock()
        self._first_told: float | None = None
        self._first = self._done = self._total = 0
        self._cube_id: str | None = None
        self._problem: RiskPlatformError | None = None

    def stop(self) -> None:
        """Ask for the end: it comes after the block that is being priced."""
        self._stop.set()

    def wait(self, seconds: float) -> bool:
        """Whether it has ended, after so many seconds at most."""
        return self._end.wait(seconds)

    def tell(self, done: int, total: int) -> None:
        """Called by the work after each block of rows."""
        now = self._clock()
        with self._guard:
            if self._first_told is None:
                self._first_told, self._first = now, done
            self._state, self._told = State.PRICING, now
            self._done, self._total = done, total
        if self._stop.is_set():
            raise StopAskedError

    def view(self) -> View:
        """What there is to show now."""
        with self._guard:
            now = self._told if self._state in _ENDS else self._clock()
            return View(
                self._state, self._stop.is_set(), self._done, self._total, self._done - self._first,
                now - self._began, self._seconds_left(now), self._cube_id, self._problem,
            )  # fmt: skip

    def _seconds_left(self, now: float) -> float | None:
        """By the speed so far; not known before the first block."""
        built = self._done - self._first
        if self._first_told is None or built <= 0:
            return None
        at_told = (self._told - self._first_told) / built * (self._total - self._done)
        return max(0.0, at_told - (now - self._told))

    def run(self, work: Work, turn: threading.Lock) -> None:
        """Do the work when it is our turn; whatever happens is kept for the page to show."""
        end, cube_id, problem = State.FAILED, None, None
        try:
            while not turn.acquire(timeout=_LOOK_SECONDS):
                if self._stop.is_set():
                    raise StopAskedError
            try:
                self._reach(State.SCENARIOS)
                cube_id = work(self.asked, self.tell)
            finally:
                turn.release()
            end = State.DONE
        except StopAskedError:
            end = State.STOPPED
        except RiskPlatformError as error:
            problem = error
        except Exception as error:
            logging.getLogger(__name__).exception("The build of a cube failed")
            problem = RiskPlatformError(
                f"The build ended by an error of the program ({type(error).__name__}).",
                hint="The server's log has the details.",
            )
        finally:
            with self._guard:
                self._state, self._cube_id, self._problem = end, cube_id, problem
                self._told = self._clock()
            self._end.set()

    def _reach(self, state: State) -> None:
        with self._guard:
            self._state = state


def build_on_desk(asked: Asked, tell: Tell) -> str:
    """The cube of a request, opened or built on the desk that the sessions share.

    Not on one of its own: the lake cannot be opened anew in a process that has written to it. For
    that reason the lake's table of cubes is left to `riskplatform cube build` and to a removal.
    """
    desk = session.open_desk(asked.folder)
    return desk.cube(asked.recipe(), asked.as_of, progress=tell, **asked.history()).cube_id


class Builds:
    """All builds of a server. One works at a time, others wait: memory stays bounded."""

    def __init__(self, work: Work = build_on_desk) -> None:
        self._work = work
        self._guard, self._turn = threading.Lock(), threading.Lock()
        self._builds: dict[Asked, Build] = {}

    def start(self, asked: Asked) -> Build:
        """The build of this request that is running, or a new one."""
        with self._guard:
            known = self._builds.get(asked)
            if known is not None and not known.view().has_ended:
                return known
            build = self._builds[asked] = Build(asked)
            ended = [key for key, each in self._builds.items() if each.view().has_ended]
            for key in ended[:-_ENDED_KEPT]:
                del self._builds[key]
            threading.Thread(
                target=build.run, args=(self._work, self._turn), name="cube build", daemon=True
            ).start()
            return build

    def find(self, asked: Asked | None) -> Build | None:
        """The newest build of a request."""
        with self._guard:
            return self._builds.get(asked) if asked is not None else None

    def running(self, folder: str) -> list[Build]:
        """What is being built on a desk, whoever asked for it."""
        with self._guard:
            return [build for build in self._builds.values()
                    if build.asked.folder == folder and not build.view().has_ended]  # fmt: skip


BUILDS = Builds()
"""Those of this server process."""
