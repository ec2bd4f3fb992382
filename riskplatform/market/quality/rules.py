"""What counts as wrong with a price, and how badly: thresholds as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Severity(StrEnum):
    """How much a mark matters: an error should be looked at before the number is used."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Rule(StrEnum):
    """Each way in which a price can look wrong."""

    NOT_A_NUMBER = "not_a_number"
    NON_POSITIVE = "non_positive"
    DUPLICATE = "duplicate"  # the same price twice
    DUPLICATE_CONFLICT = "duplicate_conflict"  # two prices for one day
    DISORDER = "disorder"  # delivered after a later day
    OFF_CALENDAR = "off_calendar"  # a price on a day without a session
    MISSING_DAYS = "missing_days"
    STALE_RUN = "stale_run"
    SPIKE = "spike"  # out of scale and back again
    SPLIT_LIKE = "split_like"  # out of scale, near a ratio of small numbers, and stays
    JUMP = "jump"  # out of scale, and neither of the two


_SEVERITIES = {
    Rule.NOT_A_NUMBER: Severity.ERROR,
    Rule.NON_POSITIVE: Severity.ERROR,
    Rule.DUPLICATE: Severity.INFO,
    Rule.DUPLICATE_CONFLICT: Severity.ERROR,
    Rule.DISORDER: Severity.WARNING,
    Rule.OFF_CALENDAR: Severity.WARNING,
    Rule.MISSING_DAYS: Severity.WARNING,
    Rule.STALE_RUN: Severity.WARNING,
    Rule.SPIKE: Severity.ERROR,
    Rule.SPLIT_LIKE: Severity.ERROR,
    Rule.JUMP: Severity.WARNING,
}


@dataclass(frozen=True, slots=True)
class QualityRules:
    """Thresholds. A "scale" is a robust standard deviation of log returns, as of the day before."""

    outlier_scales: float = 8.0
    # The scale is the larger of two trailing medians of |return|: one calm, one quick to react.
    slow_window_days: int = 63
    quick_window_days: int = 10
    lowest_scale: float = 5e-4
    # On a day when the whole market moves, everyone's scale grows, up to this factor.
    day_factor_cap: float = 4.0
    day_factor_min_names: int = 10
    spike_max_days: int = 3
    # A spike gives back at least this share of its move.
    spike_retrace: float = 0.7
    split_ratios: tuple[float, ...] = (1.5, 2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 50, 100)
    # |log return| within this distance of the log of a ratio.
    split_tolerance: float = 0.04
    split_confirm_days: int = 5
    stale_run_days: int = 5
    severities: Mapping[Rule, Severity] = field(
        default_factory=lambda: MappingProxyType(_SEVERITIES)
    )
    # Only what cannot be a true price is repaired: a jump or a split may be real.
    repaired: frozenset[Rule] = frozenset(
        {Rule.NOT_A_NUMBER, Rule.NON_POSITIVE, Rule.DUPLICATE_CONFLICT, Rule.SPIKE}
    )


DEFAULT_RULES = QualityRules()
