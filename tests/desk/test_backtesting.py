"""Backtests of the desk: P&L worked out a second way, no look-ahead, champion, alerts, refusals."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from riskplatform.desk import Desk
from riskplatform.domain.instruments import Equity
from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.domain.transactions import Transaction, TransactionKind
from riskplatform.errors import (
    DataError,
    MissingDataError,
    UnknownNameError,
    UserInputError,
)
from riskplatform.project.strict_yaml import ContentError
from riskplatform.project.validate import validate
from riskplatform.risk.backtests import (
    Attribution,
    BacktestResult,
    rolling_backtest,
    scorecard,
    usual_models,
)
from tests.desk.backtest_desk import (
    DAYS,
    LAST,
    WINDOW,
    actual_pnl,
    clock,
    closes,
    hypothetical_pnl,
    make,
    price_rows,
)

pytestmark = pytest.mark.slow

CLOSES = closes()
ACTUAL: dict[str, Any] = {"of": "actual", "window_days": WINDOW}
QUICK: dict[str, Any] = {"window_days": WINDOW, "with_attribution": False}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The desk with its cube of one day, made once."""
    folder = tmp_path_factory.mktemp("backtests") / "desk"
    with make(folder) as desk:
        desk.pnl_history("growth")
    return folder


@pytest.fixture
def desk(template: Path, tmp_path: Path) -> Iterator[Desk]:
    shutil.copytree(template, tmp_path / "desk")
    with Desk.open(tmp_path / "desk", clock=clock) as opened:
        yield opened


@pytest.fixture(scope="module")
def judged(template: Path) -> BacktestResult:
    with Desk.open(template, clock=clock) as opened:
        return opened.backtest("growth", window_days=WINDOW)


def poison(desk: Desk, first: int, last: int) -> None:
    """Other prices on the days from ``first`` to before ``last``."""
    wild = CLOSES * np.exp(0.2 * np.random.default_rng(9).standard_normal(CLOSES.shape))
    with desk.lake.batch() as batch:
        batch.write("prices", price_rows(wild, first, last), mode="replace_keys")


def champions(desk: Desk, text: str) -> None:
    (desk.settings.desk / "models" / "champions.yaml").write_text(text, encoding="utf-8")


# The rows of P&L


def test_hypothetical_pnl_is_today_s_book_on_the_moves_of_each_day(desk: Desk) -> None:
    found = desk.pnl_history("growth")
    assert found.dates == DAYS[1:]
    assert found.pnl == pytest.approx(hypothetical_pnl(CLOSES), rel=1e-5, abs=0.01)
    assert (found.node, found.kind, found.coverage.is_complete) == ("growth", "hypothetical", True)
    # With no node it is the whole, which holds nothing else that moves.
    assert desk.pnl_history().pnl == pytest.approx(found.pnl)
    assert desk.pnl_history("growth", days=100).dates == DAYS[-100:]


def test_actual_pnl_leaves_flows_out(desk: Desk) -> None:
    found = desk.pnl_history("growth", of="actual")
    assert found.dates == DAYS[1:]
    assert found.pnl == pytest.approx(actual_pnl(CLOSES), abs=1e-6)
    assert desk.pnl_history("growth", of="actual", days=30).dates == DAYS[-30:]
    assert set(found.to_frame()) == {"date", "pnl"}
    assert len(found.to_dict()["days"]) == len(DAYS) - 1


def test_pnl_of_several_days_overlaps(desk: Desk) -> None:
    sums = desk.pnl_history("growth", of="actual", horizon_days=5)
    assert sums.dates == DAYS[5:]
    five = pd.Series(actual_pnl(CLOSES)).rolling(5).sum().dropna()
    assert sums.pnl == pytest.approx(five.to_numpy(), abs=1e-6)
    assert sums.daily == pytest.approx(actual_pnl(CLOSES), abs=1e-6)
    moved = desk.pnl_history("growth", horizon_days=5)
    assert moved.dates == DAYS[5:]
    # Not five times a day: the moves are those of the whole window.
    assert moved.pnl == pytest.approx(hypothetical_pnl(CLOSES, span=5), rel=1e-5, abs=0.01)
    assert moved.daily == pytest.approx(hypothetical_pnl(CLOSES), rel=1e-5, abs=0.01)


