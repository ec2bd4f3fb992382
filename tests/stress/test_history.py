"""Replays and inference: what scenarios take from a history."""

from __future__ import annotations

import math

import numpy as np
import pytest

from riskplatform.errors import MissingDataError
from riskplatform.simulation.history import FactorHistory, factor_history
from riskplatform.stress.factor_table import FactorTable
from riskplatform.stress.moves import moves_of
from riskplatform.stress.propagation import Inference
from tests.stress.stress_world import scenario, table

FALL = "shocks:\n  - equity: SHARE\n    move: -10 %\n"
FACTORS = ("spot.SHARE", "spot.OTHER", "hazard.ACME@3", "zero.EUR.OIS@5")
LEVELS = np.array([
    [100.0, 50.0, 0.010, 0.020],
    [ 90.0, 52.0, 0.012, 0.021],
    [ 99.0, 40.0, 0.016, 0.0205],
    [ 95.0, 44.0, 0.020, 0.024],
    [ 97.0, 45.0, 0.010, 0.023],
])  # fmt: skip


def history() -> FactorHistory:
    days = np.arange("2026-06-22", "2026-06-27", dtype="datetime64[D]")
    return factor_history(LEVELS, days, FACTORS, ["log", "log", "log", "absolute"])


def replayed(text: str) -> dict[str, float]:
    factors = table()
    found = moves_of(scenario(f"replay: {text}\n"), factors, history=history())
    assert found.named.sum() == len(FACTORS)
    return {n: float(x) for n, x in zip(factors.factor_ids, found.values[-1], strict=True) if x}


def expected(start: int, end: int, factors: FactorTable) -> dict[str, float]:
    """Prices by their ratio, spreads too, from today's levels; rates by their difference."""
    hazard = factors.levels[factors.factor_ids.index("hazard.ACME@3")]
    first, last = LEVELS[start], LEVELS[end]
    return {
        "spot.SHARE": math.log(last[0] / first[0]),
        "spot.OTHER": math.log(last[1] / first[1]),
        "hazard.ACME@3": hazard * (last[2] / first[2] - 1),
        "zero.EUR.OIS@5": last[3] - first[3],
    }


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("{days: 1}", 3, 4),
        ("{days: 3}", 1, 4),
        ("{from: 2026-06-22, to: 2026-06-24}", 0, 2),
        ("{days: 1, worst: {equity: SHARE}}", 0, 1),
        ("{days: 1, worst: {equity: OTHER}}", 1, 2),
        ("{days: 1, worst: {equity: OTHER}, direction: up}", 2, 3),
        # Together: -0.105 + 0.039, 0.095 - 0.262, -0.041 + 0.095, ...
        ("{days: 1, worst: {equity: all}}", 1, 2),
        ("{days: 2, worst: {credit: all}, direction: up}", 1, 3),
        ("{days: 1, worst: {rates: {currency: EUR}}, direction: up}", 2, 3),
    ],
)
def test_a_window_is_replayed_from_today_s_levels(text: str, start: int, end: int) -> None:
    assert replayed(text) == pytest.approx(expected(start, end, table()))


def test_a_window_that_is_not_there_is_refused() -> None:
    with pytest.raises(MissingDataError, match="2026-06-22 to 2026-06-26"):
        replayed("{from: 2020-01-01, to: 2020-02-01}")
    with pytest.raises(MissingDataError, match="the history has 5"):
        replayed("{days: 5}")
    with pytest.raises(MissingDataError, match="Nothing held"):
        replayed("{days: 1, worst: {crypto: all}}")
    with pytest.raises(MissingDataError, match="none was given"):
        moves_of(scenario("replay: {days: 1}\n"), table())


def drawn(days: int = 400) -> FactorHistory:
    """OTHER moves 0.5 of SHARE and a little of its own; spreads fall when SHARE rises."""
    rng = np.random.default_rng(7)
    market = rng.normal(0, 0.01, days)
    moves = np.column_stack([
        market,
        0.5 * market + rng.normal(0, 0.002, days),
        -2.0 * market + rng.normal(0, 0.01, days),
        rng.normal(0, 0.0005, days),
    ])  # fmt: skip
    total = np.cumsum(moves, axis=0)
    levels = np.column_stack(
        [
            100 * np.exp(total[:, 0]),
            50 * np.exp(total[:, 1]),
            0.01 * np.exp(total[:, 2]),
            total[:, 3],
        ]
    )
    dates = np.arange("2025-01-01", np.datetime64("2025-01-01") + days, dtype="datetime64[D]")
    return factor_history(levels, dates, FACTORS, ["log", "log", "log", "absolute"])


def inferred(text: str) -> tuple[dict[str, float], tuple[str, ...]]:
    factors = table()
    fill = Inference(factors, drawn())
    found = moves_of(scenario(text), factors, history=drawn(), fill=fill)
    return dict(zip(factors.factor_ids, found.values[-1].tolist(), strict=True)), found.notes


def test_the_rest_is_inferred_from_the_history() -> None:
    found, notes = inferred("rest: infer\npropagation: {window_days: 399}\n" + FALL)
    move = math.log(0.9)
    assert found["spot.SHARE"] == pytest.approx(move)
    # Shrinkage takes a few per cent off a beta of 0.5 and of -2.
    assert found["spot.OTHER"] == pytest.approx(0.5 * move, rel=0.05)
    assert found["hazard.ACME@3"] == pytest.approx(0.015 * math.expm1(-2 * move), rel=0.1)
    # What has no history stands still.
    assert found["spot.TOKYO"] == 0.0
    assert "3 factors inferred from 1" in notes[-1]


def test_a_part_infers_its_own_rest_and_without_a_history_nothing_is_guessed() -> None:
    factors = table()
    part = scenario("combine:\n  - {scenario: a, weight: 0.5}\n", a="rest: infer\n" + FALL)
    fill = Inference(factors, drawn())
    found = moves_of(part, factors, history=drawn(), fill=fill)
    alone = moves_of(part.parts[0].scenario, factors, history=drawn(), fill=fill)
    assert found.values.tolist() == pytest.approx((0.5 * alone.values), abs=1e-15)
    with pytest.raises(MissingDataError, match="infers the rest"):
        moves_of(part, factors)


def test_correlations_toward_one_move_prices_together() -> None:
    head = "rest: infer\npropagation: {correlation_toward_one: "
    none, some, whole = (
        inferred(f"{head}{share}}}\n{FALL}")[0]["spot.OTHER"] for share in (0, 0.5, 1)
    )
    assert whole < some < none < 0
    moves = np.diff(np.log(drawn().levels[:, :2]), axis=0)
    ratio = moves[:, 1].std() / moves[:, 0].std()
    assert whole == pytest.approx(ratio * math.log(0.9), rel=0.02)
