"""The risk of one node: methods side by side, the measures beside them, benchmarks, no answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from riskplatform.domain.outcome import Coverage, Failure
from riskplatform.domain.portfolio import PortfolioNode, PortfolioTree
from riskplatform.errors import UserInputError
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.risk.benchmarks import Benchmark, against_its, benchmark_of
from riskplatform.risk.delta_gamma_node import node_delta_gamma, sensitivities
from riskplatform.risk.figures import RiskFigures
from riskplatform.risk.measures import drawdown_path
from riskplatform.risk.methods import OF_HISTORY, OF_SCENARIOS
from riskplatform.risk.node_risk import NodeRisk, OtherMeasures, node_risk
from riskplatform.risk.quantiles import var_and_es
from riskplatform.risk.sample import Question
from riskplatform.risk.taylor import TaylorMoves
from tests.risk.limits.small_book import IDS, small_book

BOOK = small_book(days=250)
QUICK = ["historical", "normal", "cornish_fisher"]
ASKED = Question(confidence=0.95)


def measures(found: NodeRisk) -> OtherMeasures:
    assert isinstance(found.measures, OtherMeasures)
    return found.measures


def test_methods_stand_side_by_side() -> None:
    found = node_risk(BOOK, "fund", "historical", ASKED, ["historical", "normal"])
    assert [each.method for each in found.methods.figures] == ["historical", "normal"]
    expected = var_and_es(BOOK.gains("fund", "historical"), 0.95)
    assert found.methods["historical"].var == pytest.approx(float(expected.var))
    assert found.to_frame()["scenario_set"].tolist() == ["historical"] * 2
    known = node_risk(BOOK, "fund", "drawn", ASKED).methods
    names = {each.method for each in known.figures} | {each.subject for each in known.failures}
    assert names == set(OF_SCENARIOS)


@pytest.mark.slow
def test_a_history_is_measured_by_all_that_need_its_order() -> None:
    known = node_risk(BOOK, "fund", "historical", ASKED).methods
    names = {each.method for each in known.figures} | {each.subject for each in known.failures}
    assert names == set(OF_HISTORY)


def test_other_measures_by_hand() -> None:
    gains = BOOK.gains("fund", "historical")
    found = measures(node_risk(BOOK, "fund", "historical", ASKED, QUICK))
    assert found.volatility == pytest.approx(float(np.std(gains, ddof=1)))
    below = np.minimum(gains - gains.mean(), 0.0)
    assert found.downside_deviation == pytest.approx(float(np.sqrt(np.mean(below**2))))
    assert found.maximum_loss == pytest.approx(-gains.min())
    assert found.worst_scenario == f"day {gains.argmin()}"
    falls = drawdown_path(gains)
    assert found.drawdown is not None
    assert float(found.drawdown.maximum) == pytest.approx(falls.max())
    assert float(found.drawdown.at_risk) == pytest.approx(float(var_and_es(-falls, 0.95).var))
    alone = [np.std(BOOK.gains(each, "historical"), ddof=1) for each in ("growth", "value")]
    assert found.diversification == pytest.approx(sum(alone) / found.volatility)
    # Gross value: 300 AAA at 100, 600 BBB at 50, 1,000 EEE at 22, money 5,000 and 1,100.
    sizes = np.array([30_000.0, 30_000.0, 22_000.0, 5_000.0, 1_100.0])
    assert found.concentration is not None
    assert found.concentration.herfindahl == pytest.approx(np.square(sizes / sizes.sum()).sum())
    assert found.concentration.largest_share == pytest.approx(30_000.0 / sizes.sum())


def test_drawn_scenarios_have_no_drawdown_and_no_facts_no_concentration() -> None:
    found = measures(node_risk(replace(BOOK, facts=None), "fund", "drawn", ASKED, QUICK))
    assert found.drawdown is None
    assert found.concentration is None
    assert "maximum_drawdown" not in found.to_dict()


def test_a_leaf_is_diversified_over_its_positions() -> None:
    found = measures(node_risk(BOOK, "growth", "drawn", ASKED, QUICK))
    units = BOOK.view("drawn").cube.units("USD") * BOOK.held_by("growth")[:, None]
    alone = np.std(units, axis=1, ddof=1).sum()
    assert found.diversification == pytest.approx(alone / found.volatility)


def test_no_answer_is_said_and_not_a_number() -> None:
    money = np.zeros((4, len(IDS)))
    money[:, IDS.index("CASH.USD")] = 1_000.0
    held = sparse.csr_matrix(money)
    views = {name: replace(view, gains=view.of(held)) for name, view in BOOK.views.items()}
    still = replace(BOOK, holdings=held, views=views)
    found = node_risk(still, None, "historical", ASKED, QUICK)
    assert not found.methods.figures
    assert isinstance(found.measures, Failure)
    assert "All 250 P&L are zero" in found.measures.message
    assert found.to_dict()["measures"] is None
    few = node_risk(small_book(days=10), "fund", "historical", Question(), QUICK)
    assert "10 scenarios hold 0.1 in the tail" in few.methods.failures[0].message
    assert "at least 1 is needed, which takes 100" in few.methods.failures[0].message
    with pytest.raises(UserInputError, match="stand for themselves"):
        node_risk(BOOK, None, "shocks", ASKED)
    with pytest.raises(UserInputError, match=r"percentage: 0\.99"):
        Question(confidence=99)


def test_a_longer_horizon_is_scaled_and_says_so() -> None:
    one, ten = (
        node_risk(BOOK, "fund", "drawn", Question(confidence=0.95, horizon_days=days), ["normal"])
        for days in (1, 10)
    )
    assert ten.methods["normal"].es == pytest.approx(one.methods["normal"].es * np.sqrt(10.0))
    assert "square root of time" in str(ten.methods["normal"].scaling)
    view = replace(BOOK.view("drawn"), horizon_days=10)
    own = replace(BOOK, views={"drawn": view})
    found = node_risk(own, "fund", "drawn", Question(confidence=0.95, horizon_days=10), ["normal"])
    assert found.methods["normal"].scaling is None
    assert found.methods["normal"].es == pytest.approx(one.methods["normal"].es)


def test_a_benchmark_is_brought_to_the_size_of_the_node() -> None:
    held = np.zeros(len(IDS))
    held[:2] = [3.0, 2.0]
    view = BOOK.view("historical")
    bench = Benchmark("BM", held, Coverage(2), 1.0)
    value, gains = view.worth(BOOK.held_by("fund")), BOOK.gains("fund", "historical")
    assert value == pytest.approx(30_000 + 30_000 + 22_000 + 5_000 + 1_100)
    units = view.cube.units("USD")
    other = (3.0 * units[0] + 2.0 * units[1]) * value / 400.0
    found = node_risk(BOOK, "fund", "historical", ASKED, QUICK, benchmark=bench)
    against = measures(found).benchmark
    assert against is not None
    assert against.tracking_error == pytest.approx(float(np.std(gains - other, ddof=1)))
    expected = np.cov(gains, other)
    assert against.beta == pytest.approx(expected[0, 1] / expected[1, 1])
    assert against.correlation == pytest.approx(float(np.corrcoef(gains, other)[0, 1]))
    assert measures(found).to_dict()["tracking_error_share"] == pytest.approx(
        against.tracking_error / value
    )


def test_a_benchmark_of_money_has_no_beta_and_a_node_that_owes_no_benchmark() -> None:
    view = BOOK.view("historical")
    money = np.zeros(len(IDS))
    money[IDS.index("CASH.USD")] = 10.0
    gains, held = BOOK.gains("fund", "historical"), BOOK.held_by("fund")
    found = against_its(gains, held, view, Benchmark("BM", money, Coverage(1), 1.0))
    assert not isinstance(found, Failure)
    assert (found.beta, found.correlation) == (None, None)
    assert found.tracking_error == pytest.approx(float(np.std(gains, ddof=1)))
    owed = against_its(gains, -held, view, Benchmark("BM", money, Coverage(1), 1.0))
    assert isinstance(owed, Failure)
    assert "value of the node is not above zero" in owed.message
    report = node_risk(
        BOOK, "fund", "historical", ASKED, QUICK, benchmark=Benchmark("BM", -money, Coverage(1), 1)
    )
    assert [each.subject for each in report.failures] == ["BM"]


def test_the_benchmark_of_a_node_is_the_nearest_above() -> None:
    tree = PortfolioTree(
        PortfolioNode(portfolio_id=name, name=name, parent_id=parent, benchmark_id=benchmark)
        for name, parent, benchmark in (
            ("firm", None, None), ("fund", "firm", "BM.A"), ("book", "fund", None),
            ("leaf", "book", "BM.B"), ("other", "firm", None),
        )
    )  # fmt: skip
    found = {name: benchmark_of(tree, name) for name in ("firm", "fund", "book", "leaf", "other")}
    assert found == {"firm": None, "fund": "BM.A", "book": "BM.A", "leaf": "BM.B", "other": None}
    assert benchmark_of(tree, None) is None


COLUMNS = pd.DataFrame(
    [("delta", "AAA", np.nan), ("gamma", "AAA", np.nan), ("fx_delta", "EUR", np.nan),
     ("gamma", "EURUSD", np.nan), ("vega", "VOL.A", 0.5), ("theta", "time", np.nan),
     ("beta", "MARKET", np.nan)],
    columns=["measure", "factor_id", "years"],
)  # fmt: skip
PLACES = {
    (NodeKind.SPOT, "AAA", 0.0): 0, (NodeKind.FX, "EUR", 0.0): 1, (NodeKind.FX, "USD", 0.0): 2,
    (NodeKind.VOL, "VOL.A", 0.5): 3,
}  # fmt: skip


def test_sensitivities_are_put_where_their_numbers_are() -> None:
    exposures = np.array([1_000.0, 50.0, 700.0, 20.0, 3.0, -4.0, 999.0])
    delta, gamma, theta = sensitivities(
        exposures, COLUMNS, TaylorMoves(np.zeros((2, 4)), PLACES, 1)
    )
    # Vega is per point of volatility; beta would count what delta has counted.
    assert delta == pytest.approx([1_000.0, 700.0, 0.0, 300.0], rel=1e-6)
    expected = np.zeros((4, 4))
    expected[0, 0] = 50.0 / 0.01
    expected[1:3, 1:3] = 20.0 / 0.01 * np.array([[1.0, -1.0], [-1.0, 1.0]])
    assert gamma == pytest.approx(expected, rel=1e-4, abs=1e-6)
    assert theta == pytest.approx(-4.0)


def test_delta_gamma_of_many_days_is_near_what_they_were() -> None:
    rng = np.random.default_rng(8)
    history = TaylorMoves(rng.normal(size=(4_000, 4)) * [0.02, 0.01, 0.0, 0.01], PLACES, 1)
    exposures = np.array([1e6, -2e4, 3e5, 0.0, 500.0, 0.0, 0.0])
    exact, fisher, normal = node_delta_gamma(exposures, COLUMNS, history, Question(confidence=0.99))
    assert isinstance(exact, RiskFigures)
    assert isinstance(fisher, RiskFigures)
    assert isinstance(normal, RiskFigures)
    x = history.moves
    pnl = 1e6 * x[:, 0] - 0.5 * 2e6 * x[:, 0] ** 2 + 3e5 * x[:, 1] + 500.0 / 0.01 * x[:, 3]
    seen = float(var_and_es(pnl, 0.99).var)
    assert exact.var == pytest.approx(seen, rel=0.05)
    assert exact.var_interval is not None
    assert exact.var_interval.low < exact.var < exact.var_interval.high
    # Short gamma: the normal that knows only the variance says less.
    assert normal.var < exact.var
    assert fisher.var == pytest.approx(exact.var, rel=0.02)
    assert "sensitivities of today" in exact.notes[-1]


def test_delta_gamma_says_what_it_cannot_answer() -> None:
    still = TaylorMoves(np.zeros((50, 4)), PLACES, 1)
    exposures = np.array([1e6, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    found = node_delta_gamma(exposures, COLUMNS, still, Question())
    assert all("sensitive to anything that moves" in str(each) for each in found)
    longer = TaylorMoves(np.ones((50, 4)), PLACES, 10)
    found = node_delta_gamma(exposures, COLUMNS, longer, Question())
    assert all("daily covariance is needed" in str(each) for each in found)