def test_a_day_on_which_a_line_loses_its_mark_is_no_pnl(desk: Desk) -> None:
    desk.put_instruments([Equity(instrument_id="GHOST", name="Unlisted", currency="USD")])
    day = DAYS[600]
    ghost = Transaction(
        transaction_id="g",
        kind=TransactionKind.OPENING,
        effective_at=datetime(day.year, day.month, day.day, 15, tzinfo=UTC),
        portfolio_id="growth",
        instrument_id="GHOST",
        quantity=Decimal(10),
    )
    desk.add_transactions([ghost])
    found = desk.pnl_history("growth", of="actual")
    (failure,) = found.coverage.failures
    assert (failure.reason, failure.subject) == (FailureReason.MISSING_DATA, str(day))
    assert day not in found.dates
    assert len(found) == len(DAYS) - 2
    assert "GHOST" in found.notes[0]


# The backtest


def test_it_is_the_rolling_backtest_of_that_row(judged: BacktestResult) -> None:
    history = judged.history
    run = rolling_backtest(history.pnl, history.dates, usual_models(WINDOW))
    card = scorecard(run, champion="historical")
    assert judged.run.to_frame().equals(run.to_frame())
    assert judged.to_frame().equals(card.to_frame())
    assert judged.recommendation == card.recommendation
    assert judged.champion is not None
    assert judged.champion.name == "historical"
    assert judged.notes[0] == "In use: historical-var (the setting var_model)."
    assert judged.coverage.is_complete


def test_what_it_shows(judged: BacktestResult) -> None:
    strip = judged.strip()
    run = judged.run.run("historical")
    assert strip["is_exception"].to_numpy() == pytest.approx(run.exceptions)
    last = judged.champion
    assert last is not None
    assert strip["exceptions_250"].iloc[-1] == last.light.exceptions
    assert strip["zone"].iloc[-1] == last.light.zone
    assert strip["zone"].iloc[:249].isna().all()
    assert strip["zone"].iloc[249:].notna().all()
    years = judged.years
    assert years.loc["days"].sum() == len(judged.run.dates)
    assert years.loc["expected"].sum() == pytest.approx(0.01 * len(judged.run.dates), abs=0.02)
    for one in judged.run.runs:
        assert years.loc[one.name].sum() == one.exceptions.sum()
    tests = judged.tests("normal")
    assert {"Kupiec POF", "Basel traffic light"} <= set(tests["name"])
    assert (tests["null"].str.len() > 0).all()
    assert len(judged.tests()["model"].unique()) == 9
    whole = json.loads(json.dumps(judged.to_dict()))
    assert (whole["node"], whole["of"]) == ("growth", "hypothetical")
    assert "<table" in judged._repr_html_()


def test_sensitivities_of_shares_say_what_full_revaluation_does(judged: BacktestResult) -> None:
    found = judged.attribution
    assert isinstance(found, Attribution)
    assert (found.zone, found.spearman.sample_size) == ("green", 250)
    assert found.spearman.statistic == pytest.approx(1.0, abs=1e-4)
    assert found.distance.statistic == pytest.approx(0.0, abs=0.01)


def test_attribution_says_where_it_does_not_apply(desk: Desk) -> None:
    for found in (
        desk.backtest("growth", **ACTUAL),
        desk.backtest("growth", horizon_days=5, window_days=WINDOW, models=["historical"]),
    ):
        assert isinstance(found.attribution, Failure)
        assert found.attribution.reason is FailureReason.NOT_SUPPORTED
    assert desk.backtest("growth", **QUICK).attribution is None


def test_windows_of_five_days_are_judged_as_such(desk: Desk) -> None:
    found = desk.backtest("growth", horizon_days=5, **QUICK)
    assert found.run.horizon_days == 5
    # All models begin when the first window after 250 that have ended begins.
    assert found.run.dates[0] == DAYS[5 + WINDOW + 4]
    assert any("square root of time" in note for note in found.notes)
    assert found.history.daily is not None
    daily = rolling_backtest(found.history.daily, DAYS[1:], usual_models(WINDOW), first=WINDOW + 4)
    filtered, alone = found.run.run("filtered, EWMA"), daily.run("filtered, EWMA")
    days = len(found.run.dates)
    assert filtered.value_at_risk == pytest.approx(np.sqrt(5) * alone.value_at_risk[:days])
    names = [one.name for one in found.card.score("historical").verdicts]
    assert "Kupiec POF, 5-day losses that overlap" in names
    assert not any("PIT" in name for name in names)


# No look-ahead


