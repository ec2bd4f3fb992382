"""Charts of exposures: nothing is lost between the grid and the bars, and the unit is there."""

from __future__ import annotations

import io

import numpy as np
import openpyxl
import pandas as pd
import pytest

from riskplatform.desk import Desk
from riskplatform.reporting import bars as signed_bars
from riskplatform.reporting import numbers
from riskplatform.ui import exposure_figures, exposure_grid, exposures
from riskplatform.ui.exposure_ladders import family
from riskplatform.ui.exposure_tree import tree_of
from tests.ui.modelled_lines import OPTION
from tests.ui.small_desk import AS_OF, WITHOUT_PRICE

UNIT = "USD per +1 bp"


def grid(rows: int) -> pd.DataFrame:
    values = np.arange(rows * 3.0).reshape(rows, 3) - 7
    return pd.DataFrame(values, index=[f"C{i}" for i in range(rows)], columns=[0.25, 1.5, 10.0])


@pytest.mark.parametrize("rows", [1, 2, 9, 10, 40])
def test_stacked_bars_add_up_to_the_net_line(rows: int) -> None:
    figure = exposure_figures.ladder(grid(rows), UNIT)
    bars = [trace for trace in figure.data if trace.type == "bar"]
    assert len(bars) == min(rows, 9)
    assert sum(np.array(bar.y) for bar in bars) == pytest.approx(grid(rows).sum().to_numpy())
    assert list(bars[0].x) == ["3M", "18M", "10Y"]
    lines = [trace.y for trace in figure.data if trace.type == "scatter"]
    assert len(lines) == (rows > 1)
    assert all(line == pytest.approx(grid(rows).sum().to_numpy()) for line in lines)
    assert figure.layout.yaxis.title.text == UNIT


def test_a_heat_map_has_every_number_written_in_it() -> None:
    [heat] = exposure_figures.heat(grid(40), UNIT, most=5).data
    assert np.shape(heat.text) == (5, 3)
    assert heat.y[-1] == "36 others"
    assert np.sum(heat.customdata) == pytest.approx(grid(40).to_numpy().sum())
    assert heat.text[0][0] == "−7"


def test_bars_say_what_they_leave_out() -> None:
    sums = pd.Series({f"n{i}": 1000.0 - i for i in range(20)})
    figure = signed_bars.bars(sums, UNIT, most=4)
    [bars] = figure.data
    assert list(bars.y) == ["n3", "n2", "n1", "n0"]
    rest = sums.iloc[4:].sum()
    assert figure.layout.xaxis.title.text == f"{UNIT}; 16 others sum to {rest / 1000:.1f}k"


def test_names_that_are_cut_alike_stay_apart_and_carry_no_tags() -> None:
    long = "x" * 30
    figure = signed_bars.bars(pd.Series({f"{long}1": 2.0, f"{long}2": 1.0, "<b>": 0.9}), UNIT)
    assert len(set(figure.data[0].y)) == 3
    assert "<" not in "".join(figure.layout.yaxis.ticktext)
    heat = exposure_figures.heat(grid(2).set_axis([f"VOL.{long}1", f"VOL.{long}2"]), UNIT)
    assert len(set(heat.data[0].y)) == 2
    assert heat.layout.yaxis.ticktext[0].startswith("x")


def test_nothing_is_said_to_be_nothing() -> None:
    nothing = pd.DataFrame(columns=[1.0])
    assert not exposure_figures.ladder(nothing, UNIT).data
    assert not exposure_figures.heat(nothing, UNIT).data
    assert not signed_bars.bars(pd.Series(dtype=float), UNIT).data


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.2, ""), (-7, "−7"), (999, "999"), (999.6, "1.00k"), (26_644, "26.6k"), (-1.5e9, "−1.50bn"),
     (999_700, "1.00m"), (708_873, "709k")],
)  # fmt: skip
def test_three_digits_that_mean_something(value: float, text: str) -> None:
    assert signed_bars.short(value) == text


def test_factors_of_one_family() -> None:
    sums = pd.Series({"STY.MARKET": 1.0, "SEC.ENERGY": 2.0, "STY.LOW_VOL": 3.0})
    assert family(sums, "STY").to_dict() == {"MARKET": 1.0, "LOW VOL": 3.0}


def test_the_headline_names_units_and_coverage(small_desk: Desk) -> None:
    found = small_desk.exposures("FIRM", AS_OF)
    cards = {card.label: card for card in exposures.headline(found)}
    dv01 = cards["DV01, zero rates"]
    assert dv01.note == f"{numbers.amount(found.totals()['dv01'])} per +1 bp"
    assert dv01.unit == "USD"
    assert "USD per +1 bp" in dv01.help
    assert cards["Coverage"].tone == "caution"
    assert "1 missing data" in cards["Coverage"].help


def test_the_workbook_has_it_all(small_desk: Desk) -> None:
    found = small_desk.exposures("FIRM", AS_OF)
    content = exposure_grid.workbook(found, tree_of(found, ("asset_class",), ("dv01",), {}))
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    assert book.sheetnames == [
        "about", "groups", "numbers", "not covered", "model against mark",
    ]  # fmt: skip
    about = {row[0]: row[1] for row in book["about"].iter_rows(values_only=True)}
    assert about["dv01"] == "USD per +1 bp"
    assert about["run"] == found.provenance.run_id
    rows = list(book["numbers"].iter_rows(values_only=True))
    assert len(rows) == 1 + len(found.to_frame())
    assert any(row[0] == OPTION and row[1] == "vega" for row in rows)
    assert [row[0] for row in book["not covered"].iter_rows(min_row=2, values_only=True)] == [
        WITHOUT_PRICE
    ]
