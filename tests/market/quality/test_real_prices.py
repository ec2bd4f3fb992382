"""Quality marks on twenty US stocks, 1990 to 2022: few, and at days that history explains."""

from __future__ import annotations

import pandas as pd
import pytest

from riskplatform.market.quality import QualityReport, Severity, assess_prices


@pytest.fixture(scope="module")
def prices() -> pd.DataFrame:
    from skfolio.datasets import load_sp500_dataset

    wide = load_sp500_dataset()
    long = wide.melt(ignore_index=False, var_name="instrument_id", value_name="close")
    return long.rename_axis("date").reset_index()


@pytest.fixture(scope="module")
def report(prices: pd.DataFrame) -> QualityReport:
    names = prices["instrument_id"].unique()
    return assess_prices(
        prices,
        sessions={"XNYS": prices["date"].unique()},
        calendar_of=dict.fromkeys(names, "XNYS"),
    )


def test_errors_are_a_handful_and_among_them_apples_halving(report: QualityReport) -> None:
    errors = report.of_severity(Severity.ERROR)
    assert len(errors) <= 5  # of 166,260 prices
    # On 29 September 2000 Apple really fell by 52 %: like a split, and not repaired.
    apple = errors[errors["subject_id"] == "AAPL"]
    assert apple["date"].tolist() == [pd.Timestamp("2000-09-29")]
    assert apple["rule"].tolist() == ["split_like"]


def test_jumps_are_rare(report: QualityReport, prices: pd.DataFrame) -> None:
    jumps = report.marks[report.marks["rule"] == "jump"]
    assert len(jumps) / len(prices) < 5e-4
    # UnitedHealth fell 30 % on 11 July 1996; Eli Lilly lost its Prozac patent on 9 August 2000.
    known = {("UNH", "1996-07-11"), ("LLY", "2000-08-09")}
    assert known <= set(
        zip(jumps["subject_id"], jumps["date"].dt.strftime("%Y-%m-%d"), strict=True)
    )


def test_crashes_of_the_whole_market_are_not_jumps(report: QualityReport) -> None:
    jumps = report.marks[report.marks["rule"] == "jump"]
    crash = jumps["date"].between("2020-03-09", "2020-03-24")
    assert crash.sum() <= 1


def test_nothing_real_is_repaired(report: QualityReport) -> None:
    assert report.repaired["repair_rule"].isna().all()


def test_planted_ticks_are_found_among_real_prices(prices: pd.DataFrame) -> None:
    spoiled = prices.copy()
    places = spoiled.groupby("instrument_id").nth(4000).index
    spoiled.loc[places, "close"] *= 10
    marks = assess_prices(spoiled).marks
    spikes = marks[marks["rule"] == "spike"]
    assert len(spikes) == 20
    assert spikes["date"].nunique() == 1
    assert spikes["date"].iloc[0] == spoiled.loc[places[0], "date"]
