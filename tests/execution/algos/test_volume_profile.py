"""A profile is learnt from days of bars, and assumed where there are too few."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from riskplatform.errors import UserInputError
from riskplatform.execution.algos import VolumeProfile, learnt_profile
from riskplatform.execution.algos.parts import trading_parts
from riskplatform.market.calendars import business_calendar
from riskplatform.market.trading_hours import session_of

SHAPE = np.concatenate([[5.0, 3.0], np.ones(22), [3.0, 9.0]])
"""By quarters of an hour."""


def bars(days: int, shape: np.ndarray = SHAPE, noise: float = 0.0) -> pd.DataFrame:
    rng, rows = np.random.default_rng(1), []
    for day in business_calendar("XNYS").business_days(date(2026, 3, 2), date(2026, 6, 30))[:days]:
        session = session_of("XNYS", day.item())
        assert session is not None
        much = rng.uniform(1e3, 1e6)
        for i, each in enumerate(shape):
            at = session.opens + timedelta(minutes=15 * i)
            rows.append((at, much * each * np.exp(noise * rng.normal())))
    table = pd.DataFrame(rows, columns=["at", "volume"])
    return table.assign(at=pd.to_datetime(table["at"], utc=True))


def test_the_shape_of_the_days_is_found_whatever_their_size() -> None:
    found = learnt_profile(bars(20), "XNYS")
    assert (found.source, found.days) == ("learnt", 20)
    assert found.shares == pytest.approx(SHAPE / SHAPE.sum())


def test_noise_averages_out() -> None:
    found = learnt_profile(bars(80, noise=0.3), "XNYS")
    assert found.shares == pytest.approx(SHAPE / SHAPE.sum(), rel=0.2)


def test_other_bins_take_their_part_of_the_bars() -> None:
    found = learnt_profile(bars(20), "XNYS", bins=13)
    pairs = SHAPE.reshape(13, 2).sum(axis=1)
    assert found.shares == pytest.approx(pairs / pairs.sum())


def test_too_few_days_are_no_profile_and_the_name_says_so() -> None:
    found = learnt_profile(bars(4), "XNYS")
    assert (found.source, found.days) == ("assumed U-shape", 0)
    assert "assumed" in found.model_id


def test_days_without_a_session_and_broken_days_do_not_count() -> None:
    table = bars(6)
    sunday = pd.DataFrame({"at": [pd.Timestamp("2026-03-08 15:00", tz="UTC")], "volume": [1e9]})
    found = learnt_profile(pd.concat([table, sunday]), "XNYS")
    assert found.days == 6
    assert learnt_profile(table.groupby(table["at"].dt.date).head(3), "XNYS").days == 0


def test_columns_that_are_absent_are_named() -> None:
    with pytest.raises(UserInputError, match="Bars without volume"):
        learnt_profile(bars(6)[["at"]], "XNYS")


def test_shares_between_two_points_add_up() -> None:
    found = VolumeProfile(SHAPE, "told")
    cuts = np.linspace(0.0, 1.0, 8)
    parts = [found.share(a, b) for a, b in itertools.pairwise(cuts)]
    assert sum(parts) == pytest.approx(1.0)


def test_half_a_day_has_half_the_volume_in_the_same_shape() -> None:
    profile = VolumeProfile(SHAPE, "told")
    start = datetime(2026, 11, 27, 14, 30, tzinfo=UTC)
    half = trading_parts("XNYS", start, start + timedelta(hours=7), 15)
    volumes = profile.volumes(half, 1e6)
    # Three and a half hours of six and a half.
    assert volumes.sum() == pytest.approx(1e6 * 3.5 / 6.5)
    assert volumes[-1] > volumes[5]


@pytest.mark.parametrize("shares", [[], [0.0, 0.0], [1.0, -1.0], [[1.0]]])
def test_what_is_no_profile_is_refused(shares: list[float]) -> None:
    with pytest.raises(UserInputError):
        VolumeProfile(np.array(shares), "told")
