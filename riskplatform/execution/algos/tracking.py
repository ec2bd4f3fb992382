"""How a schedule is kept: planned against done, slice by slice, and by how much ahead or behind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from riskplatform.domain.codec import to_terms
from riskplatform.execution.algos.schedule import ZERO, Schedule
from riskplatform.execution.gateways.gateway import Filled

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class Tracked:
    """One slice: what was done until its end or now, planned and real."""

    start: datetime
    end: datetime
    planned: Decimal
    done: Decimal
    planned_total: Decimal
    done_total: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracking:
    """At one instant. ``ahead`` is in units, negative when behind; what is filled before the first
    slice begins counts in it, and what comes after the last one in the last."""

    schedule: Schedule
    at: datetime
    due: Decimal
    done: Decimal
    lines: tuple[Tracked, ...]

    @property
    def ahead(self) -> Decimal:
        return self.done - self.due

    @property
    def ahead_share(self) -> float:
        """Of the parent."""
        return float(self.ahead / abs(self.schedule.quantity))

    @property
    def remaining(self) -> Decimal:
        return abs(self.schedule.quantity) - self.done

    def to_frame(self) -> pd.DataFrame:
        """One row per slice."""
        import pandas as pd

        columns = ["start", "end", "planned", "done", "planned_total", "done_total"]
        rows = [(x.start, x.end, *map(float, (x.planned, x.done, x.planned_total, x.done_total)))
                for x in self.lines]  # fmt: skip
        table = pd.DataFrame(rows, columns=columns)
        return table.assign(ahead=table["done_total"] - table["planned_total"])

    def to_dict(self) -> dict[str, Any]:
        return {
            "algorithm": self.schedule.algorithm,
            "schedule": self.schedule.run_id,
            "instrument_id": self.schedule.instrument_id,
            "at": self.at.isoformat(),
            "due": to_terms(self.due),
            "done": to_terms(self.done),
            "ahead": to_terms(self.ahead),
            "ahead_share": self.ahead_share,
            "remaining": to_terms(self.remaining),
            "lines": [to_terms(each) for each in self.lines],
        }

    def plot(self, axes: Axes | None = None) -> Axes:
        """Planned and done by time."""
        found = self.schedule.plot(axes)
        table = self.to_frame()
        past = table[table["start"] < self.at]
        found.step(past["end"], past["done_total"], where="post", label="done")
        found.legend()
        return found

    def __str__(self) -> str:
        word = "on" if not self.ahead else "ahead of" if self.ahead > 0 else "behind"
        much = f"{abs(self.ahead):,.0f} " if self.ahead else ""
        return (
            f"{self.schedule.instrument_id}: {much}{word} schedule at {self.at:%H:%M:%S} UTC, "
            f"{self.done:,.0f} of {abs(self.schedule.quantity):,.0f} done"
        )

    def _repr_html_(self) -> str:
        return f"<p>{self}</p>" + str(self.to_frame().to_html(index=False))


def tracking(schedule: Schedule, fills: Iterable[Filled], at: datetime) -> Tracking:
    """Fills of the parent's children until ``at``, held against the schedule."""
    known = sorted((each for each in fills if each.at <= at), key=lambda each: each.at)
    lines, planned_total, done_total = [], ZERO, ZERO
    for place, each in enumerate(schedule.slices):
        is_last = place == len(schedule.slices) - 1
        until = at if is_last else schedule.slices[place + 1].start
        done = sum((fill.quantity for fill in known if fill.at < until), ZERO)
        if is_last:
            done = sum((fill.quantity for fill in known), ZERO)
        planned_total += each.quantity
        lines.append(
            Tracked(each.start, each.end, each.quantity, done - done_total, planned_total, done)
        )
        done_total = done
    due = schedule.due(at)
    return Tracking(schedule=schedule, at=at, due=due, done=done_total, lines=tuple(lines))
