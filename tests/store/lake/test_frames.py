"""What a frame must look like to be let into the lake."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.store.lake.frames import strictly_increasing, to_declared
from riskplatform.store.lake.schema import TABLES

PRICES, CURVES, RUNS = TABLES["prices"], TABLES["curves"], TABLES["runs"]
GOOD = pd.DataFrame(
    {"instrument_id": ["A", "B"], "date": [date(2024, 1, 2)] * 2, "close": [1, 2.5], "source": "t"}
)


def test_columns_are_put_in_order_and_absent_ones_filled() -> None:
    table = to_declared(GOOD[["source", "close", "date", "instrument_id"]], PRICES)
    assert tuple(table.column_names) == PRICES.column_names
    assert table["volume"].null_count == 2


@pytest.mark.parametrize(
    "days",
    [
        pd.to_datetime(["2024-01-02", "2024-01-03"]),
        np.array(["2024-01-02", "2024-01-03"], dtype="datetime64[D]"),
        [date(2024, 1, 2), date(2024, 1, 3)],
        [datetime(2024, 1, 2), datetime(2024, 1, 3)],
        pd.Series(["2024-01-02", "2024-01-03"]).astype("date32[pyarrow]"),
    ],
)
def test_dates_in_every_common_form(days: object) -> None:
    table = to_declared(GOOD.assign(date=days), PRICES)
    assert table["date"].to_pylist() == [date(2024, 1, 2), date(2024, 1, 3)]


def test_nan_in_a_nullable_column_becomes_null_from_pandas_and_from_arrow() -> None:
    frame = GOOD.assign(volume=[1.0, np.nan])
    assert to_declared(frame, PRICES)["volume"].to_pylist() == [1.0, None]
    arrow = to_declared(GOOD, PRICES).set_column(3, "volume", pa.array([1.0, np.nan]))
    assert to_declared(arrow, PRICES)["volume"].to_pylist() == [1.0, None]


def test_categories_are_text() -> None:
    table = to_declared(GOOD.assign(instrument_id=pd.Categorical(["A", "B"])), PRICES)
    assert table["instrument_id"].to_pylist() == ["A", "B"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"close": ["1", "2"]}, "not numbers"),
        ({"close": [1.0, np.inf]}, "not finite"),
        ({"close": [1.0, np.nan]}, "empty in 1 of 2 rows, first in row 1"),
        ({"instrument_id": [1, 2]}, "not text"),
        ({"instrument_id": ["A", None]}, "empty in 1 of 2"),
        ({"date": ["2024-01-02", "2024-01-03"]}, "not dates"),
        (
            {"date": pd.to_datetime(["2024-01-02 16:00", "2024-01-03 00:00"])},
            "without a time of day",
        ),
        ({"date": pd.to_datetime(["2024-01-02", "2024-01-03"], utc=True)}, "not dates"),
        ({"close": [[1.0], [2.0]]}, "not numbers"),
    ],
)
def test_wrong_values_are_refused_by_name(change: dict[str, object], message: str) -> None:
    [name] = change
    with pytest.raises(UserInputError, match=message) as refused:
        to_declared(GOOD.assign(**change), PRICES)
    assert f"prices.{name}" in str(refused.value)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(UserInputError, match="lack the columns date, close"):
        to_declared(GOOD[["instrument_id", "source"]], PRICES)


def test_an_unknown_column_is_named() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean close"):
        to_declared(GOOD.assign(closes=1.0), PRICES)


@pytest.mark.parametrize("rates", [[0.1, np.nan], [0.1, None], [0.1, np.inf]])
def test_a_list_with_a_hole_is_refused(rates: list[float]) -> None:
    frame = pd.DataFrame(
        {
            "curve_id": ["X"],
            "date": [date(2024, 1, 2)],
            "times": [[1.0, 2.0]],
            "zero_rates": [rates],
            "interpolation": ["linear"],
            "source": ["t"],
        }
    )
    with pytest.raises(UserInputError, match=r"curves\.zero_rates"):
        to_declared(frame, CURVES)


def test_a_timestamp_without_a_zone_is_refused() -> None:
    run = {
        "run_id": "r",
        "recorded_at": datetime(2024, 1, 2, tzinfo=UTC),
        "kind": "k",
        "as_of": date(2024, 1, 2),
        "base_currency": "USD",
        "snapshot_id": 1,
        "inputs": "{}",
        "summary": "{}",
        "status": "s",
    }
    assert to_declared(pd.DataFrame([run]), RUNS).num_rows == 1
    naive = {**run, "recorded_at": datetime(2024, 1, 2)}
    with pytest.raises(UserInputError, match="with a time zone"):
        to_declared(pd.DataFrame([naive]), RUNS)
    with pytest.raises(UserInputError, match="not whole numbers"):
        to_declared(pd.DataFrame([{**run, "snapshot_id": 1.5}]), RUNS)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), max_size=8))
def test_strictly_increasing_is_sorted_without_repetition(keys: list[tuple[str, int]]) -> None:
    rows = pa.table({"x": pa.array([x for x, _ in keys], pa.string()), "y": [y for _, y in keys]})
    assert strictly_increasing(rows, ("x", "y")) == (keys == sorted(set(keys)))
