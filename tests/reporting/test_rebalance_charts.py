"""Charts of a proposal: what is drawn is what was found, and what is not drawn is counted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskplatform.reporting import rebalance_charts


def moments(volatility: list[float], expected: list[float], names: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"volatility": volatility, "expected": expected}, index=names)


CURVE = pd.DataFrame({"volatility": [0.5, 0.2, 0.1], "expected": [0.09, 0.06, 0.04]})
POINTS = moments([0.12, 0.11], [0.045, 0.042], ["As held", "As proposed"])


def test_both_portfolios_are_on_the_frontiers_picture_and_far_lines_are_counted() -> None:
    lines = moments([0.15, 0.2, 3.0], [0.03, 0.05, 0.5], ["A", "<b>", "wild"])
    figure = rebalance_charts.frontier({"Efficient": CURVE}, POINTS, lines)
    drawn = {each.name: each for each in figure.data}
    assert list(drawn["Single lines"].text) == ["A", "‹b›"]
    assert "1 single lines lie outside" in figure.layout.xaxis.title.text
    assert list(drawn["Efficient"].x) == CURVE["volatility"].tolist()
    for name, point in POINTS.iterrows():
        assert (drawn[name].x[0], drawn[name].y[0]) == (point["volatility"], point["expected"])
    low, high = figure.layout.xaxis.range
    assert low < 0.1 < 0.2 <= high
    low, high = figure.layout.yaxis.range
    assert low < 0.03
    assert high > 0.06


def test_a_picture_without_a_curve_still_has_its_portfolios() -> None:
    figure = rebalance_charts.frontier({}, POINTS, moments([], [], []))
    assert {"As held", "As proposed"} <= {each.name for each in figure.data}
    assert not rebalance_charts.frontier({}, POINTS.head(0), POINTS).data


def test_bars_before_and_after_with_what_is_not_drawn_sum_to_the_whole() -> None:
    rng = np.random.default_rng(5)
    names = [f"line {place}" for place in range(30)]
    before = pd.Series(rng.normal(0, 1e5, 30), index=names)
    after = pd.Series(rng.normal(0, 1e5, 29), index=names[1:])
    figure = rebalance_charts.contributions(before, after, "USD", most=30)
    drawn = {each.name: sum(each.x) for each in figure.data}
    assert drawn == pytest.approx({"Before": before.sum(), "After": after.sum()})
    figure = rebalance_charts.contributions(before, after, "USD", most=5)
    table = pd.DataFrame({"b": before, "a": after}).fillna(0.0)
    largest = table.abs().max(axis=1).nlargest(5).index
    assert list(figure.layout.yaxis.ticktext) == list(largest[::-1])
    assert "25 others sum to" in figure.layout.xaxis.title.text
    assert not rebalance_charts.contributions(0 * before, 0 * after, "USD").data


def test_a_thinned_curve_keeps_its_ends() -> None:
    curve = pd.DataFrame({"x": np.arange(5_000)})
    thin = rebalance_charts.thinned(curve, 100)
    assert len(thin) == 100
    assert (thin["x"].iloc[0], thin["x"].iloc[-1]) == (0, 4_999)
    assert rebalance_charts.thinned(curve.head(7), 100) is not None
    assert len(rebalance_charts.thinned(curve.head(7), 100)) == 7
