"""Checks of single prices: not a number, not positive, duplicated, unchanged for too long."""

from __future__ import annotations

import numpy as np

from riskplatform.market.content import FloatArray
from riskplatform.market.quality.panel import BoolArray, Found, IntArray, Panel, day_text
from riskplatform.market.quality.rules import QualityRules, Rule


def not_numbers(panel: Panel) -> tuple[Found, Found]:
    """Prices that are no number or not positive."""
    finite = np.isfinite(panel.close)
    unknown = np.flatnonzero(~finite)
    low = np.flatnonzero(finite & (panel.close <= 0))
    return (
        panel.found(Rule.NOT_A_NUMBER, unknown, ["the close is not a number"] * unknown.size),
        panel.found(Rule.NON_POSITIVE, low, [f"the close is {panel.close[i]:g}" for i in low]),
    )


def same_day_as_before(panel: Panel) -> BoolArray:
    """True where the entry before is of the same instrument and day."""
    again = np.zeros(panel.codes.size, dtype=bool)
    again[1:] = (panel.codes[1:] == panel.codes[:-1]) & (panel.days[1:] == panel.days[:-1])
    return again


def duplicates(panel: Panel, repeated: BoolArray) -> tuple[Found, Found, IntArray]:
    """Equal and conflicting duplicates, and for each entry the first entry of its day."""
    first = np.maximum.accumulate(np.where(repeated, 0, np.arange(repeated.size)))
    again = np.flatnonzero(repeated)
    original = panel.close[first[again]]
    same = np.equal(panel.close[again], original)
    equal, conflict = again[same], again[~same]
    messages = [
        f"a second close {panel.close[i]:g} for a day that has {panel.close[first[i]]:g}"
        for i in conflict
    ]
    return (
        panel.found(Rule.DUPLICATE, equal, ["the same close was delivered twice"] * equal.size),
        panel.found(Rule.DUPLICATE_CONFLICT, conflict, messages),
        first,
    )


def stale_runs(valid: Panel, rules: QualityRules) -> Found:
    """Runs of the same close; the mark stands at the first repetition."""
    close: FloatArray = valid.close
    starts_run = valid.is_first
    starts_run[1:] |= close[1:] != close[:-1]
    starts = np.flatnonzero(starts_run)
    lengths = np.diff(np.append(starts, close.size))
    long = lengths >= rules.stale_run_days
    begin, length = starts[long], lengths[long]
    messages = [
        f"{count} equal closes of {close[i]:g} from {day_text(valid.days[i])} to"
        f" {day_text(valid.days[i + count - 1])}"
        for i, count in zip(begin, length, strict=True)
    ]
    return valid.found(Rule.STALE_RUN, begin + 1, messages)
