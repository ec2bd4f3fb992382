"""Levels worked backwards by returns that stand in, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskplatform.simulation.stand_ins import first_known, on_days, prolonged, systematic_returns

DAYS = pd.bdate_range("2026-03-02", periods=5)
NAN = float("nan")


def test_the_beginning_is_carried_back_from_the_first_price() -> None:
    levels = pd.DataFrame({"NEW": [NAN, NAN, 50.0, NAN, 55.0], "OLD": [1.0, 2, 3, 4, 5]}, DAYS)
    up = np.log([1.0, 1.25, 2.0, 9.0, 9.0])
    filled = prolonged(levels, pd.DataFrame({"NEW": up}, DAYS))
    # 50 was twice the level before, and that 1.25 times the one before.
    assert filled["NEW"].tolist()[:3] == pytest.approx([20.0, 25.0, 50.0], rel=1e-14)
    assert np.isnan(filled["NEW"].iloc[3])
    assert filled["NEW"].iloc[4] == 55.0
    assert filled["OLD"].tolist() == levels["OLD"].tolist()
    assert np.isnan(levels["NEW"].iloc[0])


def test_beyond_an_unknown_return_nothing_is_known() -> None:
    levels = pd.DataFrame({"NEW": [NAN, NAN, NAN, 8.0, 9.0]}, DAYS)
    returns = pd.DataFrame({"NEW": [0.0, 0.1, NAN, np.log(2.0), 0.0]}, DAYS)
    filled = prolonged(levels, returns)["NEW"]
    assert filled.iloc[2] == pytest.approx(4.0)
    assert filled.iloc[:2].isna().all()


def test_names_without_any_level_or_without_a_gap_stay_as_they_are() -> None:
    levels = pd.DataFrame({"NONE": [NAN] * 5, "WHOLE": [1.0] * 5}, DAYS)
    filled = prolonged(levels, pd.DataFrame(1.0, DAYS, ["NONE", "WHOLE"]))
    pd.testing.assert_frame_equal(filled, levels)
    assert first_known(np.array([NAN, 1.0])) == 1
    assert first_known(np.array([NAN])) is None


def test_returns_are_summed_between_the_days_of_another_calendar() -> None:
    returns = pd.DataFrame({"A": [0.1, 0.2, 0.3, 0.4]}, DAYS[:4])
    grid = pd.DatetimeIndex(["2026-02-27", *DAYS[[0, 2, 3, 4]]])
    # Tuesday and Wednesday together; no return before the first day nor after the last.
    assert on_days(returns, grid)["A"].tolist() == pytest.approx(
        [NAN, NAN, 0.5, 0.4, NAN], nan_ok=True
    )


def test_a_name_has_no_returns_before_a_factor_that_it_depends_on_has() -> None:
    factors = pd.DataFrame(
        {"M": [0.01, NAN, 0.03, 0.0, 0.01], "LATE": [NAN, NAN, 0.1, 0.2, 0.3]}, DAYS
    )
    betas = pd.DataFrame({"M": [2.0, 1.0], "LATE": [0.0, 0.5]}, index=["ONE", "TWO"])
    found = systematic_returns(factors, betas)
    assert systematic_returns(factors, betas.iloc[:0, :0]).shape == (5, 0)
    assert found["ONE"].tolist() == pytest.approx([0.02, 0.0, 0.06, 0.0, 0.02])
    assert found["TWO"].tolist() == pytest.approx([NAN, NAN, 0.08, 0.1, 0.16], nan_ok=True)
