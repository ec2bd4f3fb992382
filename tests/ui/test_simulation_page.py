"""The Simulation page, run by Streamlit's own test runner on a small desk."""

from __future__ import annotations

import io
import time
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from riskplatform.desk import Desk
from riskplatform.errors import MissingDataError
from riskplatform.reporting import numbers
from riskplatform.ui import session, simulation_gains, simulation_lists
from riskplatform.ui import simulation_data as data
from riskplatform.ui import simulation_shapes as shapes
from riskplatform.ui.session import Question
from riskplatform.ui.simulation import in_order
from riskplatform.ui.simulation_jobs import BUILDS
from tests.ui.small_desk import AS_OF, WITHOUT_PRICE, build
from tests.ui.test_pages import frame_with, html_of, start, words_of

pytestmark = pytest.mark.slow

PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small desk of our own, with one cube."""
    place = tmp_path_factory.mktemp("simulation") / "small"
    with build(place) as desk:
        desk.cube("historical", AS_OF, days=100)
    return place


@pytest.fixture
def desk_of_cubes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RISKPLATFORM_DESK", str(folder))
    return folder


def open_page(**query: str) -> AppTest:
    return start(**query).switch_page("views/simulation.py").run()


def captions(app: AppTest) -> str:
    return " ".join(caption.value for caption in app.caption).replace("\\", "")


def run_to_the_end(app: AppTest, folder: Path) -> AppTest:
    """Rerun the page, as its polling does, until nothing is being built."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        for running in BUILDS.running(str(folder)):
            assert running.wait(max(0.0, until - time.monotonic()))
        app.run()
        if not BUILDS.running(str(folder)):
            return app
        assert time.monotonic() < until


@pytest.mark.parametrize(("node", "currency"), [("FIRM", "USD"), ("LS", "EUR"), ("EQ.INT", "JPY")])
def test_the_page_shows_the_desks_numbers(desk_of_cubes: Path, node: str, currency: str) -> None:
    app = open_page(portfolio=node, currency=currency)
    assert not app.exception
    desk = session.open_desk(str(desk_of_cubes), currency)
    found = desk.cube("historical", AS_OF, days=100)
    profits = desk.cube_profits(found, node=node, by="asset_class")
    shown = html_of(app)
    whole = profits.total(1)
    assert f">{numbers.amount(whole['mean'])}<" in shown
    assert f">{numbers.amount(whole['standard_deviation'])}<" in shown
    worst = frame_with(app, "lost")
    assert len(worst) == 20
    assert worst["gain"].iloc[0] == pytest.approx(whole["worst_1"])
    assert worst["scenario"].iloc[0] == whole["scenario_1"]
    table = frame_with(app, "q01")
    assert list(table["mean"][1:]) == pytest.approx(
        list(profits.to_frame(1).sort_values("standard_deviation", ascending=False)["mean"])
    )
    assert found.cube_id[:16] in shown
    assert f"in {currency}" in shown or currency in shown
    assert "VaR" not in shown + captions(app)


def test_groups_and_what_has_no_gains(desk_of_cubes: Path) -> None:
    app = open_page()
    for name in ("Sector", "Currency", "Portfolio"):
        app.segmented_control(key="gains-by").set_value(name).run()
        assert not app.exception
    assert frame_with(app, "q01")["group"].iloc[0] == shapes.ALL
    assert set(frame_with(app, "q01")["group"][1:]) == {"Equity fund", "Long-short fund"}
    assert "Unlisted Holdings: missing data" in captions(app)
    assert "of 100" in html_of(app)


def test_a_cube_that_is_there_is_opened_at_once(desk_of_cubes: Path) -> None:
    app = open_page()
    app.number_input(key="historical-days").set_value(100).run()
    app.button(key="build-go").click().run()
    run_to_the_end(app, desk_of_cubes)
    assert not app.exception
    assert "This cube was there already" in captions(app)


