"""How limits stand: value, use, traffic light and what is left of each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from riskplatform.domain.limits import Direction, Limit
from riskplatform.domain.outcome import Coverage, Failure
from riskplatform.domain.provenance import Provenance
from riskplatform.errors import UnknownNameError

if TYPE_CHECKING:
    import pandas as pd


class Light(StrEnum):
    """Green before the soft limit, amber from it on, red beyond the hard limit.

    On the hard limit itself it is amber: used to the last, and kept. A limit that cannot be
    measured has its own light, and is never green.
    """

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    NOT_MEASURED = "not measured"


ORDER = {Light.RED: 0, Light.NOT_MEASURED: 1, Light.AMBER: 2, Light.GREEN: 3}
"""What a reader must see first."""


@dataclass(frozen=True, slots=True)
class LimitCheck:
    """One limit. ``utilisation`` is 1 when used to the last; ``headroom`` is in the limit's unit
    and negative beyond the hard limit. ``subject`` is what a largest number belongs to.
    """

    limit: Limit
    light: Light
    value: float | None
    utilisation: float | None
    headroom: float | None
    subject: str | None
    failure: Failure | None
    coverage: Coverage

    @property
    def is_breach(self) -> bool:
        return self.light is Light.RED

    def to_dict(self) -> dict[str, Any]:
        """Plain; coverage as counts, its failures in the report's own."""
        limit = self.limit
        return {
            "limit_id": limit.limit_id,
            "node": limit.node,
            "measure": limit.measure,
            "of": scope_words(limit),
            "light": self.light.value,
            "value": self.value,
            "soft": limit.soft,
            "hard": limit.hard,
            "direction": limit.direction.value if limit.direction else None,
            "unit": limit.unit,
            "utilisation": self.utilisation,
            "headroom": self.headroom,
            "subject": self.subject,
            "reason": self.failure.message if self.failure else None,
            "covered": self.coverage.done,
            "held": self.coverage.total,
            "owner": limit.owner,
        }


@dataclass(frozen=True, eq=False)
class LimitReport:
    """All limits of a book in one state, in the order in which they were given."""

    checks: tuple[LimitCheck, ...]
    provenance: Provenance

    def __len__(self) -> int:
        return len(self.checks)

    def __getitem__(self, limit_id: str) -> LimitCheck:
        for check in self.checks:
            if check.limit.limit_id == limit_id:
                return check
        raise UnknownNameError("limit", limit_id, [each.limit.limit_id for each in self.checks])

    def of(self, *lights: Light) -> tuple[LimitCheck, ...]:
        """Those with one of these lights."""
        return tuple(check for check in self.checks if check.light in lights)

    @property
    def breaches(self) -> tuple[LimitCheck, ...]:
        return self.of(Light.RED)

    @property
    def is_complete(self) -> bool:
        """Whether every limit could be measured."""
        return not self.of(Light.NOT_MEASURED)

    @property
    def counts(self) -> dict[str, int]:
        return {light.value: len(self.of(light)) for light in Light}

    def worst_first(self) -> tuple[LimitCheck, ...]:
        """Red, not measured, amber, green; the most used first."""
        return tuple(sorted(self.checks, key=lambda c: (ORDER[c.light], -(c.utilisation or 0.0))))

    def to_frame(self) -> pd.DataFrame:
        """One row per limit."""
        import pandas as pd

        columns = [
            "limit_id", "node", "measure", "of", "light", "value", "soft", "hard", "direction",
            "unit", "utilisation", "headroom", "subject", "reason", "covered", "held", "owner",
        ]  # fmt: skip
        return pd.DataFrame([check.to_dict() for check in self.checks], columns=columns)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON; a use without end is null."""
        rows = [check.to_dict() for check in self.checks]
        for row in rows:
            for name in ("value", "utilisation", "headroom"):
                number = row[name]
                row[name] = number if number is None or math.isfinite(number) else None
        return {"provenance": self.provenance.to_dict(), "counts": self.counts, "limits": rows}

    def __str__(self) -> str:
        counts = ", ".join(f"{count} {light}" for light, count in self.counts.items() if count)
        return f"{len(self)} limits: {counts or 'none'} ({self.provenance})"

    def _repr_html_(self) -> str:
        return f"<p>{self}</p>" + str(self.to_frame().to_html(index=False))


def light_of(limit: Limit, value: float) -> Light:
    if limit.excess(value, limit.hard) > 0.0:
        return Light.RED
    if limit.soft is not None and limit.excess(value, limit.soft) >= 0.0:
        return Light.AMBER
    return Light.GREEN


def utilisation_of(limit: Limit, value: float) -> float:
    """How much of a limit is used: value over limit, and 1 on the limit whichever its side.

    Zero on the far side of a limit; endless where a limit of zero, or one that must be passed
    (value at least 100, or at most -100), is missed by more than any multiple.
    """
    sign = -1.0 if limit.direction is Direction.MIN else 1.0
    used = abs(value) if limit.direction is Direction.ABSOLUTE else sign * value
    bound = sign * limit.hard
    if bound > 0.0:
        return max(used, 0.0) / bound
    if bound < 0.0:
        return bound / used if used < 0.0 else math.inf
    return 0.0 if used <= 0.0 else math.inf


def scope_words(limit: Limit) -> str:
    """What the measure is of, in a few words: "factor_id USD.GOVT", "0.99, historical"."""
    parts = []
    if limit.factor_id is not None:
        parts.append(limit.factor_id)
    if limit.by is not None:
        parts.append(f"{limit.by} {limit.group}" if limit.group else f"by {limit.by}")
    if limit.gross:
        parts.append("gross")
    if limit.confidence is not None:
        parts.append(f"{limit.confidence:g}")
    if limit.horizon_days is not None and limit.horizon_days != 1.0:
        parts.append(f"{limit.horizon_days:g} days")
    parts += [each for each in (limit.scenarios, limit.scenario) if each is not None]
    if limit.share is not None:
        parts.append(f"{limit.share:.0%}")
    if limit.participation is not None:
        parts.append(f"at {limit.participation:.0%} of volume")
    return ", ".join(parts)
