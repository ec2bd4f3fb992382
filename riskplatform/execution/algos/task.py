"""What is to be scheduled: a parent, its market, and from when to when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import UserInputError
from riskplatform.execution.algos.parts import Part, trading_parts
from riskplatform.execution.algos.schedule import ZERO, Schedule, Slice
from riskplatform.execution.algos.volume_profile import VolumeProfile, assumed_profile
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.lot_schedule import lot_schedule, participation_caps


@dataclass(frozen=True, kw_only=True)
class Task:
    """``quantity`` is signed. ``day_volume`` is expected on a usual day, in units, and nothing is
    held to a participation where it is not known.

    ``randomness`` is by how much, as a share, a slice may be larger or smaller than planned and
    how far into its part it may begin; ``seed`` makes the same schedule again.
    """

    instrument_id: str
    quantity: Decimal
    calendar: str
    start: datetime
    end: datetime
    lot: Decimal = Decimal(1)
    minutes: float = 15.0
    day_volume: float | None = None
    participation: float = 0.1
    profile: VolumeProfile = field(default_factory=assumed_profile)
    randomness: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.quantity.is_finite() or not self.quantity:
            raise UserInputError(f"A schedule of {self.quantity} {self.instrument_id} is none.")
        if not 0.0 < self.participation <= 1.0:
            raise UserInputError(
                f"A participation of {self.participation:g}.", hint="Give a share, such as 0.1."
            )
        if not 0.0 <= self.randomness < 1.0:
            raise UserInputError(
                f"A randomness of {self.randomness:g}.", hint="Give a share from 0, below 1."
            )
        if self.day_volume is not None and not self.day_volume >= 0.0:
            raise UserInputError(f"A day's volume of {self.day_volume:g} units.")

    def parts(self) -> tuple[Part, ...]:
        return trading_parts(self.calendar, self.start, self.end, self.minutes)

    def volumes(self, parts: Sequence[Part]) -> FloatArray | None:
        """Expected in each part; None where the day's is not known."""
        return None if self.day_volume is None else self.profile.volumes(parts, self.day_volume)


def scheduled(task: Task, algorithm: str, parts: Sequence[Part], shares: ArrayLike) -> Schedule:
    """Shares of the parent by part as slices of whole lots, none above the participation."""
    rng = np.random.default_rng(task.seed)
    wanted = np.asarray(shares, dtype=np.float64)
    wanted = _shaken(wanted, task.randomness, rng)
    volumes = task.volumes(parts)
    caps = None if volumes is None else participation_caps(volumes, task.participation)
    found = lot_schedule(task.quantity, wanted, task.lot, caps)
    waits = task.randomness * rng.uniform(0.0, 1.0, wanted.size)
    slices = []
    for i, (part, quantity) in enumerate(zip(parts, found.children, strict=True)):
        if quantity:
            start = _later(part, float(waits[i]))
            slices.append(Slice(start, part.end, abs(quantity), None if caps is None else caps[i]))
    return Schedule(
        algorithm=algorithm,
        instrument_id=task.instrument_id,
        quantity=task.quantity,
        slices=tuple(slices),
        left=abs(found.left) if found.left else ZERO,
        inputs=_inputs(task),
    )


def _shaken(wanted: FloatArray, randomness: float, rng: np.random.Generator) -> FloatArray:
    """Each larger or smaller by at most the randomness, and all together the same."""
    draws = rng.uniform(-1.0, 1.0, wanted.size)
    whole = wanted.sum()
    if not randomness or not whole > 0.0:
        return wanted
    draws = draws - draws @ wanted / whole
    return np.asarray(wanted * (1.0 + randomness * draws / max(float(np.abs(draws).max()), 1.0)))


def _later(part: Part, share: float) -> datetime:
    """So far into a part, not counting a break in it."""
    at = part.start + part.length * share
    for (_, closes), (opens, _) in zip(part.session.spans, part.session.spans[1:], strict=False):
        if part.start < closes <= at:
            at += opens - closes
    return min(at, part.end)


def _inputs(task: Task) -> dict[str, str]:
    return {
        "calendar": task.calendar,
        "start": task.start.isoformat(),
        "end": task.end.isoformat(),
        "lot": f"{task.lot:f}",
        "minutes": f"{task.minutes:g}",
        "day_volume": "unknown" if task.day_volume is None else f"{task.day_volume:.15g}",
        "participation": f"{task.participation:g}",
        "volume_profile": task.profile.model_id,
        "randomness": f"{task.randomness:g}",
        "seed": str(task.seed),
    }
