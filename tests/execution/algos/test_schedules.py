"""Schedules sum to their parent, keep to the participation, and trade while the market does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import MissingDataError, UserInputError
from riskplatform.execution.algos import (
    Schedule,
    Task,
    VolumeProfile,
    along,
    assumed_profile,
    pov,
    shortfall,
    twap,
    vwap,
)
from riskplatform.execution.parents import Parent
from riskplatform.market.trading_hours import session_at
from riskplatform.optimisation.almgren_chriss import liquidation_of_one
from riskplatform.optimisation.trading_costs import CostModel, Liquidity

OPEN = datetime(2026, 3, 4, 14, 30, tzinfo=UTC)
CLOSE = datetime(2026, 3, 4, 21, 0, tzinfo=UTC)
MODEL = CostModel(half_spread_bp=2.0, temporary=1.0, exponent=0.5, permanent=0.1)
MARKETS = Liquidity(
    instrument_ids=("AAA",), unit_values=np.array([50.0]), volatilities=np.array([0.02]),
    daily_volumes=np.array([1e6]),
)  # fmt: skip


def task(**terms: Any) -> Task:
    usual: dict[str, Any] = {
        "instrument_id": "AAA", "quantity": Decimal(52_000), "calendar": "XNYS", "start": OPEN,
        "end": CLOSE, "minutes": 15.0,
    }  # fmt: skip
    return Task(**{**usual, **terms})


def quantities(schedule: Schedule) -> list[float]:
    return [float(each.quantity) for each in schedule.slices]


def of_all(asked: Task) -> list[Schedule]:
    found = [twap(asked), vwap(asked), shortfall(asked, MODEL, MARKETS, 1e-6)[0]]
    return [*found, pov(asked)] if asked.day_volume else found


@given(
    quantity=st.integers(1, 2_000_000),
    is_sale=st.booleans(),
    lot=st.sampled_from(["1", "10", "100", "0.001", "7"]),
    minutes=st.floats(3.0, 200.0),
    day_volume=st.one_of(st.none(), st.floats(1.0, 1e8)),
    participation=st.floats(0.001, 1.0),
    randomness=st.floats(0.0, 0.9),
    seed=st.integers(0, 10_000),
    start=st.integers(0, 300),
    length=st.integers(20, 5_000),
)
def test_schedules_sum_to_the_parent_and_keep_to_the_participation(
    quantity: int, is_sale: bool, lot: str, minutes: float, day_volume: float | None,
    participation: float, randomness: float, seed: int, start: int, length: int,
) -> None:  # fmt: skip
    begin = OPEN + timedelta(minutes=start)
    asked = task(
        quantity=Decimal(-quantity if is_sale else quantity), lot=Decimal(lot), minutes=minutes,
        day_volume=day_volume, participation=participation, randomness=randomness, seed=seed,
        start=begin, end=begin + timedelta(minutes=length),
    )  # fmt: skip
    for schedule in of_all(asked):
        assert schedule.planned + schedule.left == quantity
        assert all(each.quantity > 0 for each in schedule.slices)
        odd = [each for each in schedule.slices if each.quantity % Decimal(lot)]
        assert len(odd) <= 1
        for each in schedule.slices:
            assert begin <= each.start < each.end <= asked.end
            session = session_at("XNYS", each.start)
            assert session is not None
            assert each.end <= session.closes
            if day_volume is not None:
                assert each.cap is not None
                assert each.quantity <= each.cap
                share = float(each.cap) / participation
                assert share <= asked.profile.share(0.0, 1.0) * day_volume * (1 + 1e-9)
        starts = [each.start for each in schedule.slices]
        assert starts == sorted(starts)
        if day_volume is None:
            assert schedule.is_whole


def test_twap_is_even_in_trading_time() -> None:
    """26 quarters of an hour in a day of New York."""
    found = twap(task())
    assert quantities(found) == [2_000.0] * 26
    assert found.slices[0].start == OPEN
    assert found.slices[-1].end == CLOSE
    assert {each.end - each.start for each in found.slices} == {timedelta(minutes=15)}


def test_a_half_day_has_fewer_slices() -> None:
    day = datetime(2026, 11, 27, 14, 30, tzinfo=UTC)
    found = twap(task(start=day, end=day + timedelta(hours=8)))
    assert len(found.slices) == 14
    assert found.slices[-1].end == datetime(2026, 11, 27, 18, tzinfo=UTC)


def test_nights_and_weekends_are_passed_over() -> None:
    friday = datetime(2026, 3, 6, 20, 0, tzinfo=UTC)
    found = twap(task(start=friday, end=friday + timedelta(days=3), minutes=30))
    assert [each.start.date().isoformat() for each in found.slices] == (
        ["2026-03-06"] * 2 + ["2026-03-09"] * 13
    )
    # The clocks went forward in between.
    assert found.slices[2].start == datetime(2026, 3, 9, 13, 30, tzinfo=UTC)


def test_nothing_begins_in_the_rest_at_noon() -> None:
    nine = datetime(2026, 3, 4, 0, 0, tzinfo=UTC)
    for randomness in (0.0, 0.8):
        found = twap(task(calendar="XTKS", start=nine, end=nine + timedelta(hours=7), minutes=11,
                          randomness=randomness))  # fmt: skip
        assert all(session_at("XTKS", each.start) is not None for each in found.slices)
        assert sum(found.to_frame()["quantity"]) == 52_000


def test_a_market_that_is_shut_all_the_time_is_refused() -> None:
    with pytest.raises(UserInputError, match="XNYS does not trade from"):
        twap(task(start=CLOSE, end=CLOSE + timedelta(hours=3)))


def test_vwap_follows_the_profile() -> None:
    shape = VolumeProfile(np.array([4.0, 1.0, 1.0, 2.0]), "told")
    found = vwap(task(profile=shape, minutes=97.5, quantity=Decimal(8_000)))
    assert quantities(found) == [4_000.0, 1_000.0, 1_000.0, 2_000.0]


def test_vwap_of_a_part_of_the_day_takes_its_part_of_the_profile() -> None:
    shape = VolumeProfile(np.array([4.0, 1.0, 1.0, 2.0]), "told")
    noon = OPEN + timedelta(minutes=195)
    found = vwap(task(profile=shape, minutes=97.5, quantity=Decimal(3_000), start=noon))
    assert quantities(found) == [1_000.0, 2_000.0]


def test_the_participation_pushes_what_does_not_fit_to_later() -> None:
    """10 % of a million is 100,000 a day; the assumed U is thin at noon."""
    free = vwap(task(quantity=Decimal(90_000)))
    held = twap(task(quantity=Decimal(90_000), day_volume=1e6))
    assert held.is_whole
    assert max(quantities(held)) > 90_000 / 26
    assert all(each.quantity <= (each.cap or 0) for each in held.slices)
    assert free.slices[0].cap is None


def test_what_does_not_fit_at_all_is_left_and_said() -> None:
    found = vwap(task(quantity=Decimal(150_000), day_volume=1e6))
    assert 49_970 <= found.left <= 50_030
    assert found.planned + found.left == 150_000
    with pytest.raises(UserInputError, match="the participation allows no more in this time"):
        found.whole()
    assert vwap(task()).whole().is_whole


def test_pov_is_done_as_soon_as_its_share_of_the_volume_allows() -> None:
    shape = VolumeProfile(np.ones(26), "flat")
    found = pov(task(quantity=Decimal(20_000), day_volume=1e6, profile=shape))
    # 10 % of a million in 26 parts: 3,846 in each, in five parts and a bit.
    assert len(found.slices) == 6
    assert quantities(found)[:5] == pytest.approx([3_846.0] * 5, abs=1.0)
    assert found.is_whole


def test_pov_needs_a_volume() -> None:
    with pytest.raises(MissingDataError, match="The volume of AAA is not known"):
        pov(task())


def test_randomness_keeps_to_its_bounds_and_its_seed() -> None:
    even, one = twap(task()), twap(task(randomness=0.3, seed=1))
    assert one == twap(task(randomness=0.3, seed=1))
    assert one != twap(task(randomness=0.3, seed=2))
    assert len(set(quantities(one))) > 10
    for plain, shaken in zip(even.slices, one.slices, strict=True):
        # Running totals are rounded to lots, so that a slice may be one lot off.
        assert abs(shaken.quantity - plain.quantity) <= Decimal("0.3") * plain.quantity + 1
        assert plain.start <= shaken.start <= plain.start + 0.3 * (plain.end - plain.start)
        assert shaken.end == plain.end


def test_the_paper_of_almgren_and_chriss_in_whole_shares() -> None:
    """R77: five days in five steps, aversion 1e-6; holdings as printed, to the share."""
    problem = liquidation_of_one(
        1e6, volatility=0.95, permanent=2.5e-7, temporary=2.5e-6, fixed=0.0625, days=5.0, steps=5
    )
    week = task(quantity=Decimal(-1_000_000), start=datetime(2026, 3, 2, tzinfo=UTC),
                end=datetime(2026, 3, 7, tzinfo=UTC), minutes=390)  # fmt: skip
    schedule, trajectory = along(week, problem, 1e-6)
    left = 1_000_000 - np.cumsum(quantities(schedule))
    assert left == pytest.approx([541_956, 289_854, 147_897, 62_142, 0], abs=1.0)
    assert trajectory.cost == pytest.approx(911_226.99, abs=5e-3)
    assert trajectory.variance == pytest.approx(3.641286e11, rel=5e-7)
    assert [each.start.day for each in schedule.slices] == [2, 3, 4, 5, 6]


def test_selling_all_at_once_costs_what_the_paper_says() -> None:
    """R77: 2,562,500, all of it in one day and so without risk."""
    at_once = liquidation_of_one(
        1e6, volatility=0.95, permanent=2.5e-7, temporary=2.5e-6, fixed=0.0625, days=1.0, steps=1
    )
    schedule, trajectory = along(task(quantity=Decimal(-1_000_000), minutes=390), at_once, 1e-6)
    assert quantities(schedule) == [1_000_000.0]
    assert trajectory.cost == pytest.approx(2_562_500.0)
    assert trajectory.variance == 0.0


def test_fear_of_risk_trades_sooner() -> None:
    calm, _ = shortfall(task(), MODEL, MARKETS, 0.0)
    afraid, trajectory = shortfall(task(), MODEL, MARKETS, 1e-4)
    assert quantities(calm) == pytest.approx([2_000.0] * 26, abs=1.0)
    assert quantities(afraid)[0] > 3_000
    assert quantities(afraid) == sorted(quantities(afraid), reverse=True)
    assert trajectory.cost > 0.0
    assert {"cost_model", "markets", "aversion"} <= set(afraid.inputs)


def test_an_engine_takes_the_slices_as_its_plan() -> None:
    schedule = twap(task(randomness=0.2, seed=3)).whole()
    from riskplatform.domain.targets import ApprovedTargets, TargetTrade

    trade = TargetTrade(instrument_id="AAA", portfolio_id="growth", quantity=Decimal(52_000),
                        reference_price=Decimal(50), currency="USD")  # fmt: skip
    targets = ApprovedTargets(
        approval_id="a", proposal_id="p", digest="", node="growth", as_of=OPEN.date(),
        base_currency="USD", approved_by="anna", approved_at=OPEN, expires_at=CLOSE, trades=(trade,)
    )  # fmt: skip
    parent = Parent.of(targets, trade, schedule.slices, algorithm=schedule.algorithm)
    assert parent.quantity == schedule.planned
    assert [each.at for each in parent.slices] == [each.start for each in schedule.slices]


def test_what_is_due_grows_along_each_slice() -> None:
    found = twap(task())
    assert found.due(OPEN) == 0
    assert found.due(OPEN + timedelta(minutes=7.5)) == 1_000
    assert found.due(OPEN + timedelta(minutes=15)) == 2_000
    assert found.due(CLOSE) == 52_000


def test_the_record_of_a_schedule() -> None:
    found = vwap(task(day_volume=1e6))
    told = found.to_dict()
    assert told["inputs"]["volume_profile"].startswith("assumed U-shape")
    assert sum(Decimal(each["quantity"]) for each in told["slices"]) == 52_000
    assert found.run_id == vwap(task(day_volume=1e6)).run_id
    assert found.run_id != vwap(replace(task(day_volume=1e6), seed=1)).run_id
    assert found.to_frame()["total"].iloc[-1] == 52_000
    assert "vwap: 52000 AAA in 26 slices" in found._repr_html_()


@pytest.mark.parametrize(
    "terms",
    [
        {"quantity": Decimal(0)}, {"participation": 0.0}, {"participation": 1.5},
        {"randomness": 1.0}, {"day_volume": -1.0}, {"minutes": 0.0}, {"end": OPEN},
        {"end": OPEN + timedelta(days=90)}, {"start": datetime(2026, 3, 4)},
    ],
)  # fmt: skip
def test_a_task_that_cannot_be_is_refused(terms: dict[str, Any]) -> None:
    with pytest.raises(UserInputError):
        twap(task(**terms))


def test_the_assumed_profile_is_a_u() -> None:
    shares = assumed_profile().shares
    assert shares.sum() == pytest.approx(1.0)
    middle = len(shares) // 2
    assert (np.diff(shares[:middle]) < 0).all()
    assert (np.diff(shares[middle:]) > 0).all()
    assert shares[-1] > shares[0]
