"""Basel's traffic light: colours, plus factors and multipliers by the number of exceptions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtri

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.risk.backtests.inputs import checked_level, hits_of, tail_of
from riskplatform.risk.backtests.kupiec import binomial_chances
from riskplatform.risk.backtests.verdict import LEVEL, PValue, PValueKind, Verdict, Zone

BASEL_DAYS = 250
# A zone begins with the first number whose chance of "that many or fewer" reaches these.
_YELLOW_FROM, _RED_FROM = 0.95, 0.9999
_BASEL = (0.40, 0.50, 0.65, 0.75, 0.85, 1.00)
_FRTB = (0.20, 0.26, 0.33, 0.38, 0.42, 0.50)


class Scheme(StrEnum):
    """Whose multipliers: BCBS 22 of 1996 (3 and more), or MAR32 and MAR99 (1.5 and more)."""

    BASEL = "basel"
    FRTB = "frtb"

    @property
    def base(self) -> float:
        return 3.0 if self is Scheme.BASEL else 1.5


@dataclass(frozen=True, slots=True)
class LightTable:
    """For each number of exceptions from 0 to the first red one: the chance of that many or
    fewer, zone, plus factor and multiplier."""

    days: int
    confidence: float
    scheme: Scheme
    cumulative: tuple[float, ...]
    zones: tuple[Zone, ...]
    plus_factors: tuple[float, ...]

    @property
    def first_yellow(self) -> int:
        return next(k for k, zone in enumerate(self.zones) if zone is not Zone.GREEN)

    @property
    def first_red(self) -> int:
        return len(self.zones) - 1

    def row(self, count: int) -> int:
        """The row of a count; all red ones share the last."""
        return min(count, self.first_red)

    def multiplier(self, count: int) -> float:
        return self.scheme.base + self.plus_factors[self.row(count)]

    def to_dict(self) -> dict[str, Any]:
        return {"days": self.days, "confidence": self.confidence, "scheme": self.scheme.value,
                "rows": self.to_frame().to_dict("records")}  # fmt: skip

    def to_frame(self) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "exceptions": range(len(self.zones)),
                "cumulative": self.cumulative,
                "zone": [zone.value for zone in self.zones],
                "plus_factor": self.plus_factors,
                "multiplier": [self.scheme.base + plus for plus in self.plus_factors],
            }
        )


@lru_cache(maxsize=128)
def light_table(
    days: int = BASEL_DAYS, confidence: float = 0.99, scheme: Scheme = Scheme.BASEL
) -> LightTable:
    """The table of Basel for 250 days at 99%, and its rule carried to other lengths."""
    tail = tail_of(confidence)
    if days < 1:
        raise UserInputError(f"A traffic light is over 1 day or more; found {days}.")
    return table_of(np.cumsum(binomial_chances(days, tail)), days, confidence, scheme)


def table_of(cumulative: FloatArray, days: int, confidence: float, scheme: Scheme) -> LightTable:
    """Zones and factors from the chances of "that many or fewer"."""
    # Without an exception the light is green, however few the days.
    yellow = max(int(np.argmax(cumulative >= _YELLOW_FROM)), 1)
    # On very few days even the last number does not reach a bound; then it is never passed.
    red = int(np.argmax(cumulative >= _RED_FROM)) if cumulative[-1] >= _RED_FROM else days + 1
    red = max(red, yellow + 1)
    zones = (Zone.GREEN,) * yellow + (Zone.YELLOW,) * (red - yellow) + (Zone.RED,)
    plus = tuple(_plus(k, yellow, red, days, confidence, scheme) for k in range(red + 1))
    chances = tuple(float(cumulative[min(k, cumulative.size - 1)]) for k in range(red + 1))
    return LightTable(days, confidence, scheme, chances, zones, plus)


def traffic_light(
    exceptions: ArrayLike,
    confidence: float = 0.99,
    *,
    scheme: Scheme = Scheme.BASEL,
    level: float = LEVEL,
) -> Verdict:
    """The light on a row of days, all of which count: hand in the last 250 for Basel's."""
    hits = hits_of(exceptions)
    if not hits.size:
        return light_verdict(0, None, ("There is no day to test on.",), (), level)
    count, tail = int(hits.sum()), tail_of(confidence)
    table = light_table(hits.size, confidence, scheme)
    chances = binomial_chances(hits.size, tail)
    how = f"binomial, {count} exceptions or more in {hits.size:,} days"
    notes: tuple[str, ...] = ()
    if hits.size != BASEL_DAYS or tail != 0.01:
        notes = (
            f"Basel's zones are printed for {BASEL_DAYS} days at 99%; for {hits.size:,} days at "
            f"{confidence:.4g} its rule is carried over: yellow from {table.first_yellow}, red "
            f"from {table.first_red}.",
        )
    beyond = min(float(chances[count:].sum()), 1.0)
    exact = PValue(beyond, PValueKind.EXACT, how, float(chances[count]))
    return light_verdict(count, table, notes, (exact,), level)


def light_verdict(
    count: int,
    table: LightTable | None,
    notes: tuple[str, ...],
    p_values: tuple[PValue, ...],
    level: float,
    name: str = "Basel traffic light",
) -> Verdict:
    """A verdict with the colour and the multiplier of ``count``."""
    chance = "as stated" if table is None else f"{tail_of(table.confidence):.4g} on each day"
    details: tuple[tuple[str, float], ...] = ()
    if table is not None:
        details = (
            ("plus factor", table.plus_factors[table.row(count)]),
            ("multiplier", table.multiplier(count)),
            ("first yellow", float(table.first_yellow)),
            ("first red", float(table.first_red)),
        )
    return Verdict(
        name=name,
        null=f"the probability of an exception is {chance}",
        alternative="exceptions happen more often, that is, the VaR is too small",
        statistic=None if table is None else float(count),
        p_values=p_values,
        level=checked_level(level),
        sample_size=0 if table is None else table.days,
        exceptions=count,
        zone=None if table is None else table.zones[table.row(count)],
        details=details,
        notes=notes,
    )


def _plus(count: int, yellow: int, red: int, days: int, confidence: float, scheme: Scheme) -> float:
    printed = _BASEL if scheme is Scheme.BASEL else _FRTB
    if count < yellow:
        return 0.0
    if count >= red:
        return printed[-1]
    if days == BASEL_DAYS and tail_of(confidence) == 0.01 and (yellow, red) == (5, 10):
        return printed[count - yellow]
    # How much a normal VaR must grow to make that many exceptions the expected number.
    share = min(count / days, 0.499)
    grown = float(ndtri(confidence) / ndtri(1.0 - share))
    return float(np.clip(scheme.base * (grown - 1.0), 0.0, printed[-1]))
