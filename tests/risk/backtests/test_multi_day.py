"""Losses over several days, one for each day: what a model may know, and how it is judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from riskplatform.errors import UserInputError
from riskplatform.risk.backtests import (
    Forecast,
    Zone,
    overlapping_pof,
    pof,
    rolling_backtest,
    scorecard,
    usual_models,
)
from riskplatform.risk.backtests.histories import window_sums
from riskplatform.risk.backtests.judging import apart
from riskplatform.risk.backtests.models import EwmaNormal, Historical
from tests.risk.backtests.sizes import rejections
from tests.risk.backtests.worlds import garch_pnl, trading_days

DAYS, HORIZON = 420, 10
DAILY = garch_pnl(7, DAYS)
DATES, SUMS = window_sums(trading_days(DAYS), DAILY, HORIZON)
FIRST = 250 + HORIZON - 1


@dataclass
class Spy:
    """Notes what it is shown."""

    name: str = "spy"
    least_days: int = 100
    seen: list[np.ndarray] = field(default_factory=list)

    def __call__(self, history: np.ndarray, confidence: float) -> Forecast:
        self.seen.append(history.copy())
        return Forecast(1.0, 2.0, lambda value: 0.5)


def test_sums_of_windows() -> None:
    assert len(SUMS) == len(DATES) == DAYS - HORIZON + 1
    assert SUMS[0] == pytest.approx(DAILY[:HORIZON].sum())
    assert SUMS[-1] == pytest.approx(DAILY[-HORIZON:].sum())
    assert (DATES[0], DATES[-1]) == (trading_days(DAYS)[HORIZON - 1], trading_days(DAYS)[-1])


def test_a_model_sees_only_windows_that_have_ended() -> None:
    spy = Spy()
    found = rolling_backtest(SUMS, DATES, [spy], horizon_days=HORIZON)
    # The window in place i begins when the one in place i − 10 ends.
    assert found.dates[0] == DATES[100 + HORIZON - 1]
    assert len(found.dates) == len(spy.seen) == len(SUMS) - 100 - HORIZON + 1
    for row, history in enumerate(spy.seen):
        place = DATES.index(found.dates[row])
        assert len(history) == place - HORIZON + 1
        assert history.tolist() == SUMS[: place - HORIZON + 1].tolist()
    assert found.runs[0].pits is None


def test_historical_is_that_of_the_windows_known() -> None:
    found = rolling_backtest(SUMS, DATES, [Historical(window_days=250)], horizon_days=HORIZON)
    known = SUMS[FIRST - HORIZON - 250 + 1 : FIRST - HORIZON + 1]
    assert found.dates[0] == DATES[FIRST]
    # The 2.5th worst of 250 at 99 %: the third.
    assert found.runs[0].value_at_risk[0] == pytest.approx(-np.sort(known)[2])


def test_what_follows_volatility_learns_from_days() -> None:
    model = EwmaNormal(window_days=250)
    found = rolling_backtest(SUMS, DATES, [model], horizon_days=HORIZON, daily=DAILY)
    alone = rolling_backtest(DAILY, trading_days(DAYS), [model], first=FIRST)
    days = len(found.dates)
    limits = np.sqrt(HORIZON) * alone.runs[0].value_at_risk[:days]
    assert found.runs[0].value_at_risk == pytest.approx(limits)
    assert found.provenance.inputs["by square root of time"] == "EWMA normal"
    # The forecast for the window that ends on a day is made when that window begins.
    assert alone.dates[0] == trading_days(DAYS)[FIRST]
    assert DATES[FIRST] == trading_days(DAYS)[FIRST + HORIZON - 1]
    without = rolling_backtest(SUMS, DATES, [model], horizon_days=HORIZON)
    assert without.provenance.inputs["by square root of time"] == ""
    assert without.runs[0].value_at_risk.tolist() != found.runs[0].value_at_risk.tolist()


@pytest.mark.parametrize("with_days", [True, False])
def test_a_poisoned_future_changes_no_forecast(with_days: bool) -> None:
    models = usual_models(window_days=250)
    wild = DAILY.copy()
    wild[350:] = 3.0 * np.random.default_rng(1).standard_normal(DAYS - 350)
    sums = window_sums(trading_days(DAYS), wild, HORIZON)[1]
    runs = [
        rolling_backtest(
            row, DATES, models, horizon_days=HORIZON, daily=days if with_days else None
        )
        for row, days in ((SUMS, DAILY), (sums, wild))
    ]
    # Windows that begin with day 350 or before are forecast from what came before it.
    known = runs[0].dates.index(trading_days(DAYS)[350 + HORIZON - 1]) + 1
    for one, other in zip(runs[0].runs, runs[1].runs, strict=True):
        assert one.value_at_risk[:known].tolist() == other.value_at_risk[:known].tolist()
        assert one.value_at_risk[known:].tolist() != other.value_at_risk[known:].tolist()


def test_day_by_day_and_at_once_agree() -> None:
    models = usual_models(window_days=250)
    asked: dict[str, Any] = {"horizon_days": HORIZON, "daily": DAILY[:300]}
    few = (SUMS[: 300 - HORIZON + 1], DATES[: 300 - HORIZON + 1], models)
    fast = rolling_backtest(*few, **asked)
    assert fast.to_frame().equals(rolling_backtest(*few, day_by_day=True, **asked).to_frame())


def test_days_that_do_not_make_the_windows_are_refused() -> None:
    with pytest.raises(UserInputError, match="are made of 420 single days; found 419"):
        rolling_backtest(SUMS, DATES, [Historical()], horizon_days=HORIZON, daily=DAILY[1:])
    with pytest.raises(UserInputError, match="A horizon is 1 day or more; found 0"):
        rolling_backtest(DAILY, trading_days(DAYS), [Historical()], horizon_days=0)


def test_the_scorecard_allows_for_the_overlap() -> None:
    days = 1_200
    daily = 0.01 * np.random.default_rng(5).standard_normal(days)
    dates, sums = window_sums(trading_days(days), daily, HORIZON)
    models = [Historical(window_days=500), EwmaNormal(window_days=500)]
    run = rolling_backtest(sums, dates, models, horizon_days=HORIZON, daily=daily)
    card = scorecard(run, champion="historical")
    score = card.score("historical")
    assert card.horizon_days == HORIZON
    assert "overlap" in score.light.name
    assert score.coverage.name == "Kupiec POF, 10-day losses that overlap"
    assert score.coverage.sample_size == len(run.dates)
    assert score.conditional.sample_size == len(apart(len(run.dates), HORIZON))
    assert "do not overlap" in score.conditional.notes[-1]
    assert "blocks of" in card.confidence_set.method
    # Of days as if they were independent the count would be judged far more sharply.
    hits = run.run("historical").exceptions
    many = np.zeros_like(hits)
    many[:20] = True
    exact = pof(many, 0.99).p_value
    loose = overlapping_pof(many, HORIZON).p_value
    assert exact is not None
    assert loose is not None
    assert exact < 1e-4 < 0.01 < loose


def test_windows_apart_are_counted_from_the_last() -> None:
    assert apart(25, 10).tolist() == [4, 14, 24]
    assert apart(1, 10).tolist() == [0]
    assert apart(0, 10).tolist() == []


def test_overlapping_pof_of_nothing_and_of_one_day() -> None:
    empty = overlapping_pof([], HORIZON)
    assert (empty.p_value, empty.notes) == (None, ("There is no loss to test on.",))
    # Over one day nothing overlaps, and the simulated answer is the exact one.
    hits = np.zeros(250, dtype=bool)
    hits[:7] = True
    drawn, exact = overlapping_pof(hits, 1).p_value, pof(hits, 0.99).p_value
    assert drawn == pytest.approx(exact, abs=0.004)
    with pytest.raises(UserInputError, match="A horizon is 1 day or more; found 0"):
        overlapping_pof(hits, 0)


COUNTS = [
    pytest.param(2_000, 0.015, marks=pytest.mark.slow),
    pytest.param(10_000, 0.01, marks=pytest.mark.long),
]


@pytest.mark.parametrize(("runs", "tolerance"), COUNTS)
def test_size_of_the_count_of_overlapping_losses(runs: int, tolerance: float) -> None:
    def sample(rng: np.random.Generator) -> np.ndarray:
        sums = np.convolve(rng.standard_normal(259), np.ones(10), mode="valid")
        return np.asarray(sums < -2.3263478740 * np.sqrt(10))

    found = rejections(lambda hits: overlapping_pof(hits, 10), sample, runs, seed=8, by_lot=True)
    assert found == pytest.approx(0.05, abs=tolerance)


def test_red_begins_later_where_windows_overlap() -> None:
    days = 800
    daily = 0.01 * np.random.default_rng(6).standard_normal(days)
    dates, sums = window_sums(trading_days(days), daily, HORIZON)
    run = rolling_backtest(sums, dates, [Historical(window_days=250)], horizon_days=HORIZON)
    light = scorecard(run).scores[0].light
    assert light.zone in (Zone.GREEN, Zone.YELLOW)
    assert light.detail("first red") > 20


@pytest.mark.long
@pytest.mark.parametrize(
    ("wider", "windows", "power"),
    [(1.2, 250, 0.256), (1.2, 1_000, 0.496), (1.4, 250, 0.572), (1.4, 1_000, 0.952)],
)
def test_power_of_the_count_of_overlapping_losses(wider: float, windows: int, power: float) -> None:
    """Volatility that much larger than forecast, over ten days: a year says little, four more."""

    def sample(rng: np.random.Generator) -> np.ndarray:
        days = wider * rng.standard_normal(windows + HORIZON - 1)
        sums = np.convolve(days, np.ones(HORIZON), mode="valid")
        return np.asarray(sums < -2.3263478740 * np.sqrt(HORIZON))

    found = rejections(
        lambda hits: overlapping_pof(hits, HORIZON), sample, 500, seed=10, by_lot=False
    )
    # Three standard errors of 500 samples, and of the 500 behind the figures.
    assert found == pytest.approx(power, abs=0.09)
