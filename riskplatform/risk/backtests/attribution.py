"""FRTB's P&L attribution test: does the risk model move as the front office's prices do?

MAR32: over 250 days, Spearman's correlation and the Kolmogorov-Smirnov distance between the
hypothetical P&L (full prices) and the risk-theoretical P&L (the risk model). The bounds are fixed
ones, not levels of a significance test: the two rows are no independent samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskplatform.market.content import FloatArray
from riskplatform.risk.backtests.inputs import vectors
from riskplatform.risk.backtests.verdict import Verdict, Zone, verdict_table

FRTB_DAYS = 250
_SPEARMAN_GREEN, _SPEARMAN_RED = 0.80, 0.70
_KS_GREEN, _KS_RED = 0.09, 0.12
_NULL = "risk-theoretical P&L follows the hypothetical P&L"


@dataclass(frozen=True, slots=True)
class Attribution:
    """The two metrics and the colour of the desk, the worse of theirs."""

    spearman: Verdict
    distance: Verdict
    zone: Zone | None

    @property
    def is_eligible(self) -> bool:
        """Whether the desk may use its own model; amber pays a surcharge."""
        return self.zone in (Zone.GREEN, Zone.AMBER)

    def to_dict(self) -> dict[str, Any]:
        zone = None if self.zone is None else self.zone.value
        return {
            "zone": zone,
            "is_eligible": self.is_eligible,
            "spearman": self.spearman.to_dict(),
            "distance": self.distance.to_dict(),
        }

    def to_frame(self) -> pd.DataFrame:
        return verdict_table([self.spearman, self.distance])

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(index=False))


def pnl_attribution(hypothetical: ArrayLike, risk_theoretical: ArrayLike) -> Attribution:
    """Both metrics with their zones; fewer or more days than 250 are said so."""
    prices, model = vectors(hypothetical=hypothetical, risk_theoretical=risk_theoretical)
    days = prices.size
    notes: tuple[str, ...] = ()
    if days != FRTB_DAYS:
        notes = (f"The bounds are meant for {FRTB_DAYS} days; these are {days:,}.",)
    correlation = _spearman(prices, model)
    distance = _distance(prices, model) if days else None
    silent = "" if correlation is not None else "A P&L that does not move has no ranks."
    first = _metric(
        "FRTB attribution: Spearman", "their ranks differ", correlation,
        _spearman_zone(correlation), days, notes + ((silent,) if silent else ()),
    )  # fmt: skip
    second = _metric(
        "FRTB attribution: Kolmogorov-Smirnov", "their distributions differ", distance,
        _distance_zone(distance), days, notes,
    )  # fmt: skip
    return Attribution(first, second, _worse(first.zone, second.zone))


def _metric(
    name: str, alternative: str, value: float | None, zone: Zone | None, days: int,
    notes: tuple[str, ...],
) -> Verdict:  # fmt: skip
    return Verdict(
        name=name, null=_NULL, alternative=alternative, statistic=value, sample_size=days,
        zone=zone, notes=notes,
    )  # fmt: skip


def _spearman(prices: FloatArray, model: FloatArray) -> float | None:
    from scipy.stats import rankdata

    if prices.size < 2 or np.ptp(prices) == 0.0 or np.ptp(model) == 0.0:
        return None
    return float(np.corrcoef(rankdata(prices), rankdata(model))[0, 1])


def _distance(prices: FloatArray, model: FloatArray) -> float:
    """The largest gap between the two shares of days below a value."""
    both = np.concatenate([prices, model])
    below = [
        np.searchsorted(np.sort(one), both, side="right") / one.size for one in (prices, model)
    ]
    return float(np.abs(below[0] - below[1]).max())


def _spearman_zone(value: float | None) -> Zone | None:
    if value is None:
        return None
    if value > _SPEARMAN_GREEN:
        return Zone.GREEN
    return Zone.RED if value < _SPEARMAN_RED else Zone.AMBER


def _distance_zone(value: float | None) -> Zone | None:
    if value is None:
        return None
    if value < _KS_GREEN:
        return Zone.GREEN
    return Zone.RED if value > _KS_RED else Zone.AMBER


def _worse(first: Zone | None, second: Zone | None) -> Zone | None:
    order = (Zone.GREEN, Zone.AMBER, Zone.RED)
    if first is None or second is None:
        return None
    return max(first, second, key=order.index)
