"""The backtest day by day, ready to be drawn: P&L, limit, exceptions and the running light."""

from __future__ import annotations

import numpy as np
import pandas as pd

from riskplatform.risk.backtests.inputs import tail_of
from riskplatform.risk.backtests.ranking import ModelScore
from riskplatform.risk.backtests.rolling import RollingBacktest
from riskplatform.risk.backtests.traffic_light import BASEL_DAYS, light_table
from riskplatform.risk.backtests.verdict import Zone


def daily_strip(backtest: RollingBacktest, score: ModelScore) -> pd.DataFrame:
    """date, pnl, value_at_risk, expected_shortfall, is_exception, exceptions_250, zone.

    The light of a day is that of the 250 days which end on it; before there are so many it is
    None.
    """
    run = backtest.run(score.name)
    yellow, red = _bounds(score, backtest.confidence)
    running = np.concatenate([[0], np.cumsum(run.exceptions)])
    counts = np.full(len(run.exceptions), np.nan)
    if len(counts) >= BASEL_DAYS:
        counts[BASEL_DAYS - 1 :] = running[BASEL_DAYS:] - running[:-BASEL_DAYS]
    zones = [None if np.isnan(count) else _zone(count, yellow, red) for count in counts]
    return pd.DataFrame(
        {
            "date": list(backtest.dates),
            "pnl": backtest.pnl,
            "value_at_risk": run.value_at_risk,
            "expected_shortfall": run.expected_shortfall,
            "is_exception": run.exceptions,
            "exceptions_250": counts,
            "zone": zones,
        }
    )


def by_year(backtest: RollingBacktest) -> pd.DataFrame:
    """One row per model, one column per year: exceptions; days and expected come first as rows."""
    years = np.array([day.year for day in backtest.dates])
    names = np.unique(years)
    days = np.array([(years == year).sum() for year in names])
    rows = {
        "days": days.astype(np.float64),
        "expected": np.round(days * tail_of(backtest.confidence), 2),
    } | {
        run.name: np.array([float(run.exceptions[years == year].sum()) for year in names])
        for run in backtest.runs
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=[str(year) for year in names])


def _bounds(score: ModelScore, confidence: float) -> tuple[int, int]:
    """Where yellow and red begin in 250 days; of overlapping windows as their light has it."""
    if score.light.sample_size == BASEL_DAYS:
        return int(score.light.detail("first yellow")), int(score.light.detail("first red"))
    table = light_table(BASEL_DAYS, confidence)
    return table.first_yellow, table.first_red


def _zone(count: float, yellow: int, red: int) -> str:
    if count >= red:
        return Zone.RED.value
    return Zone.YELLOW.value if count >= yellow else Zone.GREEN.value
