"""The quality report of price series: marks, and a repaired series with the rule that made it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from riskplatform.market.content import FloatArray
from riskplatform.market.quality.gaps import Sessions, calendar_gaps
from riskplatform.market.quality.moves import unusual_moves
from riskplatform.market.quality.panel import BoolArray, Found, IntArray, Panel, read_panel
from riskplatform.market.quality.rules import DEFAULT_RULES, QualityRules, Rule, Severity
from riskplatform.market.quality.values import (
    duplicates,
    not_numbers,
    same_day_as_before,
    stale_runs,
)


@dataclass(frozen=True, slots=True)
class QualityReport:
    """``marks``: subject_kind, subject_id, date, rule, severity, message.

    ``repaired`` has the index of the prices that were handed in: ``repaired_close`` is the whole
    repaired series (empty where nothing good came before), ``repair_rule`` names the rule where it
    differs from the close and is empty elsewhere.
    """

    marks: pd.DataFrame
    repaired: pd.DataFrame

    def counts(self) -> pd.DataFrame:
        """Number of marks by rule and severity."""
        grouped = self.marks.groupby(["rule", "severity"], sort=True).size()
        return grouped.rename("marks").reset_index()

    def of_severity(self, severity: Severity) -> pd.DataFrame:
        return self.marks[self.marks["severity"] == severity.value]


def assess_prices(
    prices: pd.DataFrame,
    *,
    sessions: Sessions | None = None,
    calendar_of: Mapping[str, str] | None = None,
    rules: QualityRules = DEFAULT_RULES,
    subject_kind: str = "price",
) -> QualityReport:
    """Judge a long frame (instrument_id, date, close) in the order in which it was delivered.

    ``sessions`` gives the days of each calendar, bounded by the caller at the as-of date;
    ``calendar_of`` the calendar of each instrument. The prices themselves are not touched.
    """
    panel, disorder = read_panel(prices)
    unknown, low = not_numbers(panel)
    repeated = same_day_as_before(panel)
    equal, conflict, first = duplicates(panel, repeated)
    is_number = np.isfinite(panel.close) & (panel.close > 0)
    usable = np.flatnonzero(is_number & ~repeated)
    valid = Panel(
        panel.ids, panel.codes[usable], panel.days[usable], panel.close[usable], panel.row[usable]
    )
    moves, spiked = unusual_moves(valid, rules)
    found = [disorder, unknown, low, equal, conflict, stale_runs(valid, rules), *moves]
    if sessions is not None:
        found.extend(calendar_gaps(panel, sessions, calendar_of or {}))
    bad = {
        Rule.NOT_A_NUMBER: ~np.isfinite(panel.close),
        Rule.NON_POSITIVE: np.isfinite(panel.close) & (panel.close <= 0),
        Rule.SPIKE: np.zeros(panel.close.size, dtype=bool),
        Rule.DUPLICATE_CONFLICT: repeated & ~np.equal(panel.close, panel.close[first]),
    }
    bad[Rule.SPIKE][usable[spiked]] = True
    repaired = _repaired(panel, {rule: bad[rule] for rule in bad if rule in rules.repaired}, first)
    return QualityReport(_marks(panel, found, rules, subject_kind), repaired.set_axis(prices.index))


def _repaired(panel: Panel, bad: Mapping[Rule, BoolArray], first: IntArray) -> pd.DataFrame:
    """Bad closes take the last good one before them; a conflicting duplicate takes the first."""
    rule_of = np.full(panel.close.size, None, dtype=object)
    for rule, where in bad.items():
        rule_of[where] = rule.value
    is_bad = rule_of != None  # noqa: E711 (elementwise)
    places = np.arange(panel.close.size)
    last_good = np.maximum.accumulate(np.where(is_bad, -1, places))
    last_good = np.where(last_good >= _starts(panel), last_good, -1)
    series: FloatArray = np.where(last_good >= 0, panel.close[last_good], np.nan)
    series = np.where(rule_of == Rule.DUPLICATE_CONFLICT.value, series[first], series)
    delivered = np.empty_like(panel.row)
    delivered[panel.row] = places
    return pd.DataFrame(
        {
            "repaired_close": series[delivered],
            "repair_rule": pd.array(rule_of[delivered], dtype="str"),
        }
    )


def _starts(panel: Panel) -> IntArray:
    """For each entry the place of its instrument's first entry."""
    places = np.arange(panel.codes.size)
    return np.maximum.accumulate(np.where(panel.is_first, places, 0))


def _marks(
    panel: Panel, found: Iterable[Found], rules: QualityRules, subject_kind: str
) -> pd.DataFrame:
    some = [each for each in found if each.codes.size]
    codes = np.concatenate([np.empty(0, np.int64), *(each.codes for each in some)])
    days = np.concatenate([np.empty(0, np.int64), *(each.days for each in some)])
    rule = [each.rule for each in some for _ in each.messages]
    frame = pd.DataFrame(
        {
            "subject_kind": pd.array([subject_kind] * codes.size, dtype="str"),
            "subject_id": pd.array([panel.ids[code] for code in codes], dtype="str"),
            "date": days.astype("datetime64[D]").astype("datetime64[s]"),
            "rule": pd.array([each.value for each in rule], dtype="str"),
            "severity": pd.array([rules.severities[each].value for each in rule], dtype="str"),
            "message": pd.array([text for each in some for text in each.messages], dtype="str"),
        }
    )
    return frame.sort_values(["subject_id", "date", "rule"], kind="stable", ignore_index=True)
