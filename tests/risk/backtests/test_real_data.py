"""Nine models on an equal-weight book of twenty US shares, 99% over one day, 1992 to 2022.

The prices are those that skfolio ships, from 1990 on; the first 500 days are the first window. What
is asserted is what stays when a seed or a window is changed a little.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskplatform.risk.backtests import (
    ModelScore,
    Scorecard,
    Verdict,
    diebold_mariano,
    quantile_scores,
    rolling_backtest,
    scorecard,
    usual_models,
)
from riskplatform.risk.backtests.rolling import RollingBacktest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run() -> RollingBacktest:
    datasets = pytest.importorskip("skfolio.datasets")
    prices = datasets.load_sp500_dataset()
    assert prices.shape[1] == 20
    returns = prices.pct_change().iloc[1:].mean(axis=1)
    return rolling_backtest(returns.to_numpy(), list(returns.index), usual_models())


@pytest.fixture(scope="module")
def card(run: RollingBacktest) -> Scorecard:
    return scorecard(run, champion="normal")


def in_year(run: RollingBacktest, name: str, year: int) -> int:
    years = np.array([day.year for day in run.dates])
    return int(run.run(name).exceptions[years == year].sum())


def independence_of(score: ModelScore) -> Verdict:
    """Christoffersen's verdict among all of a model."""
    (found,) = [one for one in score.verdicts if one.name == "Christoffersen independence"]
    return found


def table(run: RollingBacktest, card: Scorecard) -> pd.DataFrame:
    """The table of the README's validation section."""
    plain = quantile_scores(run.pnl, run.run("historical").value_at_risk, 0.99)
    rows = [
        {
            "rank": one.rank,
            "model": one.name,
            "exceptions": one.exceptions,
            "2008": in_year(run, one.name, 2008),
            "2020": in_year(run, one.name, 2020),
            "light": one.light.zone,
            "last 250": one.light.exceptions,
            "POF p": one.coverage.p_value,
            "independence p": independence_of(one).p_value,
            "CC p": one.conditional.p_value,
            "quantile score (bp)": 1e4 * one.quantile_score,
            "FZ score": one.fissler_ziegel_score,
            "p against historical": diebold_mariano(
                quantile_scores(run.pnl, run.run(one.name).value_at_risk, 0.99), plain
            ).p_value,
        }
        for one in card.scores
    ]
    return pd.DataFrame(rows)


def test_every_model_runs_on_the_same_days(run: RollingBacktest) -> None:
    assert len(run.runs) == 9
    assert run.coverage.is_complete
    assert len(run.dates) == 7812
    assert (run.dates[0].year, run.dates[-1].year) == (1991, 2022)
    for one in run.runs:
        assert (one.expected_shortfall >= one.value_at_risk).all()
        assert (one.value_at_risk > 0).all()


@pytest.mark.parametrize("filtered", ["filtered, GJR", "filtered, EWMA", "volatility-scaled"])
def test_filtered_beats_plain_historical_on_the_quantile_score(
    run: RollingBacktest, filtered: str
) -> None:
    scores = [
        quantile_scores(run.pnl, run.run(name).value_at_risk, 0.99)
        for name in (filtered, "historical")
    ]
    found = diebold_mariano(*scores, names=(filtered, "historical"))
    assert found.statistic is not None
    assert found.statistic < 0
    assert found.is_rejected_at(0.01)


def test_models_that_look_back_500_days_fail_in_2008(run: RollingBacktest) -> None:
    # Two or three exceptions are expected in a year.
    for name in ("historical", "normal", "Student t", "EVT"):
        assert in_year(run, name, 2008) >= 18
    for name in ("filtered, GJR", "filtered, EWMA", "volatility-scaled"):
        assert in_year(run, name, 2008) <= 7


def test_2020_was_over_sooner(run: RollingBacktest) -> None:
    assert 5 <= in_year(run, "historical", 2020) <= 11
    assert in_year(run, "filtered, GJR", 2020) <= 5
    # With normal tails even a volatility that is up to date is not enough.
    assert in_year(run, "EWMA normal", 2020) >= 2 * in_year(run, "filtered, EWMA", 2020)


def test_coverage_of_thirty_years(card: Scorecard) -> None:
    for name in ("filtered, GJR", "filtered, EWMA", "volatility-scaled"):
        assert not card.score(name).coverage.is_rejected
    for name in ("normal", "EWMA normal", "Student t", "historical", "age-weighted"):
        assert card.score(name).coverage.is_rejected
        assert card.score(name).conditional.is_rejected
    assert card.score("normal").exceptions > 1.9 * card.score("normal").expected


def test_the_scorecard_and_its_alert(run: RollingBacktest, card: Scorecard) -> None:
    assert card.best.name == "filtered, GJR"
    assert card.confidence_set.included == ("filtered, GJR",)
    assert card.scores[-1].name == "normal"
    assert "Use filtered, GJR" in card.recommendation
    # The bear market of 2022 turned the plain normal red.
    assert card.alert is not None
    assert card.alert.challenger == "filtered, GJR"
    assert card.alert.red_since is not None
    assert card.alert.red_since.year == 2022
    assert list(table(run, card)["rank"]) == list(range(1, 10))


# What the README says, to the number: exceptions in all, in 2008 and in 2020, and the light.
COUNTS = {
    "filtered, GJR": (77, 5, 3, "green"),
    "filtered, EWMA": (88, 5, 5, "green"),
    "volatility-scaled": (90, 4, 4, "green"),
    "age-weighted": (117, 8, 5, "yellow"),
    "EWMA normal": (164, 6, 12, "yellow"),
    "EVT": (103, 22, 8, "yellow"),
    "historical": (105, 22, 8, "yellow"),
    "Student t": (128, 22, 11, "yellow"),
    "normal": (184, 31, 13, "red"),
}


def test_the_table_of_the_readme(run: RollingBacktest, card: Scorecard) -> None:
    rows = table(run, card).set_index("model")
    found = {
        name: (row["exceptions"], row["2008"], row["2020"], row["light"])
        for name, row in rows.iterrows()
    }
    assert found == COUNTS
    assert list(rows.index) == list(COUNTS)


def test_exceptions_of_models_that_look_back_come_in_bunches(card: Scorecard) -> None:
    for name in ("historical", "normal", "Student t", "EVT"):
        assert independence_of(card.score(name)).is_rejected_at(0.001)
    for name in ("filtered, GJR", "filtered, EWMA"):
        assert not independence_of(card.score(name)).is_rejected
