"""Realised gains by lots, the cap on them by search, and the constraint in a programme."""

from __future__ import annotations

import json
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import MissingDataError, UnknownNameError, UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.constraints import Box, Constraint, Net, RealisedGain, Turnover
from riskplatform.optimisation.inputs import Inputs, inputs_from_returns
from riskplatform.optimisation.long_only import MinimumVariance
from riskplatform.optimisation.portfolio import Portfolio
from riskplatform.optimisation.tax_lots import (
    METHODS,
    TaxLot,
    gain_steps,
    most_within,
    ordered_lots,
    realised_sale,
)
from riskplatform.store.ledger.lots import LotLine, Method, OpenLot
from tests.optimisation.random_markets import names, returns

D = Decimal
LOTS = (
    TaxLot("old", D(100), D(1_000)),
    TaxLot("dear", D(50), D(1_500)),
    TaxLot("new", D(100), D(1_800)),
)


def gain(quantity: int, method: str, value: int = 20) -> Decimal:
    return realised_sale(LOTS, D(quantity), D(value), method).gain


def test_the_order_of_lots_decides_what_a_sale_realises() -> None:
    # A unit is worth 20; lots cost 10, 30 and 18 each.
    assert gain(120, "fifo") == 100 * 10 + 20 * -10
    assert gain(120, "lifo") == 100 * 2 + 20 * -10
    assert gain(120, "highest_cost") == 50 * -10 + 70 * 2
    assert gain(120, "lowest_cost") == 100 * 10 + 20 * 2
    assert gain(120, "average") == 120 * 20 - 120 * D(4_300) / 250
    # All of it is the same by any order.
    assert {gain(250, method) for method in METHODS} == {D(700)}


def test_what_is_closed_and_what_is_left() -> None:
    found = realised_sale(LOTS, D(120), D(20), "fifo")
    assert found.closed == (("old", D(100), D(1_000)), ("dear", D(20), D(-200)))
    assert found.left == (TaxLot("dear", D(30), D(900)), LOTS[2])
    assert json.loads(json.dumps(found.to_dict()))["gain"] == "800"
    assert found.to_frame()["gain"].sum() == 800
    assert "800" in found._repr_html_()
    nothing = realised_sale(LOTS, D(0), D(20))
    assert (nothing.gain, nothing.left) == (D(0), LOTS)


def test_a_short_holding_is_the_same_with_its_signs_turned() -> None:
    short = tuple(TaxLot(lot.lot_id, -lot.quantity, -lot.cost) for lot in LOTS)
    # Bought back at 20: what was sold at 30 gains 10 a unit.
    assert realised_sale(short, D(50), D(20), "lowest_cost").gain == 500
    assert realised_sale(short, D(50), D(20), "highest_cost").gain == -500
    assert realised_sale(short, D(120), D(20), "fifo").gain == -800


@given(
    st.lists(st.tuples(st.integers(1, 50), st.integers(1, 60)), min_size=1, max_size=6),
    st.integers(1, 60),
    st.data(),
    st.sampled_from(["fifo", "lifo"]),
)
def test_the_ledger_realises_the_same(
    bought: list[tuple[int, int]], value: int, data: st.DataObject, method: str
) -> None:
    held = sum(quantity for quantity, _ in bought)
    sold = data.draw(st.integers(1, held))
    lots = [TaxLot(str(i), D(q), D(q * price)) for i, (q, price) in enumerate(bought)]
    line = LotLine(
        Method(method), [OpenLot(i, str(i), q, q * price) for i, (q, price) in enumerate(bought)]
    )
    realised = line.trade(OpenLot(99, "sale", -sold, -sold * value))
    assert abs(realised - realised_sale(lots, D(sold), D(value), method).gain) <= len(lots)


@given(
    st.lists(st.tuples(st.integers(1, 12), st.integers(1, 30)), min_size=1, max_size=5),
    st.integers(1, 30), st.integers(-60, 150), st.sampled_from(sorted(METHODS)),
    st.sampled_from([1, 5]), st.booleans(),
)  # fmt: skip
def test_no_larger_sale_is_within_the_cap(
    bought: list[tuple[int, int]], value: int, cap: int, method: str, size: int, is_short: bool
) -> None:
    sign = -1 if is_short else 1
    lots = [TaxLot(str(i), D(sign * q), D(sign * q * p)) for i, (q, p) in enumerate(bought)]
    held = sum(quantity for quantity, _ in bought)
    allowed = [
        quantity
        for quantity in {*range(0, held + 1, size), held}
        if realised_sale(lots, D(quantity), D(value), method).gain <= cap
    ]
    # Where nothing at all is within it, nothing is sold.
    assert most_within(lots, D(value), D(cap), method, D(size)) == max(allowed, default=0)


def test_what_cannot_be_closed_is_said() -> None:
    with pytest.raises(UserInputError, match="the lots hold 250"):
        realised_sale(LOTS, D(251), D(20))
    with pytest.raises(UnknownNameError, match="highest_cost"):
        realised_sale(LOTS, D(1), D(20), "highest cost")
    with pytest.raises(UserInputError, match="long and short"):
        ordered_lots((LOTS[0], TaxLot("s", D(-1), D(-1))), "fifo")
    with pytest.raises(UserInputError, match="not 0"):
        TaxLot("x", D(0), D(1))
    with pytest.raises(UserInputError, match="above 0"):
        gain_steps(LOTS, D(0), D(1))


