"""The venue's time: it stands until it is moved, or runs at a speed."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from riskplatform.errors import UserInputError

# How far, in seconds of the wall clock, a running venue may be ahead of its last durable time.
LEASE_SECONDS = 2.0


class VenueClock:
    """``speed`` venue seconds pass in a second of the wall clock; 0 stands until moved."""

    def __init__(
        self, start: datetime, speed: float, wall: Callable[[], float] = time.monotonic
    ) -> None:
        if not 0.0 <= speed <= 1_000_000.0:
            raise UserInputError(
                f"A speed of {speed} is none.",
                hint="1 is real time, 60 a minute in a second, 0 stands until it is moved.",
            )
        self.speed, self._wall = speed, wall
        self._from, self._since = start, wall()

    def now(self) -> datetime:
        if not self.speed:
            return self._from
        return self._from + timedelta(seconds=self.speed * (self._wall() - self._since))

    def move(self, to: datetime) -> None:
        """Go on to ``to`` at once; time never goes back."""
        now = self.now()
        if to < now:
            raise UserInputError(f"The venue's time is {now}; it does not go back to {to}.")
        self._from, self._since = to, self._wall()

    @property
    def lease(self) -> timedelta:
        """How far ahead a durable time is written, so that a restart never goes back."""
        return timedelta(seconds=self.speed * LEASE_SECONDS)