def test_a_build_opens_its_cube_and_prune_removes_the_old(desk_of_cubes: Path) -> None:
    app = open_page()
    first = str(app.selectbox(key="cube").value)
    app.selectbox(key="maker").select("student_t").run()
    app.number_input(key="student_t-scenarios").set_value(300).run()
    app.number_input(key="student_t-days").set_value(60).run()
    app.button(key="build-go").click().run()
    run_to_the_end(app, desk_of_cubes)
    assert not app.exception
    chosen = app.selectbox(key="cube").value
    assert chosen != first
    assert app.query_params["cube"] == chosen
    desk = session.open_desk(str(desk_of_cubes))
    request = {"maker": "student_t", "scenarios": 300}
    found = desk.cube(request, AS_OF, days=60)
    mean = desk.cube_profits(found, node="FIRM").total(1)["mean"]
    assert found.cube_id.startswith(chosen)
    assert f">{numbers.amount(mean)}<" in html_of(app)
    app.number_input(key="prune-keep").set_value(0).run()
    assert f"1 would go ({first[:8]})" in captions(app)
    assert len(desk.cubes_table()) == 2
    app.button(key="prune-go").click().run()
    assert "Removed 1" in captions(app)
    assert list(desk.cubes_table()["cube_id"]) == [found.cube_id]
    assert list(frame_with(app, "built")["id"]) == [found.cube_id[:8]]
    desk.cube("historical", AS_OF, days=100)


def test_a_refused_build_says_why(desk_of_cubes: Path) -> None:
    app = open_page()
    app.selectbox(key="maker").select("filtered_historical").run()
    app.number_input(key="filtered_historical-days").set_value(20).run()
    app.button(key="build-go").click().run()
    run_to_the_end(app, desk_of_cubes)
    assert not app.exception
    assert "days" in words_of(app)
    assert len(frame_with(app, "lost")) == 20


def test_the_link_names_the_cube(desk_of_cubes: Path) -> None:
    app = open_page()
    name = app.query_params["cube"]
    again = open_page(cube="ffffffffffff")
    assert any("is not here" in element.value for element in again.warning)
    assert again.selectbox(key="cube").value == name
    assert not open_page(cube=name).warning


def test_a_day_without_cubes_says_so(desk_of_cubes: Path) -> None:
    day = (AS_OF - timedelta(days=2)).isoformat()
    app = open_page(as_of=day)
    assert not app.exception
    assert f"no cube is built as of {day}" in html_of(app)
    assert f"There are cubes of {AS_OF}" in captions(app)


def test_a_block_that_fails_leaves_the_others(
    desk_of_cubes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> NoReturn:
        raise MissingDataError("The rate <b>X</b> is absent.", hint="Import it.")

    monkeypatch.setattr(simulation_gains, "gains_strip", fail)
    monkeypatch.setattr(simulation_lists, "sets_block", fail)
    app = open_page()
    assert not app.exception
    assert words_of(app).count("The rate <b>X</b> is absent. Import it.") == 2
    assert len(frame_with(app, "lost")) == 20
    assert "rp-provenance" in html_of(app)


def test_an_empty_desk_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Desk.create(tmp_path / "empty", name="Empty").close()
    monkeypatch.setenv("RISKPLATFORM_DESK", str(tmp_path / "empty"))
    app = open_page()
    assert not app.exception
    assert "Name the portfolios" in html_of(app)


def test_the_download_has_gains_reasons_and_provenance(desk_of_cubes: Path) -> None:
    desk = session.open_desk(str(desk_of_cubes))
    found = desk.cube("historical", AS_OF, days=100)
    gains = desk.cube_profits(found, node="FIRM").gains.sum(axis=0)
    question = Question(session.version_now(desk_of_cubes), "FIRM", AS_OF, "USD")
    book = openpyxl.load_workbook(io.BytesIO(simulation_gains.workbook(question, found.cube_id)))
    assert book.sheetnames == ["about", "gains", "missing"]
    rows = list(book["gains"].values)
    assert rows[0][:3] == ("scenario", "weight", "gain, USD")
    assert [row[2] for row in rows[1:]] == pytest.approx(list(gains))
    assert [row[0] for row in list(book["missing"].values)[1:]] == [WITHOUT_PRICE]
    origin = data.provenance(question, found.cube_id)
    assert ("run", origin.run_id) in list(book["about"].values)
    assert ("as of", AS_OF.isoformat()) in list(book["about"].values)


@pytest.mark.parametrize(
    ("size", "words"), [(999, "999 bytes"), (2_306_048, "2.3 MB"), (4.2e11, "420 GB")]
)
def test_sizes_in_words(size: float, words: str) -> None:
    assert data.size_text(size) == words


def test_stress_comes_after_what_may_happen_over_days() -> None:
    rows = [{"cube_id": name, "horizon_days": days}
            for name, days in (("a", 0), ("b", 10), ("c", 0), ("d", 1))]  # fmt: skip
    assert [row["cube_id"] for row in in_order(rows)] == ["b", "d", "a", "c"]
