"""Gains as rows and as a chart: nothing is lost in bars, quantiles are what they are said to be."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.desk.cube_profits import Profits
from riskplatform.simulation.recipe import recipe_from_dict
from riskplatform.ui import simulation_shapes as shapes
from riskplatform.ui.simulation_figures import distribution
from riskplatform.ui.simulation_makers import CHOICES, MAKERS, Asked, title_of


def profits(gains: np.ndarray, weights: np.ndarray | None = None) -> Profits:
    count = gains.shape[1]
    return Profits(
        by="asset_class",
        groups=tuple(f"class_{i}" for i in range(len(gains))),
        gains=gains,
        weights=np.full(count, 1.0 / count) if weights is None else weights,
        labels=tuple(f"s{i}" for i in range(count)),
        currency="USD",
        missing=(),
    )


def test_a_quantile_is_exceeded_as_often_as_is_said() -> None:
    gains = np.random.default_rng(3).permutation(np.arange(1000.0)) - 500
    found = shapes.moments(gains, np.full(1000, 1e-3), tuple(map(str, range(1000))))
    # Of 1000 different gains, 990 exceed the tenth worst and 950 the fiftieth.
    assert (found["q01"], found["q05"]) == (-491.0, -451.0)
    assert (gains > found["q01"]).mean() == 0.99
    assert (found["worst"], found["best"]) == (-500.0, 499.0)
    assert found["mean"] == pytest.approx(gains.mean())
    assert found["standard_deviation"] == pytest.approx(gains.std())


def test_weights_count() -> None:
    gains, weights = np.array([-3.0, -2.0, 5.0]), np.array([0.02, 0.58, 0.4])
    found = shapes.moments(gains, weights, ("a", "b", "c"))
    assert found["mean"] == pytest.approx(0.02 * -3 + 0.58 * -2 + 0.4 * 5)
    assert (found["q01"], found["q05"]) == (-3.0, -2.0)
    assert found["worst_scenario"] == "a"


def test_groups_stand_below_all_of_them_by_size() -> None:
    rng = np.random.default_rng(5)
    gains = rng.standard_normal((3, 200)) * np.array([[1.0], [9.0], [4.0]])
    rows = shapes.groups(profits(gains), str.upper)
    assert list(rows["group"]) == [shapes.ALL, "CLASS_1", "CLASS_2", "CLASS_0"]
    assert rows["mean"].iloc[0] == pytest.approx(rows["mean"].iloc[1:].sum())
    assert rows["worst"].iloc[0] == pytest.approx(gains.sum(axis=0).min())


def test_the_worst_scenarios_name_what_drove_them() -> None:
    gains = np.array([[-5e6, 1.0, 2e3], [3e6, 0.0, -9e3], [-4e4, 0.0, 0.2]])
    rows = shapes.worst(profits(gains), str.capitalize, most=2)
    assert list(rows["scenario"]) == ["s0", "s2"]
    assert list(rows["gain"]) == pytest.approx([-2.04e6, -6999.8])
    assert rows["lost"].iloc[0] == "Class_0 −5.00 m, Class_2 −40.00 k"
    assert rows["gained"].iloc[0] == "Class_1 +3.00 m"
    assert rows["gained"].iloc[1] == "Class_0 +2.00 k"


@given(
    st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=300),
    st.integers(0, 2**32 - 1),
)
def test_every_scenario_is_in_one_bar(values: list[float], seed: int) -> None:
    gains = np.array(values)
    weights = np.random.default_rng(seed).dirichlet(np.ones(gains.size))
    bars = shapes.bins(gains, weights)
    assert bars["count"].sum() == gains.size
    assert bars["share"].sum() == pytest.approx(1.0)
    assert len(bars) <= 62
    slack = 1e-9 * max(1.0, float(np.abs(gains).max()))
    assert bars["from"].iloc[0] <= gains.min() + slack
    assert bars["to"].iloc[-1] >= gains.max() - slack


def test_the_chart_has_bars_and_marks_with_units() -> None:
    gains = np.random.default_rng(8).standard_normal(500) * 1e6
    found = shapes.moments(gains, np.full(500, 1 / 500), tuple(map(str, range(500))))
    marks = {name: found[name] for name in ("mean", "q05", "q01")}
    figure = distribution(shapes.bins(gains, np.full(500, 1 / 500)), marks, "EUR")
    assert sum(figure.data[0].y) == pytest.approx(100.0)
    assert sorted(line.x0 for line in figure.layout.shapes) == pytest.approx(sorted(marks.values()))
    said = " ".join(note.text for note in figure.layout.annotations)
    assert "1% worst −" in said
    assert "5% worst −" in said
    assert "Mean" in said
    assert figure.layout.xaxis.title.text == "Gain, EUR"
    assert "EUR" in figure.data[0].customdata[0]


def test_nothing_that_moves_is_said() -> None:
    figure = distribution(shapes.bins(np.zeros(9), np.full(9, 1 / 9)), {}, "USD")
    assert "Nothing that is held gains" in figure.layout.annotations[0].text


def test_the_vector_for_download_adds_up() -> None:
    gains = np.random.default_rng(1).standard_normal((2, 30))
    frame = shapes.vector(profits(gains), str)
    assert list(frame.columns) == [
        "scenario",
        "weight",
        "gain, USD",
        "class_0, USD",
        "class_1, USD",
    ]
    parts = frame["class_0, USD"] + frame["class_1, USD"]
    assert list(frame["gain, USD"]) == pytest.approx(list(parts))
    assert frame["weight"].sum() == pytest.approx(1.0)


@pytest.mark.parametrize("maker", list(MAKERS))
def test_every_maker_takes_its_choices(maker: str) -> None:
    choices = tuple(MAKERS[maker].defaults.items())
    request = Asked("desk", date(2024, 3, 20), maker, choices)
    recipe = recipe_from_dict(request.recipe())
    assert recipe.maker == maker
    assert set(request.history()) <= {"days", "seed"}
    assert set(MAKERS[maker].defaults) <= set(CHOICES)
    assert title_of(maker) in request.words()
    assert "500 days of history" in request.words()
    for name, value in choices:
        assert value is None or CHOICES[name].least <= value <= CHOICES[name].most


def test_makers_not_offered_go_by_their_name() -> None:
    assert title_of("own_moves") == "Own moves"
    assert title_of(None) == "Unknown"
