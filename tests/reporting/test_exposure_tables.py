"""Exposures as tables: nothing is lost in turning, cutting and rounding."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskplatform.reporting.exposure_tables import (
    by_factor,
    folded,
    ladder_grid,
    rounded,
    tenor,
    tenor_table,
    units,
)

LADDER = pd.DataFrame(
    {
        "factor_id": ["EUR", "USD", "EUR", "USD", "GBP"],
        "years": [1.0, 1.0, 2.0, 5.0, np.nan],
        "value": [-10.0, 4.0, -20.0, 30.5, 7.0],
    }
)


@pytest.mark.parametrize(
    ("years", "name"),
    [(7 / 365, "7D"), (1 / 12, "1M"), (0.25, "3M"), (1.0, "1Y"), (1.5, "18M"), (30.0, "30Y")],
)
def test_tenors(years: float, name: str) -> None:
    assert tenor(years) == name


def test_units_come_from_the_catalogue() -> None:
    assert units(["dv01", "delta"], "EUR") == ["dv01: EUR per +1 bp", "delta: EUR of underlying"]


def test_a_ladder_as_a_grid_keeps_every_number() -> None:
    grid = ladder_grid(LADDER)
    assert list(grid.index) == ["USD", "EUR"]
    assert grid.to_numpy().sum() == pytest.approx(4.5)
    assert grid.loc["USD", 2.0] == 0.0


@pytest.mark.parametrize("most", [1, 2, 3, 9])
def test_folding_keeps_the_sum(most: int) -> None:
    grid = pd.DataFrame(np.arange(12.0).reshape(6, 2))
    small = folded(grid, most)
    assert len(small) == min(most, 6)
    assert np.array_equal(small.sum(), grid.sum())


def test_tenors_down_while_factors_are_few_and_across_when_they_are_many() -> None:
    down = tenor_table(LADDER)
    assert list(down["tenor"]) == ["1Y", "2Y", "5Y", "total"]
    assert list(down.columns) == ["tenor", "USD", "EUR", "total"]
    assert down["total"].iloc[-1] == pytest.approx(4.5)
    across = tenor_table(LADDER, most_columns=1)
    assert list(across["factor_id"]) == ["USD", "EUR", "total"]
    assert list(across.columns) == ["factor_id", "1Y", "2Y", "5Y", "total"]


def test_sums_by_factor_are_sorted_by_size() -> None:
    assert by_factor(LADDER).to_dict() == {"USD": 34.5, "EUR": -30.0, "GBP": 7.0}
    assert list(by_factor(LADDER).index) == ["USD", "EUR", "GBP"]


def test_only_large_money_is_rounded() -> None:
    small = pd.DataFrame({"name": ["a"], "value": [1.25]})
    assert rounded(small) is small
    large = rounded(pd.DataFrame({"value": [12_345.6, -0.2], "lines": [1, 2]}))
    assert list(large["value"]) == [12_346.0, 0.0]
    assert not np.signbit(large["value"].iloc[1])
