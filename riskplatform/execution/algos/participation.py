"""Following the volume that there is: how much may go out now, as a function of what was seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from riskplatform.errors import UserInputError

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Participation:
    """``total`` is to be traded (without sign) at ``share`` of the market's volume, in ``lot``.

    ``seen`` is the volume of the market since the start, our own trades in it; ``released`` is what
    was sent so far, less what came back. ``most`` bounds one step as a share of its own volume, so
    that a backlog is not caught up at once.
    """

    total: Decimal
    share: Decimal
    lot: Decimal = Decimal(1)
    most: Decimal = Decimal("0.25")
    seen: Decimal = ZERO
    released: Decimal = ZERO

    def __post_init__(self) -> None:
        if not (self.total > 0 and self.lot > 0 and self.seen >= 0 and self.released >= 0):
            raise UserInputError("A participation trades something, in lots, and has seen no less.")
        if not 0 < self.share <= self.most <= 1:
            raise UserInputError(
                f"A share of {self.share:f}, and {self.most:f} at most.",
                hint="Give shares above 0 and up to 1, the second not below the first.",
            )

    @property
    def is_done(self) -> bool:
        return self.released >= self.total


def step(state: Participation, volume: Decimal) -> tuple[Participation, Decimal]:
    """So much more was traded in the market: what may go out now, and the state after it.

    What is out never exceeds the share of what was seen. It goes out in whole lots, the odd rest
    of the parent with the last one.
    """
    if not volume.is_finite() or volume < 0:
        raise UserInputError(f"A volume of {volume}.", hint="Give what was traded since last time.")
    seen = state.seen + volume
    room = min(state.share * seen - state.released, state.most * volume)
    left = state.total - state.released
    quantity = left if left <= room else max(room, ZERO) // state.lot * state.lot
    quantity = max(min(quantity, left), ZERO)
    return replace(state, seen=seen, released=state.released + quantity), quantity


def came_back(state: Participation, quantity: Decimal) -> Participation:
    """A child ended without being filled, or not wholly."""
    if not 0 <= quantity <= state.released:
        raise UserInputError(f"{quantity:f} came back of {state.released:f} that went out.")
    return replace(state, released=state.released - quantity)
