"""Risk on the desk: methods, slices, factors, tails, benchmarks, records, bad questions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from riskplatform.desk import Desk
from riskplatform.desk.snapshots import market_snapshot
from riskplatform.errors import MissingDataError, UnknownNameError, UserInputError
from riskplatform.risk.factor_parts import UNEXPLAINED
from riskplatform.risk.node_risk import OtherMeasures
from riskplatform.risk.quantiles import var_and_es
from riskplatform.risk.risk_report import RiskReport
from tests.desk.risk_desk import make

pytestmark = pytest.mark.slow

DRAWN = {"maker": "gaussian", "scenarios": 2_000}
SETS: list[Any] = ["historical", DRAWN]
QUICK = ["historical", "monte_carlo", "normal"]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with make(tmp_path_factory.mktemp("risk") / "desk") as desk:
        yield desk


@pytest.fixture(scope="module")
def report(shared: Desk) -> RiskReport:
    return shared.risk(
        "growth", scenarios=SETS, days=300, methods=[*QUICK, "delta_gamma"], by="instrument_id",
        with_tree=True,
    )  # fmt: skip


def test_methods_by_set_in_one_table(shared: Desk, report: RiskReport) -> None:
    table = report.to_frame()
    assert table["method"].tolist() == [
        "historical", "normal", "delta_gamma_exact", "delta_gamma_cornish_fisher",
        "delta_gamma_normal", "monte_carlo", "normal",
    ]  # fmt: skip
    book = shared.risk_book(scenarios=SETS, days=300)
    expected = var_and_es(book.gains("growth", "historical"), 0.99)
    assert report.headline is not None
    assert (report.headline.var, report.headline.es) == pytest.approx(
        (float(expected.var), float(expected.es))
    )
    drawn = var_and_es(book.gains("growth", "gaussian"), 0.99)
    assert report.of("gaussian").methods["monte_carlo"].es == pytest.approx(float(drawn.es))
    assert not report.failures
    with pytest.raises(UnknownNameError):
        report.of("gausian")


def test_linear_books_are_normal_by_delta_gamma(report: RiskReport) -> None:
    methods = report.of("historical").methods
    exact, normal = methods["delta_gamma_exact"], methods["normal"]
    # Shares, money and no option: the covariance says what the history's moments do.
    assert exact.var == pytest.approx(methods["delta_gamma_normal"].var, rel=1e-6)
    assert exact.volatility == pytest.approx(normal.volatility, rel=0.02)


def test_the_slices_and_the_tree_add_up(report: RiskReport) -> None:
    assert report.slices is not None
    assert report.slices.parts.is_whole
    assert set(report.slices.parts.items) == {"ALFA.XNYS", "BETA.XETR", "CASH.EUR", "CASH.USD"}
    assert report.tree is not None
    assert report.tree.nodes == ("firm", "fund", "growth", "macro")
    assert report.tree.components[[1, 3]].sum(axis=0) == pytest.approx(report.tree.components[0])
    assert report.tree.figures[2, 1] == pytest.approx(report.of("historical").methods[
        "historical"].var)  # fmt: skip


def test_the_benchmark_of_the_fund_is_that_of_its_book(shared: Desk, report: RiskReport) -> None:
    measures = report.of("historical").measures
    assert isinstance(measures, OtherMeasures)
    found = measures.benchmark
    assert found is not None
    assert found.benchmark_id == "index"
    # GHOST has no price: it is in the coverage, and no share of the value can be told.
    assert [failure.subject for failure in found.coverage.failures] == ["GHOST"]
    assert found.covered_share is None
    book = shared.risk_book(scenarios=SETS, days=300)
    view = book.view("historical")
    units = dict(zip(book.instrument_ids, view.cube.units("USD"), strict=True))
    # A split before today doubled the benchmark's shares of ALFA as it did the fund's.
    other = 100 * units["ALFA.XNYS"] + 40 * units["BETA.XETR"]
    size = 100 * 52.0 + 40 * 50.0 * 1.2
    other = other * (view.worth(book.held_by("growth")) / size)
    mine = book.gains("growth", "historical")
    assert found.tracking_error == pytest.approx(float(np.std(mine - other, ddof=1)), rel=1e-6)
    firm = shared.risk(scenarios=SETS, days=300, methods=["normal"]).of("historical").measures
    assert isinstance(firm, OtherMeasures)
    assert firm.benchmark is None


def test_where_it_comes_from(report: RiskReport, shared: Desk) -> None:
    origin = report.provenance
    assert (origin.as_of, origin.base_currency) == (date(2026, 3, 6), "USD")
    assert origin.model_id == "cube-risk"
    assert origin.inputs["portfolio"] == "growth"
    assert origin.inputs["benchmark"] == "index"
    assert origin.coverage.is_complete
    other = shared.risk("growth", scenarios=SETS, days=300, methods=QUICK, confidence=0.95)
    assert other.provenance.run_id != origin.run_id
    json.dumps(report.to_dict(), default=str)
    assert "growth" in report._repr_html_()


def test_factors_places_and_positions(shared: Desk) -> None:
    found = shared.decompose("macro", "factor", scenarios=DRAWN, days=300)
    assert found.parts.is_whole
    assert UNEXPLAINED in found.parts.items
    assert {"dv01 USD.GOVT", "delta IDX.US"} & set(found.parts.items)
    table = found.to_frame("es").set_index("factor")
    # A bond and a future are all but linear over a day.
    assert abs(float(table["es"][UNEXPLAINED])) < 0.05 * found.parts.totals[2]
    assert found.provenance is not None
    assert found.provenance.inputs["by"] == "factor"
    for by in ("portfolio", "portfolio_id", "asset_class", "instrument_id", "measure"):
        other = shared.decompose(None, by, scenarios=DRAWN, days=300, incremental=True)
        assert other.parts.is_whole
        assert other.parts.without is not None


def test_tails_name_the_worst_scenarios(shared: Desk) -> None:
    found = shared.tails("growth", scenarios="historical", days=300, shown=2, drivers=1,
                         confidence=0.95)  # fmt: skip
    book = shared.risk_book(scenarios=["historical"], days=300)
    gains = book.gains("growth")
    order = np.argsort(gains)[:2]
    rows = found.to_frame()
    assert rows["scenario"].tolist() == [book.view().labels[place] for place in order]
    assert rows["loss"].tolist() == pytest.approx((-gains[order]).tolist())
    assert found.to_dict()["by"] == "instrument_id"


def test_a_set_of_the_horizon_is_not_scaled(shared: Desk) -> None:
    ten = {"maker": "historical", "horizon_days": 10}
    found = shared.risk("growth", scenarios=["historical", ten], days=300, methods=["historical"],
                        horizon_days=10, confidence=0.9)  # fmt: skip
    scaled, own = found.sets
    assert "square root of time" in str(scaled.methods["historical"].scaling)
    assert own.methods["historical"].scaling is None
    assert own.methods["historical"].horizon_days == 10


def test_a_run_is_kept_once_and_no_new_market(shared: Desk, report: RiskReport) -> None:
    before = market_snapshot(shared.lake)
    run_id = shared.record_risk(report)
    assert run_id == report.provenance.run_id == shared.record_risk(report)
    rows = shared.lake.read("runs", where={"run_id": run_id})
    assert len(rows) == 1
    row = rows.iloc[0]
    assert (row["kind"], row["model_id"], row["status"]) == ("risk", "cube-risk", "complete")
    summary = json.loads(row["summary"])
    figure = summary["sets"][0]["figures"][0]
    assert figure["var"] == pytest.approx(report.of("historical").methods["historical"].var)
    nodes = {each["portfolio_id"]: each for each in summary["nodes"]["rows"]}
    assert report.tree is not None
    assert nodes["fund"]["es"] == pytest.approx(report.tree.figures[1, 2])
    assert nodes["firm"]["es_component"] == pytest.approx(nodes["firm"]["es"])
    assert market_snapshot(shared.lake) == before
    assert shared.risk("growth", scenarios=SETS, days=300, methods=QUICK, only_built=True)


def test_nothing_is_built_where_nothing_may_be(shared: Desk) -> None:
    with pytest.raises(MissingDataError, match="No cube of student_t scenarios is built") as error:
        shared.risk(scenarios=["student_t"], only_built=True)
    assert "risk run" in str(error.value.hint)


def test_bad_questions_have_clear_answers(shared: Desk, empty_desk: Desk) -> None:
    with pytest.raises(UserInputError, match="99; it lies between 0 and 1") as error:
        shared.risk(confidence=99)
    assert "0.99" in str(error.value.hint)
    with pytest.raises(UserInputError, match="99; it lies between 0 and 1"):
        shared.decompose(confidence=99)
    with pytest.raises(UnknownNameError, match="'grwth'") as unknown:
        shared.risk("grwth", scenarios=SETS, days=300)
    assert unknown.value.hint is not None
    assert "growth" in unknown.value.hint
    with pytest.raises(UnknownNameError, match="historcal") as method:
        shared.risk(methods=["historcal"])
    assert "historical" in str(method.value.hint)
    with pytest.raises(UnknownNameError, match="slice"):
        shared.risk(by="sectr")
    with pytest.raises(UnknownNameError, match="slice"):
        shared.decompose(by="factr")
    with pytest.raises(MissingDataError, match="index holds nothing"):
        shared.risk("index", scenarios=SETS, days=300)
    with pytest.raises(MissingDataError, match="Nothing is held on 2026-02-27"):
        shared.risk(as_of=date(2026, 2, 27))
    with pytest.raises(MissingDataError, match="no exchange rates, curves or prices"):
        shared.risk(as_of=date(2027, 1, 4), days=100)
    with pytest.raises(MissingDataError, match="no prices yet"):
        empty_desk.risk()
    with pytest.raises(MissingDataError, match="Nothing is held"):
        empty_desk.risk(as_of=date(2026, 3, 6))


def test_ten_scenarios_have_no_99th_percentile(shared: Desk) -> None:
    ten = {"maker": "gaussian", "scenarios": 10}
    found = shared.risk("growth", scenarios=[ten], days=300)
    assert not found.sets[0].methods.figures
    reasons = {each.subject: each.message for each in found.failures}
    assert "at least 1 is needed, which takes 100 scenarios" in reasons["monte_carlo"]
    with pytest.raises(MissingDataError, match="10 scenarios hold"):
        shared.decompose("growth", scenarios=ten, days=300)


def test_money_alone_has_no_risk_to_measure(tmp_path: Path) -> None:
    from tests.desk.conftest import move, node

    with make(tmp_path / "desk") as desk:
        desk.put_portfolios([node("purse", "firm", "book")])
        desk.add_transactions(
            [move("p", "cash", 6, portfolio_id="purse", currency="USD", amount=5_000)]
        )
        found = desk.risk("purse", scenarios=["historical"], days=100, methods=QUICK)
        assert not found.sets[0].methods.figures
        assert "P&L are zero" in found.failures[0].message
        tree = desk.nodes_risk(scenarios="historical", days=100, confidence=0.95)
        row = tree.to_frame().set_index("portfolio_id").loc["purse"]
        assert (row["var"], row["es"], row["es_component"]) == (0.0, 0.0, 0.0)
        desk.record_risk(found)