COUNT = 8
NAMES = names(COUNT)
CURRENT = np.array([0.4, 0.2, 0.1, 0.1, 0.1, 0.05, 0.05, 0.0])


def inputs(current: FloatArray = CURRENT) -> Inputs:
    held = dict(zip(NAMES, current.tolist(), strict=True))
    return inputs_from_returns(returns(COUNT, 300, 7), NAMES, current=held)


def least(given_inputs: Inputs, *constraints: Constraint) -> FloatArray:
    found = MinimumVariance(constraints).fit(given_inputs)
    assert isinstance(found, Portfolio), found
    assert found.certificate is not None
    assert found.certificate.is_good
    return np.asarray(found.weights)


def exact_gain(weights: FloatArray, current: FloatArray, steps: dict[str, list[float]]) -> float:
    """Lots of equal weight, each with its gain, written down anew; losses count as nothing."""
    total = 0.0
    for place, name in enumerate(NAMES):
        if not current[place]:
            continue
        closed = max((current[place] - weights[place]) * np.sign(current[place]), 0.0)
        each = abs(current[place]) / len(steps[name])
        for number, rate in enumerate(steps[name]):
            total += max(rate, 0.0) * min(max(closed - number * each, 0.0), each)
    return total


def cap(high: float, rates: dict[str, list[float]], current: FloatArray = CURRENT) -> RealisedGain:
    steps = {
        name: tuple((abs(current[i]) / len(rates[name]), rate) for rate in rates[name])
        for i, name in enumerate(NAMES)
        if current[i]
    }
    return RealisedGain(high, steps)


RISING = {name: [-0.1, 0.05 * (place + 1), 0.6] for place, name in enumerate(NAMES)}
FALLING = {name: rates[::-1] for name, rates in RISING.items()}


def test_the_cap_binds_and_is_exact_with_the_highest_cost_first() -> None:
    free = least(inputs())
    assert exact_gain(free, CURRENT, RISING) > 0.03
    for high in (0.02, 0.005, 0.0):
        weights = least(inputs(), cap(high, RISING))
        assert exact_gain(weights, CURRENT, RISING) == pytest.approx(high, abs=1e-6)
    # With room for everything nothing changes.
    assert least(inputs(), cap(1.0, RISING)) == pytest.approx(free, abs=1e-6)


def test_no_other_weights_within_the_cap_have_less_variance() -> None:
    cp = pytest.importorskip("cvxpy")
    weights = least(inputs(), cap(0.01, RISING))
    w = cp.Variable(COUNT)
    gains = 0.0
    for place, name in enumerate(NAMES):
        before = 0.0
        for number, rate in enumerate(RISING[name]):
            start = number * CURRENT[place] / 3
            more = max(rate, 0.0) - before
            gains += more * cp.pos(CURRENT[place] - w[place] - start)
            before = max(rate, 0.0)
    # In hundredths of a percent: their solver stops by absolute numbers.
    sigma = 1e4 * inputs().sigma
    problem = cp.Problem(
        cp.Minimize(cp.quad_form(w, cp.psd_wrap(sigma))), [cp.sum(w) == 1, w >= 0, gains <= 0.01]
    )
    problem.solve(solver="CLARABEL")
    assert weights @ sigma @ weights == pytest.approx(problem.value, rel=1e-6)


def test_the_cap_is_kept_where_the_order_is_not_convex() -> None:
    weights = least(inputs(), cap(0.01, FALLING))
    assert exact_gain(weights, CURRENT, FALLING) <= 0.01 + 1e-7
    assert np.abs(weights - CURRENT).sum() > 0.01


def test_shorts_are_bought_back_under_the_cap() -> None:
    current = CURRENT.copy()
    current[[0, 7]] = 0.6, -0.2
    given_inputs, rates = inputs(current), dict(RISING) | {NAMES[7]: [0.5, 0.5]}
    limits = (Box(-0.5, 1.0), Net(1.0, 1.0), Turnover(2.0))
    free = least(given_inputs, *limits)
    capped = least(given_inputs, *limits, cap(0.01, rates, current))
    assert free[7] > -0.1
    assert exact_gain(free, current, rates) > 0.05
    assert exact_gain(capped, current, rates) <= 0.01 + 1e-7


def test_holdings_without_lots_are_named() -> None:
    few = RealisedGain(0.1, {NAMES[0]: ((0.1, 0.2),)})
    with pytest.raises(MissingDataError, match=f"the first is {NAMES[0]}"):
        least(inputs(), few)


def test_lots_of_a_ledger_become_steps() -> None:
    steps = gain_steps(LOTS, D(20), D(50_000))
    assert np.array(steps) == pytest.approx(np.array([[0.02, -0.5], [0.04, 0.1], [0.04, 0.5]]))
    # Half of what is held, sold by these steps, gains what the exact sale gains.
    names_of = ("A",)
    gained = RealisedGain(1.0, {"A": steps}).gain(np.array([0.1]), np.array([0.05]), names_of)
    assert gained * 50_000 == pytest.approx(float(gain(125, "highest_cost")))
