"""The cost of trades: a published example, each part by hand, and its slope."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import RiskPlatformError, TermsError, UserInputError
from riskplatform.optimisation.trading_costs import (
    ALMGREN_2005,
    SQUARE_ROOT,
    CostModel,
    Liquidity,
    TradeCosts,
    borrow_costs,
    cost_model_from_data,
    trade_costs,
)

DAY = date(2026, 3, 31)


def markets(**more: Any) -> Liquidity:
    given: dict[str, Any] = {
        "instrument_ids": ("A", "B", "C"),
        "unit_values": [20.0, 100.0, 5.0],
        "volatilities": [0.02, 0.01, 0.03],
        "daily_volumes": [1e6, 2e5, 4e6],
    }
    return Liquidity(**(given | more))


def costs(model: CostModel, quantities: list[float], **more: Any) -> TradeCosts:
    known = more.pop("markets", markets())
    return trade_costs(model, known, quantities, as_of=DAY, base_currency="USD", **more)


@pytest.mark.parametrize(
    ("days", "temporary", "realised"),
    [(0.1, (22, 32), (32, 43)), (0.2, (15, 21), (25, 32)), (0.5, (8, 12), (18, 23))],
)
def test_the_two_shares_of_almgren_and_others(
    days: float, temporary: tuple[int, int], realised: tuple[int, int]
) -> None:
    """Almgren, Thum, Hauptmann and Li (2005), the table of examples: IBM and DRI, a tenth of the
    daily volume in so many days, costs in whole basis points."""
    volumes = np.array([6.561e6, 1.929e6])
    shares = Liquidity(
        instrument_ids=("IBM", "DRI"),
        unit_values=np.array([80.0, 20.0]),
        volatilities=np.array([0.0157, 0.0226]),
        daily_volumes=volumes,
        outstanding=np.array([1.728e9, 1.68e8]),
    )
    found = costs(replace(ALMGREN_2005, days=days), (0.1 * volumes).tolist(), markets=shares)
    in_bp = {name: part / found.values * 1e4 for name, part in found.parts.items()}
    # The price stays moved by twice what the trade itself pays of it.
    assert (2.0 * in_bp["permanent"]).round() == pytest.approx([20, 22])
    assert in_bp["temporary"].round() == pytest.approx(temporary)
    assert (found.costs / found.values * 1e4).round() == pytest.approx(realised)


def test_each_part_by_hand() -> None:
    model = CostModel(
        half_spread_bp=5.0, temporary=0.8, exponent=0.5, permanent=0.3, days=2.0,
        fee_bp=1.0, fee_per_unit=0.005, least_fee=12.0, borrow_bp=72.0,
    )  # fmt: skip
    found = costs(model, [-40_000, 100, 0], after=[-10_000, 100, 0], holding_days=5)
    parts = {name: part.tolist() for name, part in found.parts.items()}
    assert parts["spread"] == pytest.approx([800_000 * 5e-4, 10_000 * 5e-4, 0])
    assert parts["temporary"] == pytest.approx(
        [0.8 * 0.02 * (0.04 / 2) ** 0.5 * 800_000, 0.8 * 0.01 * (0.0005 / 2) ** 0.5 * 10_000, 0]
    )
    assert parts["permanent"] == pytest.approx(
        [0.5 * 0.3 * 0.02 * 0.04 * 800_000, 0.5 * 0.3 * 0.01 * 0.0005 * 10_000, 0]
    )
    # Of the second one basis point and 0.005 a share are less than the least fee.
    assert parts["fees"] == pytest.approx([80 + 200, 12, 0])
    assert parts["borrow"] == pytest.approx([10_000 * 20 * 0.0072 * 5 / 360, 0, 0])
    assert found.total == pytest.approx(sum(sum(part) for part in parts.values()))
    assert found.total_bp == pytest.approx(found.total / 810_000 * 1e4)
    assert borrow_costs(model, markets(), [-10_000, 0, 3], 5).tolist() == parts["borrow"]


def test_the_square_root_law_grows_with_the_power_three_halves() -> None:
    model = CostModel(temporary=1.0)
    one, four = costs(model, [10_000, 0, 0]).total, costs(model, [40_000, 0, 0]).total
    assert four == pytest.approx(8.0 * one)
    # A whole day's volume moves the price by a day's volatility.
    assert costs(model, [1e6, 0, 0]).total_bp == pytest.approx(200.0)


@given(st.floats(1.0, 5e6), st.sampled_from([-1.0, 1.0]), st.floats(0.2, 1.0), st.floats(0.0, 1.0))
def test_the_slope_is_what_one_unit_more_costs(
    size: float, sign: float, exponent: float, permanent: float
) -> None:
    model = CostModel(
        half_spread_bp=2.0, temporary=0.7, exponent=exponent, permanent=permanent, fee_bp=0.5,
        fee_per_unit=0.002,
    )  # fmt: skip
    step = 1e-4 * size
    middle, more, less = (
        costs(model, [sign * each, 0, 0]) for each in (size, size + step, size - step)
    )
    assert middle.slopes[0] == pytest.approx((more.total - less.total) / (2.0 * step), rel=1e-5)
    assert middle.total == pytest.approx(costs(model, [-sign * size, 0, 0]).total)


def test_what_is_known_of_a_market_goes_before_the_groups_terms_and_the_model() -> None:
    model = CostModel(
        half_spread_bp=5.0, fee_bp=1.0, groups={"future": {"half_spread_bp": 1.0, "fee_bp": 0.0}}
    )
    known = markets(
        groups=("share", "future", "future"), half_spreads_bp=[np.nan, np.nan, 3.0]
    )  # fmt: skip
    found = costs(model, [100, 100, 100], markets=known)
    assert found.parts["spread"] == pytest.approx([1.0, 1.0, 500 * 3e-4])
    assert found.parts["fees"] == pytest.approx([0.2, 0, 0])


def test_what_is_not_known_is_named_and_the_rest_is_priced() -> None:
    known = markets(daily_volumes=[1e6, np.nan, 0.0])
    found = costs(SQUARE_ROOT, [1_000, 1_000, 1_000], markets=known)
    coverage = found.provenance.coverage
    assert (coverage.done, coverage.total) == (1, 3)
    assert "B has no daily volume" in coverage.failures[0].message
    assert found.costs[1:] == pytest.approx([0, 0])
    assert np.isfinite(found.slopes).all()
    # What is not traded needs nothing, and without impact no volume is needed.
    assert costs(SQUARE_ROOT, [1_000, 0, 0], markets=known).provenance.coverage.is_complete
    calm = CostModel(half_spread_bp=1.0)
    assert costs(calm, [1, 1, 1], markets=known).provenance.coverage.is_complete
    lost = costs(ALMGREN_2005, [1_000, 0, 0])
    assert "units outstanding" in lost.provenance.coverage.failures[0].message


def test_markets_in_another_order() -> None:
    found = markets(groups=("x", "y", "z"), borrow_bp=[1, 2, 3]).chosen(["C", "Q", "A"])
    assert found.unit_values[[0, 2]].tolist() == [5.0, 20.0]
    assert np.isnan(found.daily_volumes[1])
    assert found.groups == ("z", "", "x")
    assert found.column("borrow_bp")[[0, 2]].tolist() == [3.0, 1.0]


def test_the_record() -> None:
    found = costs(SQUARE_ROOT, [1_000, -50, 0])
    record = json.loads(json.dumps(found.to_dict()))
    assert record["model_id"] == "square-root"
    assert record["base_currency"] == "USD"
    assert sum(record["parts"].values()) == pytest.approx(record["total"])
    frame = found.to_frame()
    assert frame["cost"].sum() == pytest.approx(found.total)
    assert frame["cost_bp"].iloc[2] == 0.0
    assert "bp of what is traded" in found._repr_html_()
    assert found.run_id == costs(SQUARE_ROOT, [1_000, -50, 0]).run_id
    assert found.run_id != costs(SQUARE_ROOT, [1_000, -51, 0]).run_id


def test_a_model_is_written_back_as_it_was_read() -> None:
    data = {
        "model_id": "desk", "half_spread_bp": 2, "temporary": 0.9, "least_fee": 1.5,
        "groups": {"future": {"half_spread_bp": 0.5}},
    }  # fmt: skip
    model = cost_model_from_data(data)
    assert model.to_dict() == data
    assert cost_model_from_data(model.to_dict()) == model
    assert cost_model_from_data(ALMGREN_2005.to_dict()) == ALMGREN_2005


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"half_spred_bp": 1}, "unknown key 'half_spred_bp'. Did you mean half_spread_bp"),
        ({"temporary": "big"}, "temporary is 'big', not a number"),
        ({"temporary": True}, "temporary is True, not a number"),
        ({"exponent": 1.5}, "at most 1; the square-root law has 0.5"),
        ({"days": 0}, "how many days"),
        ({"fee_bp": -1}, "fee_bp is -1. Give a number from 0 on"),
        ({"groups": {"future": {"fee": 1}}}, "Did you mean"),
        ({"groups": {"future": 3}}, "group future is 3"),
        ({"groups": [1]}, "Write terms by group"),
    ],
)
def test_wrong_terms_are_refused_with_the_nearest_word(data: dict[str, Any], said: str) -> None:
    with pytest.raises(UserInputError) as refused:
        cost_model_from_data(data)
    assert said in str(refused.value)


def test_what_fits_no_market_is_refused() -> None:
    with pytest.raises(UserInputError, match="Give one signed number"):
        costs(SQUARE_ROOT, [1.0])
    with pytest.raises(RiskPlatformError, match="below 0"):
        markets(unit_values=[1.0, -1.0, 1.0])
    with pytest.raises(UserInputError, match="shape"):
        markets(volatilities=[0.1])
    with pytest.raises(UserInputError, match="twice"):
        markets(instrument_ids=("A", "A", "C"))
    with pytest.raises(TermsError):
        cost_model_from_data({"x": 1})
