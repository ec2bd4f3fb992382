"""What the processes do in the tests of concurrency and of sudden death.

A writer commits steps 0, 1, 2, …; each step is one row of prices and one of fx in one batch. So
at every snapshot both tables must hold the same unbroken run of steps for every writer.
"""

from __future__ import annotations

import traceback
from datetime import date, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path

import pandas as pd

from riskplatform.store.lake import Lake

START = date(2020, 1, 1)


def step_frames(writer: str, step: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of one step for both tables."""
    day = START + timedelta(days=step)
    price = {"instrument_id": writer, "date": day, "close": float(step), "source": "test"}
    fx = {"currency": writer, "date": day, "usd_per_unit": float(step), "source": "test"}
    return pd.DataFrame([price]), pd.DataFrame([fx])


def write_steps(location: str, writer: str, first: int, count: int, progress: Path) -> None:
    """Commit steps one after the other; ``progress`` gets a line after each commit."""
    with Lake.open(location, lock_timeout_seconds=120.0) as lake, progress.open("a") as log:
        for step in range(first, first + count):
            prices, fx = step_frames(writer, step)
            with lake.batch() as batch:
                batch.write("prices", prices)
                batch.write("fx", fx)
            log.write(f"{step} {batch.snapshot_id}\n")
            log.flush()


def steps_seen(lake: Lake, snapshot: int) -> dict[str, int]:
    """How many steps of each writer a snapshot shows, having proved that it is consistent."""
    prices = lake.read("prices", at_snapshot=snapshot)
    fx = lake.read("fx", at_snapshot=snapshot)
    from_prices = [*zip(prices["instrument_id"], prices["date"], prices["close"], strict=True)]
    from_fx = [*zip(fx["currency"], fx["date"], fx["usd_per_unit"], strict=True)]
    assert from_prices == from_fx, f"half a batch at snapshot {snapshot}"
    seen = {}
    for writer, rows in prices.groupby("instrument_id"):
        assert list(rows["close"]) == list(range(len(rows))), f"a step of {writer} is missing"
        seen[str(writer)] = len(rows)
    return seen


def read_until(location: str, stop: Event, report: Path) -> None:
    """Read snapshot after snapshot; write how many reads succeeded, or the trace of a failure."""
    try:
        with Lake.open(location) as lake:
            reads, before = 0, {}
            while not stop.is_set() or reads == 0:
                now = steps_seen(lake, lake.latest_snapshot())
                assert all(now[writer] >= count for writer, count in before.items())
                before = now
                reads += 1
        report.write_text(f"{reads} reads")
    except Exception:
        report.write_text(traceback.format_exc())
        raise
