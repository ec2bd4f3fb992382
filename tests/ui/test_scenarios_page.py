"""The Scenarios page, run by Streamlit's own test runner on a small desk."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from streamlit.testing.v1 import AppTest

from riskplatform.desk import Desk
from riskplatform.reporting import numbers
from riskplatform.ui import stress, stress_editor, stress_procedure
from tests.ui.small_desk import AS_OF, build
from tests.ui.test_pages import frame_with, html_of, start, words_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small desk of our own, with one file that cannot be read and the library's cube."""
    place = tmp_path_factory.mktemp("scenarios") / "small"
    with build(place) as desk:
        broken = place / "scenarios" / "hypothetical"
        broken.mkdir(parents=True, exist_ok=True)
        (broken / "broken.yaml").write_text("title: Broken\nkynd: hypothetical\n", encoding="utf-8")
        desk.run_scenarios(None, None, AS_OF)
    return place


@pytest.fixture
def stress_desk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RISKPLATFORM_DESK", str(folder))
    return folder


def open_page(**query: str) -> AppTest:
    return start(**query).switch_page("views/scenarios.py").run()


@pytest.mark.slow
def test_the_library_is_ranked_by_the_desks_numbers(stress_desk: Path) -> None:
    with Desk.open(stress_desk) as desk:
        found = desk.run_scenarios(None, "FIRM", AS_OF).to_frame()
    app = open_page()
    assert not app.exception
    rows = frame_with(app, "gain")
    assert list(rows["scenario_id"]) == list(found["scenario_id"])
    assert rows["gain"].to_numpy() == pytest.approx(found["gain"].to_numpy())
    assert f"{numbers.signed(found['gain'].iloc[0])} USD" in html_of(app)
    for name in ("low", "high", "distance"):
        assert rows[name].to_numpy() == pytest.approx(found[name].to_numpy(), nan_ok=True)
    assert rows["low"].notna().any()


@pytest.mark.slow
@pytest.mark.parametrize("by", [stress.BY_BOOK, stress.BY_FACTOR])
def test_the_waterfall_adds_up_to_the_gain_however_it_is_cut(stress_desk: Path, by: str) -> None:
    app = open_page()
    app.segmented_control(key="waterfall-by").set_value(by).run()
    assert not app.exception
    with Desk.open(stress_desk) as desk:
        worst = desk.run_scenarios(None, "FIRM", AS_OF).to_frame().iloc[0]
    chart = next(each for each in app.get("plotly_chart") if "waterfall" in each.proto.spec)
    bars = json.loads(chart.proto.spec)["data"][0]
    assert numbers_of(bars["y"])[-1] == pytest.approx(worst["gain"], rel=1e-6)
    assert sum(numbers_of(bars["y"])[:-1]) == pytest.approx(worst["gain"], abs=len(bars["x"]))


def numbers_of(values: list[float] | dict[str, str]) -> list[float]:
    """Plotly writes arrays as they are, or as bytes."""
    if isinstance(values, dict):
        return list(np.frombuffer(base64.b64decode(values["bdata"]), dtype=values["dtype"]))
    return [float(each) for each in values]


@pytest.mark.slow
def test_a_file_that_cannot_be_used_is_named_with_its_line(stress_desk: Path) -> None:
    words = words_of(open_page())
    assert "broken.yaml:2" in words
    assert "kynd" in words


@pytest.mark.slow
def test_sliders_answer_with_the_gain_of_their_scenario(stress_desk: Path) -> None:
    app = open_page()
    app.slider(key="slider-Shares, %").set_value(-30).run()
    assert not app.exception
    text = stress_editor.text_of({"Shares, %": -30, "Rates, bp": 25}, [])
    with Desk.open(stress_desk) as desk:
        gain = desk.run_scenarios([desk.scenario_of_text(text)], "FIRM", AS_OF).total()[0]
    assert any(f"({numbers.signed(gain)})" in each.value for each in app.markdown)


@pytest.mark.slow
def test_text_with_an_error_says_where_and_a_right_one_can_be_saved(stress_desk: Path) -> None:
    app = open_page()
    app.segmented_control(key="scenario-how").set_value(stress_editor.BY_TEXT).run()
    app.text_area(key="scenario-text").set_value("title: x\nshoks: []\n").run()
    assert "shoks" in words_of(app)
    text = stress_editor.text_of({"Rates, bp": 100}, [])
    app.text_area(key="scenario-text").set_value(text).run()
    app.text_input(key="scenario-name").set_value("my_rates").run()
    app.button(key="scenario-save").click().run()
    assert not app.exception
    saved = stress_desk / "scenarios" / "hypothetical" / "my_rates.yaml"
    assert saved.read_text(encoding="utf-8") == text
    assert "my_rates" in set(frame_with(app.run(), "gain")["scenario_id"])
    saved.unlink()


