"""A schedule: how much of a parent is to be traded when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from riskplatform.domain.codec import to_terms
from riskplatform.errors import UserInputError
from riskplatform.market.content import content_hash

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Slice:
    """``quantity`` is positive; ``cap`` is the most that the participation allows in it."""

    start: datetime
    end: datetime
    quantity: Decimal
    cap: Decimal | None = None

    @property
    def at(self) -> datetime:
        """When it becomes due."""
        return self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """``quantity`` is the parent's, signed; slices are without sign, in order of time, none empty.

    Slices and ``left`` sum exactly to the parent. ``inputs`` say what it was made from.
    """

    algorithm: str
    instrument_id: str
    quantity: Decimal
    slices: tuple[Slice, ...]
    left: Decimal
    inputs: dict[str, str]

    @property
    def planned(self) -> Decimal:
        """Of all slices, without sign."""
        return sum((each.quantity for each in self.slices), ZERO)

    @property
    def is_whole(self) -> bool:
        return not self.left

    @property
    def run_id(self) -> str:
        return content_hash(self.algorithm, self.instrument_id, to_terms(self.quantity),
                            self.inputs)[:16]  # fmt: skip

    def whole(self) -> Schedule:
        """Itself, if it trades all of the parent."""
        if self.left:
            raise UserInputError(
                f"{self.algorithm} leaves {self.left:f} of {abs(self.quantity):f} "
                f"{self.instrument_id}: the participation allows no more in this time.",
                hint="Give it more time or a larger participation, or trade what fits.",
            )
        return self

    def due(self, at: datetime) -> Decimal:
        """How much should be done by an instant: the running slice by the part that is over."""
        total = ZERO
        for each in self.slices:
            if at >= each.end:
                total += each.quantity
            elif at > each.start:
                part = (at - each.start) / (each.end - each.start)
                total += each.quantity * Decimal(repr(part))
        return total

    def to_frame(self) -> pd.DataFrame:
        """One row per slice."""
        import pandas as pd

        done, rows = ZERO, []
        for each in self.slices:
            done += each.quantity
            cap = None if each.cap is None else float(each.cap)
            rows.append((each.start, each.end, float(each.quantity), float(done), cap))
        return pd.DataFrame(rows, columns=["start", "end", "quantity", "total", "cap"])

    def to_dict(self) -> dict[str, Any]:
        return {
            "algorithm": self.algorithm,
            "run_id": self.run_id,
            "instrument_id": self.instrument_id,
            "quantity": to_terms(self.quantity),
            "left": to_terms(self.left),
            "slices": [to_terms(each) for each in self.slices],
            "inputs": dict(self.inputs),
        }

    def plot(self, axes: Axes | None = None) -> Axes:
        """What should be done by when."""
        from matplotlib import pyplot

        found = pyplot.subplots()[1] if axes is None else axes
        table = self.to_frame()
        found.step(table["end"], table["total"], where="post", label=self.algorithm)
        found.set_ylabel(f"units of {self.instrument_id}")
        found.legend()
        return found

    def __str__(self) -> str:
        left = f", {self.left:f} left" if self.left else ""
        return (
            f"{self.algorithm}: {self.quantity:f} {self.instrument_id} in {len(self.slices)} "
            f"slices{left}"
        )

    def _repr_html_(self) -> str:
        return f"<p>{self}</p>" + str(self.to_frame().to_html(index=False))
