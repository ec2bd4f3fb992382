"""Both pages, run by Streamlit's own test runner on a small desk."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, NoReturn

import pytest
from streamlit.testing.v1 import AppTest

from riskplatform.desk import Desk
from riskplatform.errors import MissingDataError
from riskplatform.reporting import numbers
from riskplatform.ui import launch, overview
from tests.ui.small_desk import AS_OF, SPIKED, STALE, WITHOUT_PRICE

pytestmark = pytest.mark.slow

VIEWS = ["Market", "Curves and volatility", "Prices", "Quality", "Import", "Records"]
PATIENCE_SECONDS = 60


def start(**query: str) -> AppTest:
    """The workbench as a person sees it first, at a URL with ``query``."""
    app = AppTest.from_file(str(launch.app_path()), default_timeout=PATIENCE_SECONDS)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def html_of(app: AppTest) -> str:
    """All that the page says as HTML."""
    return "".join(str(element.proto.body) for element in app.get("html"))


def words_of(app: AppTest) -> str:
    """All that the page says as plain text."""
    return " ".join(element.value for element in app.text)


def frame_with(app: AppTest, column: str) -> Any:
    """The first table with this column."""
    return next(table.value for table in app.dataframe if column in table.value.columns)


def test_the_overview_shows_the_desks_number(desk_folder: Path, small_desk: Desk) -> None:
    app = start()
    assert not app.exception
    assert app.query_params == {"portfolio": "FIRM", "as_of": str(AS_OF), "currency": "USD"}
    valuation = small_desk.value(AS_OF, node="FIRM")
    shown = html_of(app)
    assert f">{numbers.amount(valuation.total)}<" in shown
    assert str(valuation.coverage) in shown
    assert valuation.provenance.run_id in shown


def test_the_url_chooses_and_is_kept(desk_folder: Path) -> None:
    app = start(portfolio="LS", as_of="2023-09-01", currency="EUR")
    with Desk.open(desk_folder, base_currency="EUR") as desk:
        total = desk.value(app.date_input(key="as_of").value, node="LS").total
    assert f">{numbers.amount(total)}<" in html_of(app)
    assert app.selectbox(key="portfolio").value == "LS"
    assert app.query_params["as_of"] == "2023-09-01"


def test_a_selector_changes_the_page_and_the_url(desk_folder: Path, small_desk: Desk) -> None:
    app = start()
    app.selectbox(key="portfolio").select("EQ.US").run()
    assert app.query_params["portfolio"] == "EQ.US"
    total = small_desk.value(AS_OF, node="EQ.US").total
    assert f">{numbers.amount(total)}<" in html_of(app)
    app.button(key="path-EQ").click().run()
    assert app.query_params["portfolio"] == "EQ"


def test_a_url_that_cannot_be_followed_is_said(desk_folder: Path) -> None:
    app = start(portfolio="FIRMA", currency="<b>", as_of="soon")
    assert not app.exception
    assert app.query_params == {"portfolio": "FIRM", "as_of": str(AS_OF), "currency": "USD"}
    said = " ".join(element.value for element in app.warning)
    assert "Did you mean FIRM" in said
    assert "\\<b\\>" in said


def test_what_is_missing_or_old_is_on_the_page(desk_folder: Path) -> None:
    app = start()
    failures = frame_with(app, "reason")
    assert list(failures["subject"]) == [WITHOUT_PRICE]
    assert "missing data" in failures["reason"].iloc[0]
    stale = frame_with(app, "age")
    assert list(stale["instrument_id"]) == [STALE]


def test_search_narrows_the_holdings(desk_folder: Path) -> None:
    app = start()
    app.text_input(key="holding-search").input("alpha eq.us").run()
    found = frame_with(app, "quantity")
    assert list(found["instrument_id"]) == ["ALPHA.US"]


@pytest.mark.parametrize(
    ("node", "day"), [("FIRM", "2023-03-03"), ("EQ.US", "2023-03-03"), ("EQ", "2022-01-03")]
)
def test_the_first_day_and_the_time_before(desk_folder: Path, node: str, day: str) -> None:
    app = start(portfolio=node, as_of=day)
    assert not app.exception


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_of_the_data_page(desk_folder: Path, view: str) -> None:
    app = start(view=view, instrument=SPIKED).switch_page("views/data.py").run()
    assert not app.exception
    assert [tab.label for tab in app.tabs] == VIEWS


def test_an_error_in_a_block_leaves_the_others(
    desk_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> NoReturn:
        raise MissingDataError("The curve <b>X</b> is absent.", hint="Import it.")

    monkeypatch.setattr(overview, "headline_strip", fail)
    app = start()
    assert not app.exception
    assert "The curve <b>X</b> is absent. Import it." in words_of(app)
    assert len(frame_with(app, "quantity"))


@pytest.mark.parametrize("page", ["views/overview.py", "views/data.py"])
def test_an_empty_desk_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    Desk.create(tmp_path / "empty", name="Empty").close()
    monkeypatch.setenv("RISKPLATFORM_DESK", str(tmp_path / "empty"))
    app = start().switch_page(page).run()
    assert not app.exception
    expected = "Name the portfolios" if "overview" in page else "No prices yet"
    assert expected in html_of(app)


def test_a_server_without_a_desk_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RISKPLATFORM_DESK", raising=False)
    app = start()
    assert not app.exception
    assert "without a desk" in words_of(app)


def test_a_desk_that_went_away_is_named(
    small_desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    shutil.copytree(small_desk.settings.desk / "models", gone / "models", dirs_exist_ok=True)
    monkeypatch.setenv("RISKPLATFORM_DESK", str(gone))
    assert "There is no desk in" in words_of(start())
