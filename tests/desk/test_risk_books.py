"""The book of risk says what the desk's other verbs say: value, exposures, gains, volumes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from riskplatform.desk import Desk
from riskplatform.errors import MissingDataError, UnknownNameError, UserInputError
from riskplatform.risk.book import RiskBook
from tests.desk.conftest import move, node
from tests.desk.risk_desk import LAST, make

pytestmark = pytest.mark.slow

SETS: list[Any] = ["historical", {"maker": "gaussian", "scenarios": 500}]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Read only; tests that write make their own."""
    with make(tmp_path_factory.mktemp("books") / "desk") as desk:
        yield desk


@pytest.fixture(scope="module")
def book(shared: Desk) -> RiskBook:
    return shared.risk_book(scenarios=SETS, days=300, with_exposures=True)


def test_its_value_is_the_desk_s(shared: Desk, book: RiskBook) -> None:
    for name in (None, "firm", "growth", "macro"):
        worth = book.held_by(name) * book.known.values
        expected = shared.value(node=name)
        assert float(np.nansum(worth)) == pytest.approx(expected.total, rel=1e-9)
    # Growth: 889,000 in money, 5,100 euros, 2,000 ALFA, 100 BETA; macro: 101,750 in money, the
    # bond at 99, and what was lost on two futures sold 25 points lower.
    growth = 889_000 + 5_100 * 1.2 + 2_000 * 52 + 100 * 50 * 1.2
    macro = 101_750 + 99_000 - 2 * 50 * 25
    assert shared.value().total == pytest.approx(growth + macro)


def test_its_exposures_are_the_desk_s(shared: Desk, book: RiskBook) -> None:
    for name in (None, "growth", "macro"):
        expected = shared.exposures(name).totals()
        held = book.held_by(name)
        for measure in ("delta", "dv01", "fx_delta", "theta"):
            found = float(held @ book.known.per_unit(measure))
            assert found == pytest.approx(expected[measure], rel=1e-9, abs=1e-9)
    assert abs(shared.exposures("macro").totals()["dv01"]) > 1.0
    places = book.known.places("dv01", "USD.GOVT")
    assert (book.known.columns.iloc[places]["factor_id"] == "USD.GOVT").all()


def test_volumes_are_the_median_of_the_last_days(book: RiskBook) -> None:
    volumes = dict(zip(book.instrument_ids, book.known.daily_volumes, strict=True))
    # The five newest closes have no volume; the days before them always the same.
    assert (volumes["ALFA.XNYS"], volumes["BETA.XETR"]) == (1_000.0, 1_001.0)
    assert np.isnan(volumes["CASH.USD"])


def test_its_gains_are_those_of_the_desk_s_cubes(shared: Desk, book: RiskBook) -> None:
    assert [view.name for view in book.views.values()] == ["historical", "gaussian"]
    assert book.view().is_history
    assert not book.view("gaussian").is_history
    for asked, view in zip(SETS, book.views.values(), strict=True):
        cube = shared.cube(asked, days=300)
        for name in ("firm", "growth", "macro"):
            expected = shared.cube_profits(cube, node=name).total(1)
            gains = book.gains(name, view.name)
            assert float(gains.mean()) == pytest.approx(expected["mean"], rel=1e-9, abs=1e-9)
            assert float(gains.min()) == pytest.approx(expected["worst_1"])


def test_benchmarks_and_empty_nodes_are_not_in_it(book: RiskBook) -> None:
    assert book.nodes == ("firm", "fund", "growth", "macro")
    assert book.coverage.is_complete
    assert book.as_of == LAST
    with pytest.raises(MissingDataError, match="index holds nothing"):
        book.held_by("index")
    with pytest.raises(UnknownNameError, match="grwth") as error:
        book.held_by("grwth")
    assert "growth" in str(error.value.hint)


def test_two_sets_of_one_maker_have_two_names(shared: Desk) -> None:
    twice = shared.risk_book(scenarios=[SETS[1], {"maker": "gaussian", "scenarios": 40}], days=300)
    assert list(twice.views) == ["gaussian", "gaussian 2"]
    with pytest.raises(UserInputError, match="No scenario set"):
        shared.risk_book(scenarios=[])
    with pytest.raises(MissingDataError, match="Nothing is held on 2026-02-27"):
        shared.risk_book(date(2026, 2, 27), scenarios=SETS, days=200)


def test_a_name_without_a_price_is_left_out_and_named(tmp_path: Path) -> None:
    with make(tmp_path / "desk") as desk:
        desk.add_transactions([move("g", "opening", 6, instrument_id="GHOST", quantity=10)])
        found = desk.risk_book(scenarios=["historical"], days=100)
        assert [failure.subject for failure in found.failures] == ["GHOST"]
        assert np.isfinite(found.gains(None)).all()
        report = desk.risk("growth", scenarios=["historical"], days=100, methods=["normal"])
        coverage = report.provenance.coverage
        assert [failure.subject for failure in coverage.failures] == ["GHOST"]
        assert coverage.done == 4
        assert desk.risk("macro", scenarios=["historical"], days=100, methods=["normal"]
                         ).provenance.coverage.is_complete  # fmt: skip
        assert report.of("historical").methods["normal"].var > 0.0


def test_several_firms_have_a_node_above_them(tmp_path: Path) -> None:
    with make(tmp_path / "desk") as desk:
        desk.put_portfolios([node("second", None, "firm")])
        desk.add_transactions(
            [move("s", "opening", 6, portfolio_id="second", instrument_id="ALFA.XNYS", quantity=5)]
        )
        found = desk.risk_book(scenarios=["historical"], days=100)
        assert found.nodes == ("", "firm", "fund", "growth", "macro", "second")
        together = found.gains("firm") + found.gains("second")
        assert found.gains(None) == pytest.approx(together)
        tree = desk.nodes_risk(scenarios="historical", days=100, confidence=0.95)
        sums = tree.components[[1, 5]].sum(axis=0)
        assert sums == pytest.approx(tree.components[0], rel=1e-9)
        report = desk.risk(scenarios=["historical"], days=100, methods=["normal"], by="portfolio",
                           confidence=0.95)  # fmt: skip
        assert report.slices is not None
        assert set(report.slices.parts.items) == {"firm", "second"}
