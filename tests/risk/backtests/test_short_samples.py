"""No legal sample raises: none, all, few and single days; and what they say about themselves."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import DataError, UserInputError
from riskplatform.risk.backtests import (
    Verdict,
    anderson_darling,
    berkowitz,
    conditional_coverage,
    cramer_von_mises,
    diebold_mariano,
    durations,
    dynamic_quantile,
    exceptions_of,
    independence,
    kolmogorov_smirnov,
    overlapping_traffic_light,
    pof,
    traffic_light,
    tuff,
    verdict_table,
    z1,
    z2,
)

ON_EXCEPTIONS = {
    "pof": lambda hits: pof(hits, 0.99),
    "tuff": lambda hits: tuff(hits, 0.99),
    "independence": lambda hits: independence(hits, simulations=99),
    "cc": lambda hits: conditional_coverage(hits, 0.99, simulations=99),
    "durations": lambda hits: durations(hits, simulations=99),
    "dq": lambda hits: dynamic_quantile(hits, 0.99, simulations=19),
    "dq with VaR": lambda hits: dynamic_quantile(
        hits, 0.99, np.arange(len(hits), dtype=float), simulations=19
    ),
    "light": traffic_light,
    "overlapping": lambda hits: overlapping_traffic_light(hits, 10, simulations=100),
}
ON_PITS = (berkowitz, kolmogorov_smirnov, anderson_darling, cramer_von_mises)


def check(found: Verdict) -> None:
    """It can be shown, it is JSON, it has no NaN, and where it is silent it says why."""
    text = json.dumps(found.to_dict(), allow_nan=False)
    assert found.name in json.loads(text)["name"]
    assert str(found)
    assert found.to_frame().shape[0] == 1
    assert found._repr_html_()
    for one in found.p_values:
        assert 0.0 <= one.value <= 1.0
        assert -1e-12 <= one.ties <= one.value + 1e-12
    if not found.is_conclusive:
        assert found.notes
        assert not found.is_rejected


@pytest.mark.slow
@pytest.mark.parametrize("name", ON_EXCEPTIONS)
@given(hits=st.lists(st.booleans(), max_size=40))
def test_any_row_of_days(name: str, hits: list[bool]) -> None:
    check(ON_EXCEPTIONS[name](hits))


@pytest.mark.parametrize("name", ON_EXCEPTIONS)
@pytest.mark.parametrize("days", [0, 1, 2, 3, 250])
def test_none_and_all(name: str, days: int) -> None:
    for every in (0, 1):
        check(ON_EXCEPTIONS[name](np.full(days, every)))


@pytest.mark.parametrize("test", ON_PITS)
@given(pits=st.lists(st.floats(0.0, 1.0), max_size=30))
def test_any_row_of_pits(test, pits: list[float]) -> None:
    check(test(pits))


@pytest.mark.parametrize("test", ON_PITS)
@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_pits_that_are_all_the_same_are_rejected(test, value: float) -> None:
    assert test(np.full(100, value)).is_rejected


@given(pnl=st.lists(st.floats(-10, 10), max_size=30), scale=st.floats(0.0, 3.0))
def test_any_pnl(pnl: list[float], scale: float) -> None:
    limit = np.full(len(pnl), scale)
    for test in (z1, z2):
        check(test(pnl, limit, 1.2 * limit, 0.975, simulations=99))
    check(diebold_mariano(pnl, limit))


def test_what_silence_says() -> None:
    assert "too early" in tuff(np.zeros(60), 0.99).notes[0]
    assert "no day" in independence(np.zeros(60)).notes[0]
    assert "cannot be told on so few days" in pof(np.zeros(250), 0.99).notes[0]
    assert not pof(np.zeros(750), 0.99).notes
    assert "no time between" in durations(np.arange(250) == 3).notes[0]


def test_wrong_questions_are_refused() -> None:
    with pytest.raises(UserInputError, match=r"Did you mean 0\.99"):
        pof([0, 1], 99)
    with pytest.raises(UserInputError, match="True or False"):
        pof([0.0, 0.5], 0.99)
    with pytest.raises(UserInputError, match="one row"):
        pof([[0, 1]], 0.99)
    with pytest.raises(DataError, match="not finite"):
        exceptions_of([1.0, np.nan], 2.0)
    with pytest.raises(UserInputError, match="between 0 and 1"):
        kolmogorov_smirnov([0.2, 1.2])
    with pytest.raises(UserInputError, match="as large as the VaR"):
        z2([1.0, -1.0], 2.0, 1.0, 0.975)
    with pytest.raises(UserInputError, match="level"):
        pof([0, 1], 0.99, level=5)


def test_a_loss_equal_to_its_var_is_no_exception() -> None:
    assert exceptions_of([-1.0, -1.0 - 1e-12, 2.0], 1.0).tolist() == [False, True, False]


def test_the_table_has_one_row_per_test() -> None:
    table = verdict_table([pof([0, 1], 0.99), tuff([0, 1], 0.99)])
    assert list(table["name"]) == ["Kupiec POF", "Kupiec TUFF"]
