"""Riskfolio-lib under our contract: its answers where it has one, a failure where it is silent."""

from __future__ import annotations

import builtins
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

from riskplatform.errors import (
    EnvironmentSetupError,
    MissingDataError,
    UnknownNameError,
    UserInputError,
)
from riskplatform.optimisation.by_riskfolio import MEASURES, ByRiskfolio
from riskplatform.optimisation.inputs import Inputs, inputs_from_returns
from riskplatform.optimisation.long_only import MinimumVariance
from riskplatform.optimisation.portfolio import FailedPortfolio, Portfolio
from riskplatform.optimisation.risk_budgets import RiskBudgets
from riskplatform.optimisation.shortfall import MeanShortfall

pytestmark = pytest.mark.slow

riskfolio = pytest.importorskip("riskfolio", reason="pip install 'riskplatform[riskfolio]'")


def inputs(**more: Any) -> Inputs:
    rng = np.random.default_rng(5)
    returns = rng.standard_t(5, (120, 5)) * np.linspace(0.005, 0.02, 5) + 0.0005
    return inputs_from_returns(returns, [f"A{i}" for i in range(5)], **more)


@pytest.mark.parametrize(
    ("measure", "objective", "ours"),
    [
        ("volatility", "least-risk", MinimumVariance()),
        ("es", "least-risk", MeanShortfall(confidence=0.95)),
        ("volatility", "risk-parity", RiskBudgets()),
    ],
)
def test_where_we_have_the_method_too_both_agree(measure: str, objective: str, ours: Any) -> None:
    theirs = ByRiskfolio(measure, objective).fit(inputs())
    mine = ours.fit(inputs())
    assert isinstance(theirs, Portfolio)
    assert isinstance(mine, Portfolio)
    assert theirs.weights == pytest.approx(mine.weights, abs=2e-3)


@pytest.mark.parametrize("measure", sorted(MEASURES))
def test_every_measure_has_an_answer_or_says_why(measure: str) -> None:
    found = ByRiskfolio(measure).fit(inputs())
    assert isinstance(found, Portfolio), found.to_dict()
    assert found.weights.sum() == pytest.approx(1.0)
    assert (found.weights >= 0.0).all()
    assert found.parameters["measure"] == measure


def test_a_cap_that_cannot_hold_is_a_failure_and_not_none() -> None:
    found = ByRiskfolio(high=0.1).fit(inputs())
    assert isinstance(found, FailedPortfolio)
    assert "has no answer for volatility" in found.failure.message


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "it has none"),
        ([0.2, 0.2, 0.2, 0.2, np.nan], "1 of its weights are no numbers"),
        ([0.2, 0.2, 0.2, 0.2, 0.4], "sum to 1.2"),
        ([0.7, 0.6, -0.3, 0.0, 0.0], "go from -0.3 to 0.7"),
    ],
)
def test_what_is_no_answer_is_said(
    monkeypatch: pytest.MonkeyPatch, answer: list[float] | None, said: str
) -> None:
    names = [f"A{i}" for i in range(5)]
    frame = None if answer is None else pd.DataFrame({"weights": answer}, index=names)
    monkeypatch.setattr(riskfolio.Portfolio, "optimization", lambda *_, **__: frame)
    found = ByRiskfolio().fit(inputs())
    assert isinstance(found, FailedPortfolio)
    assert said in found.failure.message


def test_what_it_raises_and_prints_stays_inside(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def noisy(*_: object, **__: object) -> None:
        print("The problem doesn't have a solution")
        raise ZeroDivisionError("inside")

    monkeypatch.setattr(riskfolio.Portfolio, "optimization", noisy)
    found = ByRiskfolio().fit(inputs())
    assert isinstance(found, FailedPortfolio)
    assert "ZeroDivisionError('inside')" in found.failure.message
    assert capsys.readouterr().out == ""


def test_what_was_asked_wrongly_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownNameError, match="volatilty"):
        ByRiskfolio("volatilty")
    with pytest.raises(UserInputError, match="shares out no range"):
        ByRiskfolio("range", "risk-parity")
    with pytest.raises(UserInputError, match="confidence is 95"):
        ByRiskfolio(confidence=95)
    with pytest.raises(MissingDataError, match="expected returns"):
        ByRiskfolio(objective="best-ratio").fit(inputs())
    weighed = ByRiskfolio().fit(inputs(shares=np.full(120, 1 / 120)))
    assert isinstance(weighed, FailedPortfolio)
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "riskfolio":
            raise ImportError("no module")
        return real(name, *rest, **more)

    monkeypatch.delitem(sys.modules, "riskfolio")
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(EnvironmentSetupError, match="cannot be imported"):
        ByRiskfolio().fit(inputs())
