"""Charts of risk: nothing is lost between the result and the picture."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from riskplatform.reporting import risk_charts
from riskplatform.reporting.strip_text import strip_text
from riskplatform.risk.decomposition import blocks_of, decompose
from riskplatform.risk.methods import side_by_side

GAINS = np.random.default_rng(3).standard_t(4, 2_000) * 1e6


def test_each_method_with_an_answer_has_its_dots_and_interval() -> None:
    table = side_by_side(GAINS, None, ["historical", "normal", "cornish_fisher"]).to_frame()
    figure = risk_charts.methods(table, "USD")
    var, es = figure.data
    known = table[table["var"].notna()].iloc[::-1]
    assert list(var.x) == known["var"].tolist()
    assert list(es.x) == known["es"].tolist()
    low = np.array(var.x) - np.array(var.error_x.arrayminus)
    assert low == pytest.approx(known["var_low"].to_numpy())


def test_an_interval_that_is_open_above_is_not_drawn_there() -> None:
    table = pd.DataFrame(
        [{"method": "age_weighted", "var": 5.0, "var_low": 4.0, "var_high": np.inf,
          "es": 6.0, "es_low": np.nan, "es_high": np.nan, "notes": ""}]
    )  # fmt: skip
    var = risk_charts.methods(table, "USD").data[0]
    assert var.error_x.array[0] == 0.0
    assert var.error_x.arrayminus[0] == 1.0


def test_shares_of_the_distribution_sum_to_one_and_only_the_tail_is_red() -> None:
    figure = risk_charts.distribution(GAINS, None, 3e6, 4e6, "USD")
    bars = figure.data[0]
    assert sum(bars.y) == pytest.approx(1.0)
    red = [x for x, colour in zip(bars.x, bars.marker.color, strict=True) if colour == "#b3372c"]
    assert max(red) <= -3e6
    assert not risk_charts.distribution(np.zeros(5), None, 0.0, 0.0, "USD").data


def test_a_treemap_has_every_item_once_and_groups_that_add_up() -> None:
    items = pd.Series({"A": 4.0, "B": -1.0, "C": 2.0, "D": 0.0})
    groups = pd.Series({"A": "x", "B": "x", "C": "A", "D": "y"})
    tree = risk_charts.treemap(items, groups, "USD").data[0]
    area = dict(zip(tree.ids, tree.values, strict=True))
    assert area == {"all": 7.0, "g:x": 5.0, "i:A": 4.0, "i:B": 1.0, "g:A": 2.0, "i:C": 2.0}
    amounts = dict(zip(tree.ids, tree.customdata[:, 0], strict=True))
    assert amounts["g:x"] == pytest.approx(3.0)
    assert tree.customdata[:, 1].sum() == pytest.approx(3.0), "the whole, groups and items"


def test_the_bars_of_a_tail_scenario_add_up_to_its_loss() -> None:
    rng = np.random.default_rng(1)
    parts = rng.standard_normal((40, 500))
    names = [f"LINE{i}" for i in range(40)]
    found = decompose(parts.sum(axis=0), blocks_of(names, parts), 0.95, shown=12, drivers=4)
    figure = risk_charts.tail(found.tail, "USD")
    stacked = sum(np.array(trace.y) for trace in figure.data)
    assert stacked == pytest.approx([each.loss for each in found.tail])
    assert figure.data[-1].name == "All others"


def test_exceptions_are_marked_on_their_days_and_counted_by_year() -> None:
    days = [date(2024, 12, 30) + timedelta(i) for i in range(5)]
    pnl = np.array([1.0, -3.0, 0.5, -2.5, 1.0])
    hits = pnl < -2.0
    figure = risk_charts.backtest_strip(days, pnl, np.full(5, 2.0), hits, "USD")
    assert list(figure.data[2].x) == [days[1], days[3]]
    assert list(figure.data[2].y) == [-3.0, -2.5]
    lines = strip_text(days, hits)
    assert lines == ("2024            1 1 of 2 days", "2025 1            1 of 3 days")
