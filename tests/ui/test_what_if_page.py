"""The What-if page, run by Streamlit's own test runner on a small desk."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from riskplatform.desk import Desk
from riskplatform.domain.limits import Limit
from riskplatform.reporting import numbers
from riskplatform.risk.what_if import Trade
from riskplatform.ui import what_if
from tests.ui.small_desk import AS_OF, build
from tests.ui.test_pages import frame_with, html_of, start, words_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small desk of our own, with a limit and the cubes that a what-if reads."""
    place = tmp_path_factory.mktemp("what-if") / "small"
    with build(place) as desk:
        gross, _ = desk.what_if([], "EQ", AS_OF).number("gross value")
        desk.set_limits(
            [Limit(limit_id="EQ.GROSS", node="EQ", measure="gross_value", hard=1.05 * gross)],
            reason="test",
        )
    return place


@pytest.fixture
def what_if_desk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RISKPLATFORM_DESK", str(folder))
    return folder


def open_page(**query: str) -> AppTest:
    return start(**query).switch_page("views/what_if.py").run()


@pytest.mark.slow
def test_changes_in_words_give_the_desks_answer(what_if_desk: Path) -> None:
    app = open_page()
    assert not app.exception
    app.text_area(key="what-if-text").set_value("scale EQ 1.5").run()
    assert not app.exception
    with Desk.open(what_if_desk) as desk:
        found = desk.what_if("scale EQ 1.5", "FIRM", AS_OF)
    var = found.number("VaR, historical, 0.99")
    shown = frame_with(app, "difference").set_index("measure")
    assert shown.loc["VaR, historical, 0.99", "scenario"] == pytest.approx(var[1])
    assert f">{numbers.signed(var[1] - var[0])}<" in html_of(app)
    assert [check.limit.limit_id for check in found.new_breaches] == ["EQ.GROSS"]
    assert any("EQ.GROSS" in error.value.replace("\\", "") for error in app.error)
    assert frame_with(app, "light_after")["limit_id"].iloc[0] == "EQ.GROSS"


@pytest.mark.slow
def test_what_is_no_change_says_how_to_write_one(what_if_desk: Path) -> None:
    app = open_page()
    app.text_area(key="what-if-text").set_value("buy some").run()
    assert not app.exception
    assert "no change of a book" in words_of(app)
    app.text_area(key="what-if-text").set_value("EQ.US: ALFA.US +1").run()
    assert "ALPHA.US" in words_of(app)


@pytest.mark.slow
def test_a_question_can_be_kept_and_asked_again(what_if_desk: Path) -> None:
    app = open_page(portfolio="EQ")
    app.text_area(key="what-if-text").set_value("EQ.US: ALPHA.US +100").run()
    app.text_input(key="what-if-name").set_value("more_alpha").run()
    app.button(key="what-if-save").click().run()
    assert not app.exception
    with Desk.open(what_if_desk) as desk:
        assert list(desk.what_ifs()["name"]) == ["more_alpha"]
        again = desk.run_what_if("more_alpha", AS_OF)
        assert again.node == "EQ"
        assert again.changes == ("EQ.US: ALPHA.US +100",)


@pytest.mark.slow
def test_hedges_are_those_of_the_desk(what_if_desk: Path) -> None:
    app = open_page(portfolio="EQ")
    app.toggle(key="hedges-on").set_value(True).run()
    assert not app.exception
    with Desk.open(what_if_desk) as desk:
        found = desk.hedges("EQ", AS_OF)
    rows = frame_with(app, "cut_per_cost")
    assert list(rows["instrument_id"]) == [hedge.instrument_id for hedge in found.hedges]
    assert rows["cut"].to_numpy() == pytest.approx([hedge.cut for hedge in found.hedges])


def test_rows_that_are_not_filled_in_are_no_trades() -> None:
    rows = [
        {"node": "EQ.US", "instrument": "ALPHA.US", "quantity": 5},
        {"node": None, "instrument": "ALPHA.US", "quantity": -2.5},
        {"node": "EQ.US", "instrument": None, "quantity": 5},
        {"node": "EQ.US", "instrument": "ALPHA.US", "quantity": None},
        {"node": "EQ.US", "instrument": "ALPHA.US", "quantity": float("nan")},
    ]
    assert what_if.trades_of(rows) == [
        Trade("ALPHA.US", quantity=5.0, node="EQ.US"),
        Trade("ALPHA.US", quantity=-2.5),
    ]
