"""Histories: checked once, holes refused or dropped by rule and always reported; windows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import DataError, MissingDataError, UnknownNameError, UserInputError
from riskplatform.simulation import FactorHistory, factor_history, history_from_frame
from riskplatform.simulation.windows import ends, windows

DAYS = np.datetime64("2024-01-01") + np.arange(6)


def holed(rule: str) -> FactorHistory:
    levels = np.arange(12, dtype=np.float64).reshape(6, 2) + 100.0
    levels[2, 1] = np.nan
    return factor_history(levels, DAYS, ["EQ.A", "EQ.B"], missing=rule)


def test_a_missing_level_is_refused_by_name_and_day() -> None:
    with pytest.raises(MissingDataError, match=r"EQ\.B on 2024-01-03.*drop_days"):
        holed("refuse")


def test_a_dropped_day_is_reported_and_no_move_crosses_it() -> None:
    history = holed("drop_days")
    assert "EQ.B on 2024-01-03" in history.notes[0]
    found = windows(history)
    assert found.labels() == ("2024-01-02", "2024-01-05", "2024-01-06")
    assert found.notes == history.notes
    assert windows(history, 2).labels() == ("2024-01-02 to 2024-01-04", "2024-01-04 to 2024-01-06")


def test_a_dropped_factor_is_a_failure_with_its_reason() -> None:
    history = holed("drop_factors")
    assert history.axis.factor_ids == ("EQ.A",)
    assert str(history.coverage) == "1 of 2 (1 missing data)"
    assert history.coverage.failures[0].subject == "EQ.B"
    assert len(windows(history)) == 5


def test_holes_everywhere_leave_nothing() -> None:
    levels = np.full((3, 2), np.nan)
    for rule in ("drop_days", "drop_factors"):
        with pytest.raises(MissingDataError, match=r"EQ\.A on 2024-01-01 and 2 days more"):
            factor_history(levels, DAYS[:3], ["EQ.A", "EQ.B"], missing=rule)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"missing": "drop_day"}, UnknownNameError, "drop_days"),
        ({"kinds": "lgo"}, UnknownNameError, "log"),
        ({"dates": DAYS[::-1]}, UserInputError, "each after the one before"),
        ({"factor_ids": ["EQ.A", "EQ.A"]}, UserInputError, "named twice"),
        ({"factor_ids": ["EQ.A"]}, UserInputError, "shape"),
        ({"levels": np.full((6, 2), -1.0)}, DataError, "above zero"),
    ],
)
def test_bad_input_is_refused(
    change: dict[str, object], error: type[Exception], words: str
) -> None:
    asked = {"levels": np.ones((6, 2)), "dates": DAYS, "factor_ids": ["EQ.A", "EQ.B"], **change}
    with pytest.raises(error, match=words):
        factor_history(**asked)  # type: ignore[arg-type]


def test_a_table_is_a_history() -> None:
    frame = pd.DataFrame({"EQ.A": [1.0, 2.0], "IR.B": [0.01, 0.02]}, index=pd.to_datetime(DAYS[:2]))
    history = history_from_frame(frame, {"IR.B": "absolute"})
    assert windows(history).moves[0] == pytest.approx([np.log(2.0), 0.01])
    with pytest.raises(UnknownNameError, match=r"IR\.B"):
        history_from_frame(frame, {"IR.C": "absolute"})


def test_too_short_a_history_says_what_it_has() -> None:
    history = factor_history(np.ones((6, 1)), DAYS, ["EQ.A"])
    with pytest.raises(DataError, match=r"10 moves over 2 days are needed.*has 4"):
        windows(history, 2, least=10)
    with pytest.raises(DataError, match="window of 7 days"):
        history.last(7)


def test_a_factor_that_never_moves_is_named() -> None:
    levels = np.ones((6, 2))
    levels[:, 0] = np.arange(6) + 1.0
    found = windows(factor_history(levels, DAYS, ["EQ.A", "EQ.B"]))
    assert found.notes == ("Factors that never vary in the history: EQ.B.",)


@given(st.sets(st.integers(0, 60), min_size=2, max_size=40), st.integers(1, 12), st.booleans())
def test_windows_are_exactly_the_horizon_and_keep_apart(
    kept: set[int], horizon: int, overlapping: bool
) -> None:
    places = np.array(sorted(kept), dtype=np.int64)
    opens, closes = ends(places, horizon, overlapping=overlapping)
    assert (places[closes] - places[opens] == horizon).all()
    every = {place for place in kept if place - horizon in kept}
    if overlapping:
        assert set(places[closes]) == every
    else:
        assert (opens[1:] >= closes[:-1]).all()
        if every:
            assert places[closes[-1]] == max(every)
