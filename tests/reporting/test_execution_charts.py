"""Charts of trading: what is drawn is what was planned, filled and paid."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskplatform.reporting import execution_charts as charts

PARTS = ("delay", "timing", "impact", "opportunity", "fees")
AT = pd.to_datetime(["2026-03-06 14:40", "2026-03-06 14:45", "2026-03-06 14:50"], utc=True)


def fills() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "at": AT,
            "price": [10.0, 10.5, 9.5],
            "quantity": [100.0, 400.0, 25.0],
            "side": ["buy", "buy", "sell"],
        }
    )


def test_a_plan_and_what_is_done_of_it_are_drawn_as_they_are() -> None:
    plan = pd.DataFrame({"at": AT, "total": [0.0, 50.0, 100.0]})
    done = pd.DataFrame({"at": AT[:2], "total": [0.0, 40.0]})
    figure = charts.planned_and_done(plan, done, AT[1], "Units")
    drawn = {each.name: each for each in figure.data}
    assert list(drawn["Planned"].y) == [0.0, 50.0, 100.0]
    assert list(drawn["Done"].y) == [0.0, 40.0]
    assert drawn["Done"].line.shape == "hv", "what is filled comes in steps"
    assert pd.Timestamp(figure.layout.shapes[0].x0) == AT[1]
    assert not charts.planned_and_done(plan.head(0), done, AT[1], "Units").data


def test_fills_point_up_when_bought_and_are_as_large_as_they_are() -> None:
    market = pd.DataFrame({"at": AT, "price": [10.0, 10.2, 10.1]})
    figure = charts.fills_in_time(fills(), market, {"Average": 10.3, "Arrival": 10.0}, "USD")
    drawn = {each.name: each for each in figure.data}
    assert set(drawn) == {"Middle when judged", "Bought", "Sold", "Average 10.3000",
                          "Arrival 10.0000"}  # fmt: skip
    assert (drawn["Bought"].marker.symbol, drawn["Sold"].marker.symbol) == (
        "triangle-up", "triangle-down",
    )  # fmt: skip
    assert list(drawn["Bought"].y) == [10.0, 10.5]
    small, large = drawn["Bought"].marker.size
    assert small < large
    assert list(drawn["Average 10.3000"].y) == [10.3, 10.3]
    nothing = charts.fills_in_time(fills().head(0), market.head(0), {}, "USD")
    assert "Nothing of this plan" in nothing.layout.annotations[0].text


def test_fills_lie_among_the_closes() -> None:
    prices = pd.DataFrame({"date": pd.bdate_range("2026-03-02", periods=5), "close": np.arange(5)})
    figure = charts.fills_on_closes(prices, fills(), {"Arrival": 10.0}, "USD")
    drawn = {each.name: each for each in figure.data}
    assert list(drawn["Close"].y) == [0, 1, 2, 3, 4]
    assert len(drawn["Bought"].y) + len(drawn["Sold"].y) == 3
    # A price that is not known for the whole span is still drawn across it.
    first, last = drawn["Arrival 10.0000"].x
    assert pd.Timestamp(first) <= pd.Timestamp("2026-03-02", tz="UTC")
    assert pd.Timestamp(last) == AT[-1]


def test_parts_of_what_is_drawn_and_what_is_not_sum_to_the_whole() -> None:
    rng = np.random.default_rng(3)
    costs = pd.DataFrame(rng.normal(0, 1e4, (20, len(PARTS))), columns=list(PARTS))
    costs["shortfall"] = costs[list(PARTS)].sum(axis=1)
    costs.insert(0, "group", [f"<b>{place}" for place in range(20)])
    figure = charts.shortfall_parts(costs, PARTS, "USD", most=20)
    drawn = {each.name: sum(each.x) for each in figure.data if each.type == "bar"}
    assert drawn == pytest.approx({part.capitalize(): costs[part].sum() for part in PARTS})
    assert not any("<b>" in text for text in figure.layout.yaxis.ticktext)
    some = charts.shortfall_parts(costs, PARTS, "USD", most=5)
    kept = costs.iloc[costs["shortfall"].abs().argsort()[::-1][:5]]
    assert set(some.data[0].y) == set(kept["group"])
    assert "15 others sum to" in some.layout.xaxis.title.text
    assert not charts.shortfall_parts(costs.head(0), PARTS, "USD").data
