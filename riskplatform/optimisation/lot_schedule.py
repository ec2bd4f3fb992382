"""A parent order cut into children of whole lots that sum to it exactly, none above its cap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskplatform.domain.codec import to_terms
from riskplatform.errors import UserInputError

_DIGITS = 60
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class LotSchedule:
    """``children`` have the sign of the parent and, but for one with the odd rest of it, are whole
    lots. ``left`` is what the caps leave no room for; children and left sum to the parent."""

    parent: Decimal
    lot: Decimal
    children: tuple[Decimal, ...]
    caps: tuple[Decimal, ...] | None
    left: Decimal

    def to_frame(self) -> pd.DataFrame:
        """One row per slice."""
        caps = [np.nan] * len(self.children) if self.caps is None else map(float, self.caps)
        return pd.DataFrame({"quantity": map(float, self.children), "cap": caps})

    def to_dict(self) -> dict[str, Any]:
        return {
            "parent": to_terms(self.parent),
            "lot": to_terms(self.lot),
            "children": to_terms(list(self.children)),
            "caps": None if self.caps is None else to_terms(list(self.caps)),
            "left": to_terms(self.left),
        }

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(index=False, float_format="{:,.2f}".format)


def lot_schedule(
    parent: Decimal,
    shares: ArrayLike,
    lot: Decimal = Decimal(1),
    caps: Sequence[Decimal] | None = None,
) -> LotSchedule:
    """``shares`` say how much of the parent each slice should have; any scale, none below 0.

    What has been done up to a slice is the nearest whole number of lots to what should have been.
    What a cap (in units, without sign) cuts off goes to the slices after it, and what is left at
    the end to earlier ones, the last of them first: late is closer to the plan than too much.
    """
    wanted = _checked(parent, shares, lot, caps)
    with localcontext() as context:
        context.prec = _DIGITS
        size, sign = abs(parent), Decimal(1).copy_sign(parent)
        whole = int(size // lot)
        odd = size - whole * lot
        # Running totals and not single slices are rounded, so that nothing is lost in the sum.
        done = np.cumsum(wanted) / wanted.sum()
        reached = [int(each) for each in np.rint(done * whole)]
        reached[-1] = whole
        lots = [after - before for before, after in zip([0, *reached], reached, strict=False)]
        most = [size + lot] * len(lots) if caps is None else [abs(cap) for cap in caps]
        rooms = [int(cap // lot) for cap in most]
        lots, missing = _within(lots, rooms)
        children = [count * lot for count in lots]
        rest = _ZERO if _placed(children, most, odd) else odd
        return LotSchedule(
            parent=parent,
            lot=lot,
            children=tuple(sign * each if each else _ZERO for each in children),
            caps=None if caps is None else tuple(caps),
            left=sign * (missing * lot + rest) if missing or rest else _ZERO,
        )


def participation_caps(volumes: ArrayLike, share: float) -> tuple[Decimal, ...]:
    """The most that each slice may trade, in units: a share of the volume expected in it."""
    expected = np.atleast_1d(np.asarray(volumes, dtype=np.float64))
    if not (np.isfinite(expected).all() and (expected >= 0.0).all() and 0.0 < share <= 1.0):
        raise UserInputError(
            f"A share of {share:g} of volumes, some of which may be no volumes.",
            hint="Give a share above 0 and at most 1, and volumes from 0 on.",
        )
    part = Decimal(repr(float(share)))
    return tuple(part * Decimal(repr(float(volume))) for volume in expected)


def _within(lots: list[int], rooms: list[int]) -> tuple[list[int], int]:
    """No slice above its room: what is too much goes on to later ones, then back to earlier."""
    found, carried = [], 0
    for count, room in zip(lots, rooms, strict=True):
        found.append(min(count + carried, room))
        carried += count - found[-1]
    for place in reversed(range(len(found))):
        more = min(carried, rooms[place] - found[place])
        found[place] += more
        carried -= more
    return found, carried


def _placed(children: list[Decimal], most: list[Decimal], odd: Decimal) -> bool:
    """Puts the odd rest to the last slice that trades and has room for it, else to any."""
    if not odd:
        return True
    places = [place for place in range(len(children)) if children[place] + odd <= most[place]]
    if not places:
        return False
    trading = [place for place in places if children[place]]
    children[max(trading or places)] += odd
    return True


def _checked(
    parent: Decimal, shares: ArrayLike, lot: Decimal, caps: Sequence[Decimal] | None
) -> np.ndarray:
    wanted = np.atleast_1d(np.asarray(shares, dtype=np.float64))
    if wanted.ndim != 1 or not np.isfinite(wanted).all() or (wanted < 0.0).any():
        raise UserInputError("Shares of slices are finite numbers from 0 on.")
    if not wanted.sum() > 0.0:
        raise UserInputError("No slice has a share.", hint="Give at least one above 0.")
    if not (parent.is_finite() and lot.is_finite() and lot > _ZERO):
        raise UserInputError(f"A parent of {parent} in lots of {lot}.", hint="Give a lot above 0.")
    if caps is not None and len(caps) != len(wanted):
        raise UserInputError(f"{len(caps)} caps for {len(wanted)} slices.", hint="Give one each.")
    if caps is not None and not all(cap.is_finite() for cap in caps):
        raise UserInputError("A cap is no number.", hint="Give units, 0 where nothing may trade.")
    return wanted
