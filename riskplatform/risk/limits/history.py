"""When limits were not green, and for how long: spells read from the checks that were kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from riskplatform.risk.limits.report import Light

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCheck:
    """One limit on one day, as it was kept."""

    limit_id: str
    node: str
    measure: str
    as_of: date
    light: Light
    utilisation: float | None
    value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """Checks in a row that found one light. ``until`` is the first day it was another, or none
    while it lasts; ``worst`` is the largest use."""

    limit_id: str
    node: str
    measure: str
    light: Light
    since: date
    last: date
    until: date | None
    checks: int
    worst: float | None

    @property
    def days(self) -> int:
        """Calendar days from the first to the end, or to the last check while it lasts."""
        return ((self.until or self.last) - self.since).days

    def to_dict(self) -> dict[str, Any]:
        return {
            "limit_id": self.limit_id,
            "node": self.node,
            "measure": self.measure,
            "light": self.light.value,
            "since": self.since.isoformat(),
            "until": self.until.isoformat() if self.until else None,
            "days": self.days,
            "checks": self.checks,
            "worst_utilisation": self.worst,
        }


@dataclass(frozen=True)
class BreachHistory:
    """Spells that were not green, the newest first; ``days`` on which limits were checked."""

    spells: tuple[Spell, ...]
    days: tuple[date, ...]

    def __len__(self) -> int:
        return len(self.spells)

    @property
    def lasting(self) -> tuple[Spell, ...]:
        """Those that have not ended."""
        return tuple(spell for spell in self.spells if spell.until is None)

    def of(self, limit_id: str) -> tuple[Spell, ...]:
        return tuple(spell for spell in self.spells if spell.limit_id == limit_id)

    def to_frame(self) -> pd.DataFrame:
        """One row per spell."""
        import pandas as pd

        columns = ["limit_id", "node", "measure", "light", "since", "until", "days", "checks",
                   "worst_utilisation"]  # fmt: skip
        return pd.DataFrame([spell.to_dict() for spell in self.spells], columns=columns)

    def to_dict(self) -> dict[str, Any]:
        return {
            "days": [day.isoformat() for day in self.days],
            "spells": [spell.to_dict() for spell in self.spells],
        }

    def __str__(self) -> str:
        if not self.days:
            return "No check of limits has been kept"
        return (
            f"{len(self)} spells in {len(self.days)} checks from {self.days[0]} to "
            f"{self.days[-1]}, {len(self.lasting)} of them lasting"
        )

    def _repr_html_(self) -> str:
        return f"<p>{self}</p>" + str(self.to_frame().to_html(index=False))


def breach_history(checks: Mapping[date, Iterable[PastCheck]]) -> BreachHistory:
    """Of the checks of each day. A limit that a check does not know ends its spell there."""
    days = tuple(sorted(checks))
    running: dict[str, Spell] = {}
    ended: list[Spell] = []
    for day in days:
        found = {check.limit_id: check for check in checks[day]}
        for name, spell in list(running.items()):
            check = found.get(name)
            if check is None or check.light is not spell.light:
                ended.append(replace(running.pop(name), until=day))
        for name, check in found.items():
            if check.light is not Light.GREEN:
                running[name] = _longer(running.get(name), check)
    spells = [*ended, *running.values()]
    spells.sort(key=lambda spell: (spell.since.toordinal() * -1, spell.limit_id))
    return BreachHistory(tuple(spells), days)


def _longer(spell: Spell | None, check: PastCheck) -> Spell:
    if spell is None:
        return Spell(
            limit_id=check.limit_id,
            node=check.node,
            measure=check.measure,
            light=check.light,
            since=check.as_of,
            last=check.as_of,
            until=None,
            checks=1,
            worst=check.utilisation,
        )
    used = [each for each in (spell.worst, check.utilisation) if each is not None]
    return replace(spell, last=check.as_of, checks=spell.checks + 1, worst=max(used, default=None))
