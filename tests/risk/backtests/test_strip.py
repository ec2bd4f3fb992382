"""The light day by day and exceptions by year, counted a second way."""

from __future__ import annotations

import numpy as np
import pytest

from riskplatform.risk.backtests import (
    Scorecard,
    by_year,
    daily_strip,
    rolling_backtest,
    scorecard,
    traffic_light,
)
from riskplatform.risk.backtests.models import Historical
from riskplatform.risk.backtests.rolling import RollingBacktest
from tests.risk.backtests.worlds import garch_pnl, trading_days


@pytest.fixture(scope="module")
def run() -> RollingBacktest:
    pnl = garch_pnl(3, 900)
    pnl[700:760] *= 4.0
    return rolling_backtest(pnl, trading_days(900), [Historical(window_days=250)])


@pytest.fixture(scope="module")
def card(run: RollingBacktest) -> Scorecard:
    return scorecard(run)


def test_each_day_has_the_light_of_the_250_days_that_end_on_it(
    run: RollingBacktest, card: Scorecard
) -> None:
    strip = daily_strip(run, card.best)
    hits = run.runs[0].exceptions
    assert strip["zone"].iloc[:249].isna().all()
    zones = set()
    for day in range(249, len(hits)):
        light = traffic_light(hits[day - 249 : day + 1])
        assert light.zone is not None
        assert strip["exceptions_250"].iloc[day] == light.exceptions
        assert strip["zone"].iloc[day] == light.zone.value
        zones.add(light.zone.value)
    assert zones == {"green", "yellow", "red"}


def test_a_short_backtest_has_no_running_light(card: Scorecard) -> None:
    pnl = garch_pnl(3, 400)
    short = rolling_backtest(pnl, trading_days(400), [Historical(window_days=250)])
    strip = daily_strip(short, scorecard(short).best)
    assert strip["zone"].isna().all()
    assert strip["exceptions_250"].isna().all()


def test_exceptions_by_year(run: RollingBacktest) -> None:
    table = by_year(run)
    years = np.array([day.year for day in run.dates])
    assert list(table.columns) == [str(year) for year in sorted(set(years))]
    for year in table.columns:
        chosen = years == int(year)
        assert table.at["days", year] == chosen.sum()
        assert table.at["expected", year] == pytest.approx(0.01 * chosen.sum(), abs=0.005)
        assert table.at["historical", year] == run.runs[0].exceptions[chosen].sum()