def test_what_happens_after_the_day_asked_about_changes_nothing(desk: Desk) -> None:
    day = DAYS[600]
    before = desk.backtest("growth", day, **QUICK)
    acted = desk.backtest("growth", day, **ACTUAL)
    poison(desk, 601, len(DAYS))
    after = desk.backtest("growth", day, **QUICK)
    assert after.run.dates[-1] == day
    assert after.run.to_frame().equals(before.run.to_frame())
    assert after.to_frame().equals(before.to_frame())
    again = desk.backtest("growth", day, **ACTUAL)
    assert again.run.to_frame().equals(acted.run.to_frame())
    # The same question today is another one: the poison is seen where it may be.
    assert not desk.backtest("growth", **ACTUAL).run.to_frame().equals(acted.run.to_frame())


@pytest.mark.parametrize("horizon_days", [1, 5])
@pytest.mark.parametrize("of", ["hypothetical", "actual"])
def test_no_forecast_sees_a_later_day(desk: Desk, of: str, horizon_days: int) -> None:
    """Prices of two weeks are poisoned; today's are not, so that today's book stays."""
    asked = {"of": of, "horizon_days": horizon_days, **QUICK}
    before = desk.backtest("growth", **asked).run
    poison(desk, 650, 660)
    after = desk.backtest("growth", **asked).run
    last = before.dates.index(DAYS[649])
    seen = before.dates.index(DAYS[650])
    for one, other in zip(before.runs, after.runs, strict=True):
        # A window that ends on day 649 + horizon begins on day 649, when its forecast is made.
        known = last + horizon_days + 1
        assert one.value_at_risk[:known].tolist() == other.value_at_risk[:known].tolist()
        assert one.expected_shortfall[:known].tolist() == other.expected_shortfall[:known].tolist()
        assert one.value_at_risk[known:].tolist() != other.value_at_risk[known:].tolist()
    assert before.pnl[:seen].tolist() == after.pnl[:seen].tolist()
    assert before.pnl[seen] != after.pnl[seen]


# The model in use


def test_the_champion_is_that_of_the_nearest_portfolio_above(desk: Desk) -> None:
    champions(desk, "fund: filtered-gjr-var\nfirm: evt-var\n")
    assert desk.champion("growth").model.name == "filtered, GJR"
    assert desk.champion("value").model.name == "EVT"
    assert desk.champion().said_in == "models/champions.yaml"
    (desk.settings.desk / "models" / "champions.yaml").unlink()
    assert desk.champion("growth").said_in == "the setting var_model"
    with Desk.open(desk.settings.desk, clock=clock, var_model="student-t") as other:
        assert other.champion("growth").model.model_id == "student-t-var"


def test_models_are_those_of_the_register(desk: Desk) -> None:
    names = [one.model_id for one in desk.var_models()]
    assert names[0] == "historical-var"
    assert len(names) == 9
    file = desk.settings.desk / "models" / "evt-var" / "model.yaml"
    text = file.read_text()
    file.write_text(text.replace("status: approved", "status: retired"))
    assert len(desk.var_models()) == 8
    file.write_text(text.replace("status: approved", "status: draft"))
    champions(desk, "growth: evt-var\n")
    with pytest.raises(UserInputError, match="draft and cannot be the model in use"):
        desk.champion("growth")
    file.write_text(text.replace("tail_share", "tail_shape"))
    with pytest.raises(ContentError, match=r"evt-var.model.yaml.*tail_shape"):
        desk.var_models()
    shutil.rmtree(desk.settings.desk / "models")
    # A desk of before the register has the usual ones.
    assert [one.model_id for one in desk.var_models()] == names


def test_validate_finds_a_champion_that_is_no_model(desk: Desk) -> None:
    champions(desk, "firm: historical-var\ngrowth: historcal-var\n")
    (finding,) = [one for one in validate(desk.settings.desk) if "champions" in one.file]
    assert (finding.severity, finding.line) == ("error", 2)
    assert "Did you mean historical-var?" in finding.message


def test_chosen_models_are_judged_beside_the_one_in_use(desk: Desk) -> None:
    found = desk.backtest("growth", models=["filtered-gjr", "Student t"], **QUICK)
    assert found.run.names == ("filtered, GJR", "Student t", "historical")
    other = desk.backtest("growth", models=["evt-var"], champion="normal", **QUICK)
    assert (other.run.names, other.card.champion) == (("EVT", "normal"), "normal")


