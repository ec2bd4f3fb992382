"""Charts draw what they are given, whatever is missing."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from riskplatform.desk import Desk
from riskplatform.ui import figures, market_figures
from tests.ui.small_desk import AS_OF, SPIKED


def groups(count: int) -> pd.DataFrame:
    long = np.arange(1.0, count + 1)
    return pd.DataFrame(
        {
            "sector": [f"s{i}" for i in range(count)],
            "value": long,
            "share": long / long.sum(),
            "long": long,
            "short": np.zeros(count),
        }
    )


def test_history_draws_value_and_pnl() -> None:
    frame = pd.DataFrame(
        {"date": [AS_OF - timedelta(days=1), AS_OF], "value": [10.0, 9.0], "pnl": [np.nan, -1.0]}
    )
    value, pnl = figures.value_history(frame, "USD").data
    assert list(value.y) == [10.0, 9.0]
    assert list(pnl.y) == [0.0, -1.0]


def test_one_day_is_said_to_be_too_little() -> None:
    frame = pd.DataFrame({"date": [AS_OF], "value": [1.0], "pnl": [np.nan]})
    assert not figures.value_history(frame, "USD").data


@pytest.mark.parametrize("count", [1, 11, 12, 40])
def test_allocation_leaves_nothing_out(count: int) -> None:
    table = groups(count)
    figure = figures.allocation(table, "sector", "USD")
    long = next(trace for trace in figure.data if trace.name == "Long")
    assert len(long.x) <= 11
    assert sum(long.x) == pytest.approx(table["long"].sum())


def test_allocation_of_nothing() -> None:
    assert not figures.allocation(groups(0), "sector", "USD").data


def test_contributors_are_the_extremes() -> None:
    table = pd.DataFrame({"name": [f"n{i}" for i in range(50)], "pnl": np.arange(-25.0, 25.0)})
    [bars] = figures.contributors(table, "USD", each=3).data
    assert list(bars.x) == [-25, -24, -23, 22, 23, 24]
    assert not figures.contributors(table.assign(pnl=0.0), "USD").data


def test_a_quiet_day_with_one_mover() -> None:
    table = pd.DataFrame({"name": ["a"], "pnl": [5.0]})
    [bars] = figures.contributors(table, "USD").data
    assert list(bars.x) == [5.0]


def test_the_repaired_price_and_the_mark_are_drawn(small_desk: Desk) -> None:
    prices = small_desk.lake.price_history(SPIKED, AS_OF - timedelta(days=90), AS_OF)
    marks = small_desk.quality(AS_OF, days=90)
    marks = marks[marks["subject_id"] == SPIKED]
    drawn = {t.name: t.y for t in market_figures.price_history(prices, marks, "USD").data}
    assert max(drawn["Close as delivered"]) > 2 * max(drawn["Repaired"])
    assert max(drawn["Close as delivered"]) in drawn["Error"]
    marked = sum(len(drawn.get(name, ())) for name in ("Error", "Warning", "Info"))
    assert marked == len(marks) > 0


def test_price_chart_without_prices_or_marks(small_desk: Desk) -> None:
    none = small_desk.lake.price_history("NOPRICE", AS_OF, AS_OF)
    marks = small_desk.quality(AS_OF, days=7).iloc[:0]
    assert not market_figures.price_history(none, marks, "USD").data


@pytest.mark.slow
def test_curves_credit_and_surfaces(small_desk: Desk) -> None:
    rates = small_desk.market_table("curves", as_of=AS_OF)
    [usd] = market_figures.curves(rates, ["USD.OIS"]).data
    assert usd.y[-1] == pytest.approx(4.2)
    assert usd.x[-1] == pytest.approx(np.sqrt(30))
    credit = small_desk.market_table("credit", as_of=AS_OF)
    [alpha] = market_figures.credit(credit, ["ISSUER.ALPHA"]).data
    assert alpha.y[0] == pytest.approx(0.008 * 0.6 * 1e4)
    surface = small_desk.market_table("surfaces", as_of=AS_OF)
    [heat] = market_figures.surface_heat(surface).data
    assert np.shape(heat.z) == (5, 7)
    assert list(heat.y) == ["1M", "3M", "6M", "1Y", "2Y"]
    assert heat.z[0][3] == pytest.approx(18.0)
    [shape] = market_figures.surface_shape(surface).data
    assert np.allclose(shape.z, heat.z)


def test_nothing_chosen_is_said(small_desk: Desk) -> None:
    rates = small_desk.market_table("curves", as_of=AS_OF)
    assert not market_figures.curves(rates, []).data
    assert not market_figures.surface_heat(pd.DataFrame()).data
