"""The lake as its callers see it; the same tests run on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from riskplatform.errors import ConflictError, StoreError, UnknownNameError, UserInputError
from riskplatform.store.lake import TABLES, Between, Lake
from riskplatform.store.lake.frames import ARROW_TYPES, to_pandas

JAN_2, JAN_3, JAN_4 = date(2024, 1, 2), date(2024, 1, 3), date(2024, 1, 4)


def prices(*rows: tuple[str, date, float]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=["instrument_id", "date", "close"])
    return frame.assign(source="test")


def closes(frame: pd.DataFrame) -> list[float]:
    return list(frame["close"])


def test_rows_come_back_in_the_order_of_the_key(lake: Lake) -> None:
    lake.write("prices", prices(("B", JAN_2, 3.0), ("A", JAN_3, 2.0), ("A", JAN_2, 1.0)))
    assert closes(lake.read("prices")) == [1.0, 2.0, 3.0]


def test_another_opening_sees_what_was_written(lake: Lake, folder: Path) -> None:
    snapshot = lake.write("prices", prices(("A", JAN_2, 1.0)))
    with Lake.open(folder) as other:
        assert other.latest_snapshot() == snapshot
        assert closes(other.read("prices")) == [1.0]


def test_time_travel_gives_the_same_bits(lake_anywhere: Lake) -> None:
    lake = lake_anywhere
    values = np.random.default_rng(3).normal(size=400)
    frame = prices(*((f"I{i}", JAN_2, value) for i, value in enumerate(values)))
    first = lake.write("prices", frame)
    before = lake.read_arrow("prices", at_snapshot=first)
    lake.write("prices", frame.assign(close=frame["close"] * 2), mode="replace_keys")
    lake.write("prices", prices(("new", JAN_3, 1.0)))
    lake.maintain()
    after = lake.read_arrow("prices", at_snapshot=first)
    assert before.equals(after)
    assert before["close"].to_numpy().tobytes() == after["close"].to_numpy().tobytes()


def test_every_convenient_read_travels_in_time(lake: Lake) -> None:
    past = lake.latest_snapshot()
    lake.write("prices", prices(("A", JAN_2, 1.0)))
    lake.write(
        "fx", pd.DataFrame([{"currency": "EUR", "date": JAN_2, "usd_per_unit": 1.1, "source": "t"}])
    )
    lake.write(
        "fixings", pd.DataFrame([{"index_id": "I", "date": JAN_2, "value": 0.05, "source": "t"}])
    )
    reads = [
        lambda **at: lake.price_history("A", **at),
        lambda **at: lake.price_slice(JAN_2, **at),
        lambda **at: lake.last_prices(JAN_4, **at),
        lambda **at: lake.fx(JAN_4, **at),
        lambda **at: lake.fixings(JAN_4, **at),
    ]
    assert [len(read()) for read in reads] == [1, 1, 1, 1, 1]
    assert [len(read(at_snapshot=past)) for read in reads] == [0, 0, 0, 0, 0]


def test_a_snapshot_that_does_not_exist_is_refused(lake_anywhere: Lake) -> None:
    lake = lake_anywhere
    with pytest.raises(UserInputError, match="no snapshot 99"):
        lake.read("prices", at_snapshot=99)


def test_a_batch_is_written_whole(lake_anywhere: Lake) -> None:
    lake = lake_anywhere
    with lake.batch(message="morning") as batch:
        batch.write("prices", prices(("A", JAN_2, 1.0)))
        batch.write("fixings", fixing("X"))
    assert len(lake.read("prices", at_snapshot=batch.snapshot_id)) == 1
    assert len(lake.read("fixings", at_snapshot=batch.snapshot_id)) == 1
    assert len(lake.read("prices", at_snapshot=batch.snapshot_id - 1)) == 0
    assert lake.snapshots()["message"].iloc[-1] == "morning"


def fixing(name: str) -> pd.DataFrame:
    return pd.DataFrame([{"index_id": name, "date": JAN_2, "value": 0.05, "source": "t"}])


def test_a_batch_that_fails_leaves_nothing(lake_anywhere: Lake) -> None:
    lake = lake_anywhere
    before = lake.latest_snapshot()
    with pytest.raises(ZeroDivisionError):
        write_and_fail(lake)
    assert lake.latest_snapshot() == before
    assert len(lake.read("prices")) == 0
    lake.write("prices", prices(("A", JAN_2, 1.0)))


def write_and_fail(lake: Lake) -> None:
    with lake.batch() as batch:
        batch.write("prices", prices(("A", JAN_2, 1.0)))
        raise ZeroDivisionError


def test_a_batch_has_no_snapshot_before_its_end(lake: Lake) -> None:
    with lake.batch() as batch, pytest.raises(StoreError, match="no snapshot before"):
        _ = batch.snapshot_id


def test_the_second_table_of_a_batch_can_spoil_it(lake: Lake) -> None:
    with pytest.raises(UserInputError, match="fixings"):
        write_a_wrong_second_table(lake)
    assert len(lake.read("prices")) == 0


def write_a_wrong_second_table(lake: Lake) -> None:
    with lake.batch() as batch:
        batch.write("prices", prices(("A", JAN_2, 1.0)))
        batch.write("fixings", fixing("X").drop(columns="value"))


def test_append_refuses_a_key_that_is_there(lake: Lake) -> None:
    lake.write("prices", prices(("A", JAN_2, 1.0)))
    with pytest.raises(ConflictError, match="instrument_id=A, date=2024-01-02 is already stored"):
        lake.write("prices", prices(("B", JAN_2, 1.0), ("A", JAN_2, 1.0)))
    assert len(lake.read("prices")) == 1


@pytest.mark.parametrize("mode", ["append", "replace_keys"])
def test_a_frame_that_repeats_a_key_is_refused(lake: Lake, mode: str) -> None:
    with pytest.raises(ConflictError, match="more than once"):
        lake.write("prices", prices(("A", JAN_2, 1.0), ("A", JAN_2, 2.0)), mode=mode)


def test_replace_keys_replaces_and_adds(lake_anywhere: Lake) -> None:
    lake = lake_anywhere
    lake.write("prices", prices(("A", JAN_2, 1.0), ("B", JAN_2, 2.0)))
    lake.write("prices", prices(("B", JAN_2, 20.0), ("C", JAN_2, 30.0)), mode="replace_keys")
    assert closes(lake.read("prices")) == [1.0, 20.0, 30.0]


def test_writing_the_same_again_makes_no_snapshot(lake: Lake) -> None:
    frame = curve("USD.OIS", JAN_2, [0.01, 0.02])
    first = lake.write("curves", frame, mode="replace_keys")
    assert lake.write("curves", frame, mode="replace_keys") == first
    assert lake.write("curves", frame.iloc[:0]) == first


def curve(name: str, day: date, rates: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "curve_id": [name],
            "date": [day],
            "times": [np.array([1.0, 2.0])],
            "zero_rates": [rates],
            "interpolation": ["linear"],
            "source": ["test"],
        }
    )


def test_an_unknown_mode_or_table_is_refused(lake: Lake) -> None:
    with pytest.raises(UserInputError, match="overwrite"):
        lake.write("prices", prices(("A", JAN_2, 1.0)), mode="overwrite")
    with pytest.raises(UnknownNameError, match="Did you mean prices"):
        lake.read("price")


def test_a_curve_comes_back_as_arrays(lake_anywhere: Lake) -> None:
    lake = lake_anywhere
    lake.write("curves", curve("USD.OIS", JAN_2, [0.01, 0.02]))
    [row] = lake.curves(JAN_3).to_dict("records")
    np.testing.assert_array_equal(row["times"], [1.0, 2.0])
    np.testing.assert_array_equal(row["zero_rates"], [0.01, 0.02])
    assert row["age_days"] == 1


def test_the_last_price_shows_its_age(lake: Lake) -> None:
    lake.write("prices", prices(("A", JAN_2, 1.0), ("A", JAN_4, 9.0), ("B", JAN_3, 2.0)))
    found = lake.last_prices(JAN_3)
    assert list(found["instrument_id"]) == ["A", "B"]
    assert list(found["date"].dt.date) == [JAN_2, JAN_3]
    assert list(found["age_days"]) == [1, 0]
    assert list(lake.last_prices(JAN_3, max_age_days=0)["instrument_id"]) == ["B"]
    assert list(lake.last_prices(JAN_4, ["A", "unknown"])["close"]) == [9.0]
    assert len(lake.last_prices(JAN_4, [])) == 0


def test_filters(lake: Lake) -> None:
    lake.write(
        "prices", prices(("A", JAN_2, 1.0), ("A", JAN_3, 2.0), ("B", JAN_2, 3.0), ("C", JAN_4, 4.0))
    )
    assert closes(lake.read("prices", where={"instrument_id": ["A", "C"]})) == [1.0, 2.0, 4.0]
    assert closes(lake.read("prices", where={"date": Between(JAN_3, None)})) == [2.0, 4.0]
    assert closes(lake.read("prices", where={"date": Between(None, JAN_2)})) == [1.0, 3.0]
    assert closes(lake.read("prices", where={"close": np.float64(3.0)})) == [3.0]
    assert len(lake.read("prices", where={"volume": None})) == 4
    assert list(lake.read("prices", columns=["close"]).columns) == ["close"]
    with pytest.raises(UnknownNameError, match="Did you mean close"):
        lake.read("prices", where={"clos": 1.0})


NASTY = ["x'; DROP TABLE lake.prices; --", '"', "a\\'b", "%s ? $1", "\u202e\U0001f600", ""]


def test_text_that_looks_like_sql_is_text(lake_anywhere: Lake) -> None:
    lake = lake_anywhere
    lake.write("prices", prices(*((text, JAN_2, float(i)) for i, text in enumerate(NASTY))))
    for number, text in enumerate(NASTY):
        assert closes(lake.price_history(text)) == [number]
        assert closes(lake.last_prices(JAN_4, [text])) == [number]
    changed = prices((NASTY[0], JAN_2, 7.0))
    lake.write("prices", changed, mode="replace_keys", message=NASTY[0])
    assert len(lake.read("prices")) == len(NASTY)
    with pytest.raises(UnknownNameError):
        lake.read("prices", columns=["close FROM lake.prices; --"])


def test_an_empty_table_has_its_columns_and_types(lake: Lake) -> None:
    for name, table in TABLES.items():
        frame = lake.read(name)
        declared = pa.schema([(c.name, ARROW_TYPES[c.kind]) for c in table.columns])
        assert frame.dtypes.to_dict() == to_pandas(declared.empty_table()).dtypes.to_dict()
        assert list(frame.columns) == list(table.column_names)


def test_an_empty_answer_is_typed_as_a_full_one(lake: Lake) -> None:
    lake.write("prices", prices(("A", JAN_2, 1.0)).assign(repair_rule="rule"))
    for read in (lake.price_history, lambda name: lake.last_prices(JAN_4, [name])):
        assert read("A").dtypes.equals(read("B").dtypes)
        assert len(read("B")) == 0


def test_a_run_is_recorded_with_the_snapshot_it_read(lake_anywhere: Lake) -> None:
    lake = lake_anywhere
    read_at = lake.write("prices", prices(("A", JAN_2, 1.0)))
    moment = datetime(2024, 1, 3, 6, 30, tzinfo=UTC)
    details = {"kind": "value", "as_of": JAN_2, "base_currency": "USD", "recorded_at": moment}
    lake.record_run("r1", **details, summary={"total": 1.5})
    lake.record_run("r2", **details, snapshot_id=1)
    runs = lake.read("runs").set_index("run_id")
    assert list(runs["snapshot_id"]) == [read_at, 1]
    assert runs.loc["r1", "summary"] == '{"total":1.5}'
    assert runs.loc["r1", "recorded_at"] == pd.Timestamp(moment)
    with pytest.raises(UserInputError, match="JSON"):
        lake.record_run("r3", **details, summary={"total": float("nan")})


def test_a_full_row_of_every_kind_survives(lake: Lake) -> None:
    surface = pd.DataFrame(
        {
            "surface_id": ["VOL.X"],
            "date": [pd.Timestamp(JAN_2)],
            "axis": ["delta"],
            "expiries": [[0.25, 1.0]],
            "points": [[0.25, 0.5, 0.75]],
            "vols": [[0.2] * 6],
            "source": ["test"],
        }
    )
    lake.write("vol_surfaces", surface)
    [row] = lake.vol_surfaces(JAN_2).to_dict("records")
    assert (row["axis"], list(row["points"]), len(row["vols"])) == ("delta", [0.25, 0.5, 0.75], 6)


def test_a_closed_lake_can_be_closed_again(lake: Lake) -> None:
    lake.close()
    lake.close()


def test_the_last_day_of_a_table(lake: Lake) -> None:
    assert lake.last_date("prices", on_or_before=date(2026, 1, 1)) is None
    days = [date(2024, 1, 2), date(2024, 1, 5)]
    lake.write(
        "fx", pd.DataFrame({"currency": "EUR", "date": days, "usd_per_unit": 1.1, "source": "t"})
    )
    assert lake.last_date("fx", on_or_before=date(2024, 1, 4)) == days[0]
    assert lake.last_date("fx", on_or_before=date(2026, 1, 1)) == days[1]
    assert lake.last_date("fx", on_or_before=date(2024, 1, 1)) is None
