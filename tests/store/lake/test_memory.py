"""What is remembered of the lake's answers: only what can never be another."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from riskplatform.store.lake import Lake
from riskplatform.store.lake.memory import ReadMemory
from riskplatform.store.lake.query import Statement, find_table, select

TABLE = find_table("prices")


def prices(name: str, close: float) -> pd.DataFrame:
    day = pd.Timestamp("2026-03-02")
    row = {"instrument_id": name, "date": day, "close": close, "volume": 1.0, "source": "test"}
    return pd.DataFrame([row])


class Asked:
    """Answers of a given size, and how often each question came."""

    def __init__(self, rows: int = 10) -> None:
        self.questions: list[Statement] = []
        self.rows = rows

    def __call__(self, statement: Statement) -> pa.Table:
        self.questions.append(statement)
        return pa.table({"close": [float(len(self.questions))] * self.rows})


def question(snapshot: int | None, name: str = "ACME") -> Statement:
    return select(
        TABLE, where={"instrument_id": name}, columns=None, order_by=None, at_snapshot=snapshot
    )


def test_a_question_of_one_snapshot_is_asked_once() -> None:
    memory, ask = ReadMemory(), Asked()
    first = memory.answer(question(3), ask)
    assert memory.answer(question(3), ask) is first
    assert memory.answer(question(4), ask) is not first
    assert memory.answer(question(3, "OTHER"), ask) is not first
    assert len(ask.questions) == 3
    memory.clear()
    assert memory.answer(question(3), ask) is not first


def test_what_is_true_only_now_is_asked_each_time() -> None:
    memory, ask = ReadMemory(), Asked()
    assert memory.answer(question(None), ask) is not memory.answer(question(None), ask)


def test_the_oldest_makes_room_and_a_large_one_never_comes_in() -> None:
    memory, ask = ReadMemory(most_bytes=200, largest_bytes=100), Asked(rows=10)
    first = memory.answer(question(1), ask)
    memory.answer(question(2), ask)
    assert memory.answer(question(1), ask) is first  # asked again: 2 is the oldest now
    memory.answer(question(3), ask)
    assert memory.answer(question(1), ask) is first
    before = len(ask.questions)
    memory.answer(question(2), ask)
    assert len(ask.questions) == before + 1
    large = Asked(rows=20)
    assert memory.answer(question(9), large) is not memory.answer(question(9), large)


def test_a_lake_tells_what_was_written_since(lake: Lake) -> None:
    lake.write("prices", prices("ACME", 1.0))
    before = lake.latest_snapshot()
    first = lake.read("prices", at_snapshot=before)
    first.loc[:, "close"] = -1.0  # whoever asks may write on their copy
    lake.write("prices", prices("OTHER", 2.0))
    assert list(lake.read("prices", at_snapshot=before)["close"]) == [1.0]
    assert len(lake.read("prices", at_snapshot=lake.latest_snapshot())) == 2
    assert len(lake.read("prices")) == 2
