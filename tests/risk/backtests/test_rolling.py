"""The runner shows a model the past and nothing else, and takes failures as values."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from riskplatform.domain.outcome import FailureReason
from riskplatform.errors import DataError, MissingDataError, UnknownNameError, UserInputError
from riskplatform.risk.backtests import Forecast, rolling_backtest, usual_models
from riskplatform.risk.backtests.models import Historical
from tests.risk.backtests.worlds import garch_pnl, trading_days

DAYS = 400
PNL = garch_pnl(1, DAYS)
DATES = trading_days(DAYS)


@dataclass
class Spy:
    """Takes everything it can get hold of."""

    name: str = "spy"
    least_days: int = 100
    lengths: list[int] = field(default_factory=list)
    seen: list[np.ndarray] = field(default_factory=list)

    def __call__(self, history: np.ndarray, confidence: float) -> Forecast:
        self.lengths.append(len(history))
        everything = history
        while isinstance(everything.base, np.ndarray):
            everything = everything.base
        self.seen.append(everything.copy())
        with pytest.raises(ValueError, match="read-only"):
            history[0] = 1.0
        return Forecast(1.0, 2.0, lambda value: 0.5)


@pytest.mark.slow
def test_a_model_can_reach_nothing_but_the_past() -> None:
    spy = Spy()
    rolling_backtest(PNL, DATES, [spy])
    assert spy.lengths == list(range(100, DAYS))
    for length, seen in zip(spy.lengths, spy.seen, strict=True):
        np.testing.assert_array_equal(seen[:length], PNL[:length])
        assert np.isnan(seen[length:]).all()


def test_a_model_of_ones_own() -> None:
    @dataclass(frozen=True)
    class Worst:
        name: str = "worst so far"
        least_days: int = 50

        def __call__(self, history: np.ndarray, confidence: float) -> Forecast:
            return Forecast(-history.min(), -1.5 * history.min())

    found = rolling_backtest(PNL, DATES, [Worst(), Historical(window_days=100)])
    assert found.names == ("worst so far", "historical")
    # All are judged on the days that the most demanding one can answer.
    assert len(found.dates) == DAYS - 100
    run = found.run("worst so far")
    lows = np.minimum.accumulate(PNL)
    assert run.value_at_risk == pytest.approx(-lows[99:-1])
    assert run.exceptions.tolist() == (PNL[100:] < lows[99:-1]).tolist()
    assert run.pits is None


def test_day_by_day_and_at_once_agree_for_all_models() -> None:
    models = usual_models(window_days=250)
    fast = rolling_backtest(PNL[:280], DATES[:280], models)
    slow = rolling_backtest(PNL[:280], DATES[:280], models, day_by_day=True)
    assert fast.to_frame().equals(slow.to_frame())
    assert fast.provenance.run_id == slow.provenance.run_id


def test_the_number_of_threads_changes_nothing() -> None:
    models = usual_models(window_days=250)
    one = rolling_backtest(PNL, DATES, models, threads=1)
    assert one.to_frame().equals(rolling_backtest(PNL, DATES, models, threads=4).to_frame())


def test_what_fails_is_a_value() -> None:
    @dataclass(frozen=True)
    class Broken:
        name: str
        answer: float
        least_days: int = 60

        def __call__(self, history: np.ndarray, confidence: float) -> Forecast:
            if self.answer == 0.0:
                raise ZeroDivisionError("no tail")
            return Forecast(self.answer, self.answer)

    models = [Broken("stops", 0.0), Broken("is no number", np.nan), Historical(window_days=100)]
    found = rolling_backtest(PNL, DATES, models)
    assert found.names == ("historical",)
    reasons = {failure.subject: failure for failure in found.coverage.failures}
    assert "no tail" in reasons["stops"].message
    assert "no number on 300 days" in reasons["is no number"].message
    assert {one.reason for one in reasons.values()} == {FailureReason.CALCULATION_FAILED}
    assert found.coverage.total == 3


def test_the_result_is_whole_and_frozen() -> None:
    found = rolling_backtest(PNL, DATES, [Historical(window_days=100)], confidence=0.975)
    frame = found.to_frame()
    assert len(frame) == 300
    assert frame["date"].iloc[-1] == DATES[-1]
    assert (frame["is_exception"] == (-frame["pnl"] > frame["value_at_risk"])).all()
    assert found.to_dict()["exceptions"]["historical"] == int(frame["is_exception"].sum())
    assert found.provenance.as_of == DATES[-1]
    assert "7.5 exceptions expected" in found._repr_html_()
    with pytest.raises(ValueError, match="read-only"):
        found.pnl[0] = 1.0
    with pytest.raises(UnknownNameError, match="historical"):
        found.run("historic")


def test_wrong_questions_are_refused() -> None:
    model = Historical(window_days=100)
    with pytest.raises(UserInputError, match=r"Did you mean 0\.99"):
        rolling_backtest(PNL, DATES, [model], confidence=99)
    with pytest.raises(DataError, match="not finite"):
        rolling_backtest(np.append(PNL[1:], np.nan), DATES, [model])
    with pytest.raises(UserInputError, match="dates"):
        rolling_backtest(PNL, DATES[1:], [model])
    with pytest.raises(UserInputError, match="no model"):
        rolling_backtest(PNL, DATES, [])
    with pytest.raises(UserInputError, match="same name"):
        rolling_backtest(PNL, DATES, [model, model])
    with pytest.raises(UserInputError, match="need 100 days"):
        rolling_backtest(PNL, DATES, [model], first=50)
    with pytest.raises(MissingDataError, match="longer history"):
        rolling_backtest(PNL[:100], DATES[:100], [model])