def test_a_dearer_dollar_is_cheaper_for_the_others() -> None:
    found = yaml.safe_load(stress_editor.text_of({"Dollar, %": 5}, []))
    assert found["shocks"] == [{"fx": "all", "move": "-5 %"}]


def test_a_skew_is_a_move_of_volatility_beside_its_level() -> None:
    rows = [{"of": "skew", "which": "sector: Energy", "move": "+3 points"}]
    sliders = {"Volatility, points": 8, "Skew, points": 2}
    found = yaml.safe_load(stress_editor.text_of(sliders, rows))
    assert found["shocks"] == [
        {"volatility": "all", "level": "+8 points"},
        {"volatility": "all", "skew": "+2 points"},
        {"volatility": {"sector": ["Energy"]}, "skew": "+3 points"},
    ]


def test_rows_of_the_table_become_entries_and_empty_ones_do_not() -> None:
    rows = [
        {"of": "equity", "which": "sector: Energy, Utilities; country: GB", "move": "-20 %"},
        {"of": "rates", "which": "all", "move": "+50 bp"},
        {"of": "equity", "which": None, "move": "0 %"},
        {"of": None, "which": None, "move": None},
    ]
    found = yaml.safe_load(stress_editor.text_of({"Shares, %": 0}, rows))
    assert found["shocks"] == [
        {"equity": {"sector": ["Energy", "Utilities"], "country": ["GB"]}, "move": "-20 %"},
        {"rates": "all", "parallel": "+50 bp"},
    ]


def test_what_a_person_types_is_text_and_never_yaml() -> None:
    rows = [{"of": "equity", "which": "!!python/object: x", "move": "-1 %\nkind: historical"}]
    found = yaml.safe_load(stress_editor.text_of({}, rows))
    assert found["kind"] == "hypothetical"
    assert set(found) == {"title", "kind", "description", "shocks"}


@pytest.mark.slow
def test_procedures_are_those_of_the_desk(stress_desk: Path) -> None:
    app = open_page()
    test = app.segmented_control(key="procedure-test")
    test.set_value(stress_procedure.LIQUIDITY).run()
    assert not app.exception
    with Desk.open(stress_desk) as desk:
        found = desk.zero_liquidity("FIRM", AS_OF)
    rows = frame_with(app, "haircut")
    assert rows["haircut"].to_numpy() == pytest.approx(found.to_frame()["haircut"].to_numpy())
    for name, column in ((stress_procedure.GAPS, "at_gap"), (stress_procedure.STALE, "age_days")):
        app.segmented_control(key="procedure-test").set_value(name).run()
        assert not app.exception
        assert len(frame_with(app, column))


@pytest.mark.slow
def test_a_question_in_words_is_answered_as_the_desk_does(stress_desk: Path) -> None:
    line = "gain of EQ, LS in {equity: all, move: -10 %} with EQ.US: ALPHA.US -50%"
    app = open_page()
    app.text_input(key="ask-text").set_value(line).run()
    assert not app.exception
    with Desk.open(stress_desk) as desk:
        found = desk.ask(line, AS_OF).to_frame()
    rows = frame_with(app, "difference")
    for name in ("value", "base", "difference"):
        assert rows[name].to_numpy() == pytest.approx(found[name].to_numpy())
    app.text_input(key="ask-name").set_value("tenth_off").run()
    app.button(key="ask-save").click().run()
    saved = stress_desk / "queries" / "tenth_off.yaml"
    assert "ALPHA.US -50%" in saved.read_text(encoding="utf-8")
    app.text_input(key="ask-text").set_value("").run()
    app.selectbox(key="ask-kept").set_value("tenth_off").run()
    assert not app.exception
    assert frame_with(app, "difference")["value"].to_numpy() == pytest.approx(
        found["value"].to_numpy()
    )
    saved.unlink()
    app.text_input(key="ask-text").set_value("gian of EQ").run()
    assert "Did you mean gain" in words_of(app)
