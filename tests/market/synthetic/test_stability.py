"""The same seed gives the same history, and a longer history begins with the shorter one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from riskplatform.errors import UserInputError
from riskplatform.market.synthetic.grid import business_days
from riskplatform.market.synthetic.history import SyntheticHistory
from riskplatform.market.synthetic.recursions import accumulate, gjr_variance, smooth
from riskplatform.market.synthetic.simulate import simulate
from riskplatform.market.synthetic.streams import BLOCK_DAYS


def daily_arrays(table: Any, path: str = "") -> Iterator[tuple[str, np.ndarray]]:
    """Every array of a history whose first axis is days, with its path."""
    for field in fields(table):
        value, here = getattr(table, field.name), f"{path}.{field.name}"
        if isinstance(value, np.ndarray) and value.shape[0] > BLOCK_DAYS // 2:
            yield here, value
        elif is_dataclass(value) and field.name not in {"universe", "network"}:
            yield from daily_arrays(value, here)


# Within the history's last block, at a block's edge, one past it, and blocks earlier.
@pytest.mark.slow
@pytest.mark.parametrize(
    "as_of", [date(2025, 6, 27), date(2024, 10, 24), date(2024, 10, 25), date(2017, 3, 3)]
)
def test_a_longer_history_begins_with_the_shorter_bit_for_bit(
    history: SyntheticHistory, as_of: date
) -> None:
    shorter = dict(daily_arrays(simulate(as_of)))
    longer = dict(daily_arrays(history))
    assert shorter.keys() == longer.keys()
    assert len(shorter) >= 30
    for path, values in shorter.items():
        assert values.shape[0] < longer[path].shape[0]
        assert np.array_equal(values, longer[path][: values.shape[0]]), path


def test_the_same_seed_gives_the_same_history() -> None:
    first, second = (dict(daily_arrays(simulate(date(2016, 12, 30), 5))) for _ in range(2))
    assert all(np.array_equal(first[path], second[path]) for path in first)


def test_another_seed_gives_another_history() -> None:
    first, second = (simulate(date(2016, 6, 30), seed) for seed in (5, 6))
    assert not np.array_equal(first.factors.returns, second.factors.returns)


def test_all_numbers_are_finite(history: SyntheticHistory) -> None:
    for path, values in daily_arrays(history):
        if values.dtype.kind == "f":
            assert np.isfinite(values).all(), path


def test_tables_are_read_only(history: SyntheticHistory) -> None:
    with pytest.raises(ValueError, match="read-only"):
        history.equities.raw_close[0, 0] = 1.0
    with pytest.raises(AttributeError):
        replace(history).seed = 2  # type: ignore[misc]  # assignment to a frozen field is the test


def test_the_grid_ends_on_the_friday_before_a_weekend() -> None:
    assert business_days(date(2024, 6, 9))[-1] == np.datetime64("2024-06-07")


def test_a_date_before_the_beginning_is_refused() -> None:
    with pytest.raises(UserInputError, match="begins on 2016-01-04"):
        simulate(date(2015, 12, 31))


def test_recursions_against_plain_loops() -> None:
    rng = np.random.default_rng(1)
    shocks = rng.standard_normal((50, 2))
    alpha, gamma, beta = np.array([0.05, 0.1]), np.array([0.1, 0.0]), np.array([0.8, 0.85])
    variance = gjr_variance(shocks, alpha, gamma, beta)
    walk = accumulate(shocks, np.full((50, 2), 0.9))
    average = smooth(shocks, 0.2)
    for column in range(2):
        level, total, mean = 1.0, 0.0, shocks[0, column]
        for day in range(50):
            assert variance[day, column] == pytest.approx(level)
            shock = shocks[day, column]
            news = alpha[column] + (gamma[column] if shock < 0 else 0.0)
            unit = 1.0 - alpha[column] - gamma[column] / 2 - beta[column]
            level = min(unit + news * shock**2 * level + beta[column] * level, 9.0)
            total = 0.9 * total + shock
            mean = 0.8 * mean + 0.2 * shock
            assert walk[day, column] == pytest.approx(total)
            assert average[day, column] == pytest.approx(mean)
