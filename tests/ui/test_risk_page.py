"""The Risk page, run by Streamlit's own test runner on a small desk."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from riskplatform.desk import Desk
from riskplatform.reporting import numbers
from riskplatform.risk.book import RiskBook
from riskplatform.risk.quantiles import var_and_es
from tests.ui.small_desk import AS_OF, WITHOUT_PRICE, build
from tests.ui.test_pages import frame_with, html_of, start, words_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small desk of our own, with the cubes that risk reads."""
    place = tmp_path_factory.mktemp("risk") / "small"
    with build(place) as desk:
        desk.risk_book(AS_OF)
    return place


@pytest.fixture
def risk_desk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> RiskBook:
    monkeypatch.setenv("RISKPLATFORM_DESK", str(folder))
    with Desk.open(folder) as desk:
        return desk.risk_book(AS_OF)


def open_page(**query: str) -> AppTest:
    return start(**query).switch_page("views/risk.py").run()


def test_the_headline_is_the_risk_of_the_node(risk_desk: RiskBook) -> None:
    for node in ("FIRM", "EQ.INT"):
        app = open_page(portfolio=node)
        assert not app.exception
        found = var_and_es(risk_desk.gains(node, "historical"), 0.99)
        shown = html_of(app)
        assert f"{numbers.amount(float(found.var))} USD" in shown
        assert f"{numbers.amount(float(found.es))} USD" in shown


def test_components_in_the_table_sum_to_the_whole(risk_desk: RiskBook) -> None:
    app = open_page()
    rows = frame_with(app, "es_share")
    whole = var_and_es(risk_desk.gains("FIRM", "historical"), 0.99)
    assert rows["es"].sum() == pytest.approx(float(whole.es), abs=1e-4)
    assert rows["var"].sum() == pytest.approx(float(whole.var), abs=1e-4)
    app.selectbox(key="risk-by").select("Sector").run()
    sectors = frame_with(app, "es_share")
    assert "Technology" in set(sectors["item"])
    assert sectors["es"].sum() == pytest.approx(float(whole.es), abs=1e-4)


def test_another_confidence_and_other_scenarios_change_the_page(risk_desk: RiskBook) -> None:
    app = open_page()
    app.segmented_control(key="risk-confidence").set_value("95%").run()
    app.segmented_control(key="risk-view").set_value("factor_model").run()
    assert not app.exception
    found = var_and_es(risk_desk.gains("FIRM", "factor_model"), 0.95)
    assert f"{numbers.amount(float(found.var))} USD" in html_of(app)
    methods = set(frame_with(app, "interval")["method"])
    assert {"monte carlo", "normal", "student t"} <= methods


def test_a_tail_scenario_is_taken_apart(risk_desk: RiskBook) -> None:
    app = open_page()
    box = app.selectbox(key="tail-scenario")
    losses = risk_desk.gains("FIRM", "historical")
    # At 99 % the tail of so many days has the whole ones and a part of one more.
    assert len(box.options) == math.ceil(round(0.01 * len(losses), 9))
    box.select(box.options[1]).run()
    lines = frame_with(app, "pnl")
    place = risk_desk.view("historical").labels.index(box.options[1])
    loss = -risk_desk.gains("FIRM", "historical")[place]
    assert lines["pnl"].sum() == pytest.approx(-loss, abs=1e-3)


def test_what_is_not_covered_is_on_the_page(risk_desk: RiskBook) -> None:
    assert WITHOUT_PRICE in html_of(open_page())


def test_a_horizon_that_was_scaled_says_so(risk_desk: RiskBook) -> None:
    app = open_page()
    app.segmented_control(key="risk-horizon").set_value("10 days").run()
    rows = frame_with(app, "interval").set_index("method")
    assert "square root" in rows.loc["historical", "how"]


def test_a_history_too_short_for_a_backtest_says_how_long_it_must_be(risk_desk: RiskBook) -> None:
    app = open_page(portfolio="EQ")
    app.toggle(key="backtest-on").set_value(True).run()
    assert not app.exception
    assert "need 500 days" in words_of(app)


def test_a_day_before_anything_was_held_says_so(risk_desk: RiskBook) -> None:
    app = open_page(as_of="2023-03-02")
    assert not app.exception
    assert "Nothing is held on 2023-03-02." in words_of(app)
