"""The small desk with everything priced, a benchmark, and three hundred days of history."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from riskplatform.desk import Desk
from tests.desk.conftest import CLOSES, DAYS, fill, move, node, now

HISTORY = 300
BEFORE = [day.date() for day in pd.bdate_range(end=DAYS[0] - timedelta(days=1), periods=HISTORY)]
LAST = date(2026, 3, 6)


def make(folder: Path) -> Desk:
    """ALFA, BETA, a bond, a future and money; ``growth`` against ``index`` of two shares."""
    desk = Desk.create(folder, name="Small desk", clock=now)
    fill(desk)
    desk.put_portfolios([replace(node("fund", "firm", "fund"), benchmark_id="index")])
    desk.add_transactions(
        [
            move("b1", "opening", 2, portfolio_id="index", instrument_id="ALFA.XNYS", quantity=50),
            move("b2", "opening", 2, portfolio_id="index", instrument_id="BETA.XETR", quantity=40),
            move("b3", "opening", 2, portfolio_id="index", instrument_id="GHOST", quantity=5),
        ],
        reason="the benchmark",
    )
    days = [*BEFORE, *DAYS]
    with desk.lake.batch() as batch:
        batch.write("prices", _prices())
        batch.write("fx", _rates())
        batch.write("curves", pd.DataFrame([_curve(day, i) for i, day in enumerate(days)]))
    return desk


def _paths(seed: int, first: float, size: float) -> np.ndarray:
    """Back from a first close that is known."""
    steps = size * np.random.default_rng(seed).standard_t(5, HISTORY)
    back: np.ndarray = first * np.exp(-steps[::-1].cumsum()[::-1])
    return np.round(back, 4)


def _prices() -> pd.DataFrame:
    rows = []
    for seed, (name, closes) in enumerate(CLOSES.items()):
        path = _paths(seed, closes[0], 0.002 if name == "GOVT30" else 0.01)
        rows += [
            (name, day, close, 1_000.0 + seed, "test")
            for day, close in zip(BEFORE, path, strict=True)
        ]
    return pd.DataFrame(rows, columns=["instrument_id", "date", "close", "volume", "source"])


def _rates() -> pd.DataFrame:
    path = _paths(9, 1.10, 0.004)
    rows = [("EUR", day, rate, "test") for day, rate in zip(BEFORE, path, strict=True)]
    return pd.DataFrame(rows, columns=["currency", "date", "usd_per_unit", "source"])


def _curve(day: date, place: int) -> dict[str, object]:
    rate = 0.03 + 0.0005 * float(np.sin(place / 5.0))
    return {
        "curve_id": "USD.GOVT", "date": day, "times": [1.0, 10.0], "source": "test",
        "zero_rates": [rate, rate + 0.002], "interpolation": "linear_zero",
    }  # fmt: skip
