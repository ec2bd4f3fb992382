"""How long a run has shown no sign of life, by our own steady clock.

Wall clocks of machines differ and jump, so no lease is compared with one. Whoever wants to take a
run over must itself have watched it stand still for longer than the lease, as its owner stops the
work when it could not extend the lease for so long.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from riskplatform.desk.run_book import Run

# The owner stops at one lease; half of another is room for it to do so.
PATIENCE = 1.5


class Sightings:
    """When each open run of others was last seen to have moved."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, float]] = {}

    def look(self, runs: Iterable[Run], now_seconds: float) -> list[Run]:
        """The runs that have stood still for too long. ``now_seconds`` is of a steady clock."""
        known, self._seen = self._seen, {}
        dead = []
        for run in runs:
            before = known.get(run.run_id)
            moved = before is None or before[0] != run.row_key
            since = now_seconds if before is None or moved else before[1]
            self._seen[run.run_id] = (run.row_key, since)
            if timedelta(seconds=now_seconds - since) >= run.lease * PATIENCE:
                dead.append(run)
        return dead
