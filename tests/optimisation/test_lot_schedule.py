"""Children in whole lots: they sum to the parent exactly and never pass their caps."""

from __future__ import annotations

import json
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import UserInputError
from riskplatform.optimisation.almgren_chriss import best_trajectory, liquidation_of_one
from riskplatform.optimisation.lot_schedule import lot_schedule, participation_caps

D = Decimal


def test_the_example_of_almgren_and_chriss_in_whole_lots() -> None:
    problem = liquidation_of_one(
        1e6, volatility=0.95, permanent=2.5e-7, temporary=2.5e-6, fixed=0.0625, days=5, steps=5
    )
    trades = best_trajectory(problem, 1e-6).trades[:, 0]
    found = lot_schedule(D(1_000_000), trades, D(100))
    assert sum(found.children) == 1_000_000
    assert list(found.children) == [458_000, 252_100, 142_000, 85_800, 62_100]
    capped = lot_schedule(D(1_000_000), trades, D(100), [D(250_050)] * 5)
    assert list(capped.children) == [250_000, 250_000, 250_000, 187_900, 62_100]


def test_what_is_cut_off_at_the_end_goes_to_earlier_slices_and_the_rest_is_left() -> None:
    found = lot_schedule(D(-100), [1, 1, 1, 7], D(10), [D(30), D(30), D(30), D(20)])
    assert list(found.children) == [-20, -30, -30, -20]
    assert found.left == 0
    short = lot_schedule(D(100), [1, 1], D(10), [D(35), D(40)])
    assert list(short.children) == [30, 40]
    assert short.left == 30
    nothing = lot_schedule(D(100), [1, 1], D(10), [D(0), D(9)])
    assert nothing.left == 100


def test_an_odd_rest_goes_with_the_last_slice_that_trades() -> None:
    assert list(lot_schedule(D(257), [1, 1, 0], D(100)).children) == [100, 157, 0]
    assert list(lot_schedule(D(57), [1, 1], D(100)).children) == [0, 57]
    full = lot_schedule(D(257), [1, 1], D(100), [D(100), D(100)])
    assert list(full.children) == [100, 100]
    assert full.left == 57


def test_the_record() -> None:
    found = lot_schedule(D("2.5"), [1, 3], D("0.1"), [D(1), D(2)])
    record = json.loads(json.dumps(found.to_dict()))
    assert record["children"] == ["0.6", "1.9"]
    assert found.to_frame()["cap"].tolist() == [1.0, 2.0]
    assert "1.90" in found._repr_html_()
    assert lot_schedule(D(1), [1]).to_frame()["cap"].isna().all()


def test_what_cannot_be_is_refused() -> None:
    for parent, shares, lot, caps in (
        (D(1), [-1.0, 2.0], D(1), None),
        (D(1), [0.0], D(1), None),
        (D(1), [1.0], D(0), None),
        (D(1), [1.0], D(1), [D(1), D(1)]),
        (D(1), [1.0], D(1), [D("NaN")]),
    ):
        with pytest.raises(UserInputError):
            lot_schedule(parent, shares, lot, caps)


@given(
    st.decimals(-(10**9), 10**9, places=3),
    st.lists(st.floats(0.0, 1e6), min_size=1, max_size=30).filter(lambda each: sum(each) > 0),
    st.sampled_from([D("0.001"), D(1), D(100), D(10_000)]),
    st.data(),
)
def test_sums_are_exact_and_caps_hold(
    parent: Decimal, shares: list[float], lot: Decimal, data: st.DataObject
) -> None:
    sized = st.decimals(0, 2 * abs(parent) / len(shares) + 1, places=3)
    caps = data.draw(
        st.one_of(st.none(), st.lists(sized, min_size=len(shares), max_size=len(shares)))
    )
    found = lot_schedule(parent, shares, lot, caps)
    assert sum(found.children) + found.left == parent
    assert all(child * parent >= 0 for child in (*found.children, found.left))
    odd = [child for child in found.children if child % lot]
    assert len(odd) <= 1
    if caps is not None:
        assert all(abs(child) <= cap for child, cap in zip(found.children, caps, strict=True))
        room = sum(cap // lot for cap in caps)
        # Only want of room leaves anything over, but for an odd rest that fits nowhere.
        assert abs(found.left) < lot or room * lot <= abs(parent)
        return
    assert found.left == 0
    done = np.cumsum([float(child) for child in found.children])
    planned = np.cumsum(shares) / sum(shares) * float(parent)
    assert np.abs(done - planned).max() <= float(lot) * 1.001 + 1e-6 * abs(float(parent))


@given(
    st.integers(1, 10**7), st.floats(0.01, 1.0),
    st.lists(st.floats(0.0, 1e6), min_size=1, max_size=20), st.floats(-8.0, -4.0),
)  # fmt: skip
def test_an_optimal_schedule_never_takes_more_than_its_share_of_volume(
    parent: int, share: float, volumes: list[float], power: float
) -> None:
    problem = liquidation_of_one(
        float(parent), volatility=0.95, permanent=0.0, temporary=2.5e-6, days=2.0,
        steps=len(volumes),
    )  # fmt: skip
    trades = np.maximum(best_trajectory(problem, 10.0**power).trades[:, 0], 0.0)
    found = lot_schedule(D(parent), trades, D(10), participation_caps(volumes, share))
    assert sum(found.children) + found.left == parent
    for child, volume in zip(found.children, volumes, strict=True):
        assert child <= D(repr(share)) * D(repr(volume))


def test_volumes_that_are_none_are_refused() -> None:
    for volumes, share in (([1.0], 0.0), ([1.0], 1.5), ([-1.0], 0.1), ([float("nan")], 0.1)):
        with pytest.raises(UserInputError):
            participation_caps(volumes, share)
