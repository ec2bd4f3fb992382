"""Ranking, recommendation, and the alert of a champion that turns red."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pytest

from riskplatform.errors import MissingDataError, UnknownNameError
from riskplatform.risk.backtests import (
    Forecast,
    Scorecard,
    StudentT,
    rolling_backtest,
    scorecard,
    usual_models,
)
from riskplatform.risk.backtests.scorecard import red_since
from riskplatform.risk.backtests.shapes import Normal
from tests.risk.backtests.worlds import garch_pnl, trading_days


@dataclass(frozen=True)
class Known:
    """A normal of a stated deviation; on 1% a day it is right."""

    name: str
    deviation: float
    least_days: int = 50

    def __call__(self, history: np.ndarray, confidence: float) -> Forecast:
        shape, p = Normal(), 1.0 - confidence
        return Forecast(
            -self.deviation * float(shape.quantile(p)),
            -self.deviation * float(shape.tail_mean(p)),
            lambda value: float(shape.cdf(value / self.deviation)),
        )


def judged(pnl: np.ndarray, *models: Known, champion: str | None = None) -> Scorecard:
    run = rolling_backtest(pnl, trading_days(len(pnl)), models)
    return scorecard(run, champion=champion)


@pytest.fixture(scope="module")
def calm() -> np.ndarray:
    return 0.01 * np.random.default_rng(1).standard_normal(1_050)


@pytest.mark.slow
def test_the_true_model_is_first_and_its_reasons_are_given(calm: np.ndarray) -> None:
    card = judged(calm, Known("thin", 0.007), Known("right", 0.01), Known("fat", 0.02))
    assert [one.name for one in card.scores] == ["right", "fat", "thin"]
    assert card.best.rank == 1
    assert card.best.rejections == ()
    assert card.recommendation.startswith("Use right, because it has the smallest Fissler-Ziegel")
    assert "No test rejects it." in card.recommendation
    thin, fat = card.score("thin"), card.score("fat")
    assert thin.coverage.is_rejected
    assert thin.shortfall.is_rejected
    # Too careful is no danger: the score pays for it, the ES tests do not reject.
    assert fat.coverage.is_rejected
    assert not fat.shortfall.is_rejected
    assert card.alert is None


def test_a_champion_that_turns_red_raises_an_alert(calm: np.ndarray) -> None:
    pnl = calm.copy()
    pnl[-200:] *= 2.2
    card = judged(pnl, Known("champion", 0.01), Known("careful", 0.021), champion="champion")
    assert card.score("champion").is_red
    assert card.alert is not None
    assert card.alert.challenger == "careful"
    dates = trading_days(len(pnl))
    assert dates[-200] < card.alert.red_since <= dates[-1]
    assert "is proposed" in card.alert.message
    assert card.best.name == "careful"
    assert scorecard_alert_is_json(card)


def scorecard_alert_is_json(card: Scorecard) -> bool:
    return json.loads(json.dumps(card.to_dict(), allow_nan=False))["alert"] is not None


@pytest.mark.slow
def test_when_all_are_red_none_is_proposed(calm: np.ndarray) -> None:
    pnl = calm * 3.0
    card = judged(pnl, Known("a", 0.010), Known("b", 0.012), champion="a")
    assert card.alert is not None
    assert card.alert.challenger is None
    assert "none is proposed" in card.alert.message
    assert card.recommendation.startswith("Every model is in the red zone; use b for now")


def test_a_smaller_score_does_not_help_a_red_model(calm: np.ndarray) -> None:
    pnl = np.append(calm, 0.02 * np.random.default_rng(2).standard_normal(250))
    card = judged(pnl, Known("was right", 0.01), Known("far too large", 0.2))
    assert [one.name for one in card.scores] == ["far too large", "was right"]
    assert "was right has a smaller one but is red" in card.recommendation
    assert "not in the model confidence set" in card.recommendation


def test_red_since_is_the_day_of_the_tenth_exception() -> None:
    hits = np.zeros(600, dtype=bool)
    hits[np.arange(400, 420, 2)] = True
    dates = tuple(trading_days(600))
    assert red_since(hits, dates, 0.99) == dates[418]
    hits[418] = False
    assert red_since(hits, dates, 0.99) is None


@pytest.mark.parametrize("days", [1, 2, 5, 30])
def test_few_days_are_no_reason_to_stop(days: int) -> None:
    pnl = garch_pnl(3, 250 + days)
    run = rolling_backtest(pnl, trading_days(len(pnl)), usual_models(window_days=250))
    card = scorecard(run, champion="historical")
    assert len(card.scores) == 9
    assert card.recommendation
    json.dumps(card.to_dict(), allow_nan=False)


def test_a_book_that_does_not_move() -> None:
    run = rolling_backtest(np.zeros(400), trading_days(400), usual_models(window_days=250))
    card = scorecard(run, champion="normal")
    assert all(one.fissler_ziegel_score is None for one in card.scores)
    assert all(one.exceptions == 0 for one in card.scores)
    assert "smallest quantile score" in card.recommendation
    assert card.alert is None
    json.dumps(card.to_dict(), allow_nan=False)


def test_tables_and_names(calm: np.ndarray) -> None:
    card = judged(calm, Known("right", 0.01))
    assert "only model" in card.recommendation
    assert card.to_frame()["model"].tolist() == ["right"]
    assert "<p>" in card._repr_html_()
    assert card.provenance.as_of == card.last_day
    with pytest.raises(UnknownNameError):
        card.score("rigth")
    run = rolling_backtest(calm, trading_days(len(calm)), [Known("right", 0.01)])
    with pytest.raises(UnknownNameError):
        scorecard(run, champion="nobody")
    other = scorecard(run, tail=StudentT(4.0))
    assert "Student t(4)" in other.best.shortfall.null
    assert other.provenance.run_id != card.provenance.run_id
    nobody = rolling_backtest(calm, trading_days(len(calm)), [Known("none", np.nan)])
    with pytest.raises(MissingDataError, match="No model"):
        scorecard(nobody)


def test_the_same_run_gives_the_same_card(calm: np.ndarray) -> None:
    one = judged(calm, Known("right", 0.01), Known("fat", 0.013))
    two = judged(calm, Known("right", 0.01), Known("fat", 0.013))
    assert one.to_dict() == two.to_dict()