def test_a_red_champion_raises_an_alert_and_names_a_challenger(tmp_path: Path) -> None:
    with make(tmp_path / "desk", closes(storm=80)) as desk:
        champions(desk, "growth: filtered-ewma-var\n")
        alerts = desk.backtest_alerts(of="actual", nodes=["fund", "growth", "spare"])
        (found,) = alerts.alerts
        assert (found.node, found.alert.champion) == ("fund", "historical")
        # Those that follow volatility have seen the storm.
        assert found.alert.challenger in ("filtered, EWMA", "volatility-scaled", "filtered, GJR")
        assert found.alert.red_since is not None
        assert DAYS[-80] < found.alert.red_since <= LAST
        assert found.alert.challenger in found.alert.message
        (failure,) = alerts.coverage.failures
        assert failure.subject == "spare"
        assert list(alerts.to_frame()["node"]) == ["fund"]
        # The portfolio that names another model is judged by that.
        assert desk.backtest("growth", of="actual", with_attribution=False).alert is None
        assert set(desk.backtest_alerts(of="actual").nodes) == {
            "firm", "fund", "value", "spare", "growth",
        }  # fmt: skip


# What is kept


def test_a_run_is_kept_once_and_leaves_the_market_alone(desk: Desk, judged: BacktestResult) -> None:
    from riskplatform.desk.snapshots import market_snapshot

    before = market_snapshot(desk.lake)
    run_id = desk.record_backtest(judged)
    assert run_id == judged.provenance.run_id
    assert desk.record_backtest(judged) == run_id
    rows = desk.lake.read("runs", where={"run_id": run_id})
    assert len(rows) == 1
    summary = json.loads(rows["summary"].iloc[0])
    assert (rows["kind"].iloc[0], summary["node"], len(summary["models"])) == (
        "backtest", "growth", 9,
    )  # fmt: skip
    assert market_snapshot(desk.lake) == before
    assert desk.backtest("growth", window_days=WINDOW).provenance.run_id == run_id


# What is refused


def test_confidence_of_99_is_told_what_was_meant(desk: Desk) -> None:
    with pytest.raises(UserInputError) as caught:
        desk.backtest("growth", confidence=99)
    assert caught.value.hint == "Did you mean 0.99?"


def test_too_short_a_history_says_how_long_it_is(desk: Desk) -> None:
    with pytest.raises(MissingDataError, match=r"need 500 days .* has 300 days"):
        desk.backtest("growth", days=300, with_attribution=False)
    with pytest.raises(MissingDataError, match=r"need 250 days .* has 40 days"):
        desk.backtest("growth", of="actual", days=40, window_days=WINDOW)


def test_a_window_longer_than_the_history(desk: Desk) -> None:
    with pytest.raises(MissingDataError, match=r"need 900 days .* has 779 days") as caught:
        desk.backtest("growth", window_days=900, with_attribution=False)
    assert caught.value.hint == "Give a longer history, or models with a shorter window."
    with pytest.raises(UserInputError, match="50 days or more; found 10"):
        desk.backtest("growth", window_days=10, with_attribution=False)


def test_an_unknown_model_is_told_the_nearest(desk: Desk) -> None:
    with pytest.raises(UnknownNameError) as caught:
        desk.backtest("growth", models=["histrical"])
    assert "historical" in str(caught.value.hint)
    with pytest.raises(UnknownNameError) as caught:
        desk.backtest("growth", champion="a model of my own")
    assert "There are historical-var" in str(caught.value.hint)
    with pytest.raises(UnknownNameError, match="hypothetcal") as caught:
        desk.backtest("growth", of="hypothetcal")
    assert caught.value.hint == "Did you mean hypothetical?"


def test_a_portfolio_without_history(desk: Desk) -> None:
    with pytest.raises(MissingDataError, match="spare has no history"):
        desk.backtest("spare", of="actual")
    with pytest.raises(MissingDataError, match="spare holds nothing"):
        desk.backtest("spare", with_attribution=False)
    with pytest.raises(UnknownNameError):
        desk.backtest("grwth", with_attribution=False)


@pytest.mark.parametrize("of", ["hypothetical", "actual"])
def test_a_pnl_of_zeros(desk: Desk, of: str) -> None:
    with pytest.raises(DataError, match=rf"The {of} P&L of value is zero on each of"):
        desk.backtest("value", of=of, with_attribution=False)
