"""The Exposures page, run by Streamlit's own test runner on a small desk."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import pytest
from streamlit.testing.v1 import AppTest

from riskplatform.desk import Desk
from riskplatform.errors import MissingDataError
from riskplatform.reporting import numbers
from riskplatform.ui import exposures
from tests.ui.modelled_lines import BOND
from tests.ui.small_desk import AS_OF, WITHOUT_PRICE
from tests.ui.test_pages import frame_with, html_of, start, words_of

pytestmark = pytest.mark.slow


def open_page(**query: str) -> AppTest:
    return start(**query).switch_page("views/exposures.py").run()


def grid(app: AppTest) -> Any:
    return frame_with(app, "not_covered")


def test_the_page_shows_the_desks_numbers(desk_folder: Path, small_desk: Desk) -> None:
    app = open_page()
    assert not app.exception
    found = small_desk.exposures("FIRM", AS_OF)
    shown = html_of(app)
    for name in ("delta", "vega", "dv01", "cs01", "fx_delta"):
        assert f">{numbers.amount(found.totals()[name])} " in shown
    assert found.provenance.run_id in shown
    table = grid(app)
    assert list(table["label"])[:2] == ["Total", "+ Equity"]
    by_class = found.by("asset_class", measures=("dv01",))
    assert list(table["dv01"][1:]) == pytest.approx(list(by_class["dv01"]))
    units = " ".join(caption.value for caption in app.caption).replace("\\", "")
    assert "DV01, zero rates: USD per +1 bp" in units


def test_other_groups_and_measures(desk_folder: Path, small_desk: Desk) -> None:
    app = open_page()
    app.selectbox(key="by").select("Sector").run()
    app.multiselect(key="measures").set_value(["DV01, par rates"]).run()
    assert not app.exception
    table = grid(app)
    expected = small_desk.exposures("FIRM", AS_OF).by("sector", measures=("dv01_par",))
    assert len(table) == 1 + len(expected)
    assert table["dv01_par"].iloc[0] == pytest.approx(expected["dv01_par"].sum())
    assert "delta" not in table.columns


def test_no_measures_and_no_second_slice(desk_folder: Path) -> None:
    app = open_page()
    app.multiselect(key="measures").set_value([]).run()
    app.selectbox(key="then").select("Nothing").run()
    assert not app.exception
    assert len(grid(app)) > 1


def test_node_currency_and_day(desk_folder: Path) -> None:
    app = open_page(portfolio="LS", currency="EUR")
    with Desk.open(desk_folder, base_currency="EUR") as desk:
        total = desk.exposures("LS", AS_OF).totals()["dv01"]
    assert f">{numbers.amount(total)} per +1 bp<" in html_of(app)
    app.selectbox(key="portfolio").select("EQ.US").run()
    assert "0 of" not in " ".join(html_of(app).split("Not covered")[1:2])[:60]
    assert not app.exception


def test_what_is_not_covered_and_what_is_away_from_its_mark(desk_folder: Path) -> None:
    app = open_page()
    missing = frame_with(app, "message")
    assert list(missing["instrument_id"]) == [WITHOUT_PRICE]
    assert BOND in list(frame_with(app, "gap")["instrument_id"])
    assert "There are no factor exposures." in [caption.value for caption in app.caption]


@pytest.mark.parametrize("day", ["2023-09-01", "2023-03-03", "2022-01-03"])
def test_days_without_curves_or_without_a_book(desk_folder: Path, day: str) -> None:
    app = open_page(as_of=day)
    assert not app.exception
    assert not words_of(app).count("Traceback")


def test_par_rates_and_other_stacks(desk_folder: Path) -> None:
    app = open_page()
    for key, value in (("rates", "Par rates"), ("rates-by", "Currency"), ("credit-by", "Issuer"),
                       ("underlyings", "Gamma"), ("least-gap", "20%")):  # fmt: skip
        app.segmented_control(key=key).set_value(value).run()
        assert not app.exception


def test_a_block_that_fails_leaves_the_others(
    desk_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> NoReturn:
        raise MissingDataError("The curve <b>X</b> is absent.", hint="Import it.")

    monkeypatch.setattr(exposures, "headline_strip", fail)
    app = open_page()
    assert not app.exception
    assert "The curve <b>X</b> is absent. Import it." in words_of(app)
    assert len(grid(app))


def test_an_empty_desk_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Desk.create(tmp_path / "empty", name="Empty").close()
    monkeypatch.setenv("RISKPLATFORM_DESK", str(tmp_path / "empty"))
    app = open_page()
    assert not app.exception
    assert "Name the portfolios" in html_of(app)
