"""Exact derivatives against central differences, ladders against sums, quotes against bumps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.domain.instruments import FixedBond
from riskplatform.errors import UserInputError
from riskplatform.market.bootstrap import Bootstrapped, bootstrap
from riskplatform.market.curve_recipes import ois_recipe, projection_recipe
from riskplatform.market.curves import Curve
from riskplatform.market.interpolation import Interpolation
from riskplatform.market.tenors import tenor_years
from riskplatform.pricing.rates.par_quotes import (
    joint_par_quote_dv01,
    par_quote_dv01,
    quote_jacobian,
)
from riskplatform.pricing.units.book import unit_book, value_now
from riskplatform.pricing.units.engine import value_states
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.pricing.units.sensitivities import (
    convexity,
    cs01,
    fx_delta,
    gradient,
    key_rate_dv01,
    parallel_cs01,
    parallel_dv01,
    vega,
)
from tests.pricing.rates.golden_market import market
from tests.pricing.rates.random_books import AS_OF, CONVENTIONS, Draw, sample_market
from tests.pricing.units.test_engine import everything


@pytest.mark.parametrize("rule", Interpolation)
def test_derivatives_are_those_of_the_values(rule: Interpolation) -> None:
    book = unit_book(everything(2), sample_market(rule), CONVENTIONS)
    plan, base = book.plan(), book.layout.base
    step = 1e-5
    moves = np.eye(book.layout.size) * step
    up, down = (value_states(plan, base + move).values for move in (moves, -moves))
    found = gradient(plan, base)
    assert found.is_known.all()
    assert found.by_node == pytest.approx((up - down) / (2 * step), rel=2e-6, abs=2e-6)


def test_ladders_have_a_name_and_a_sum() -> None:
    book = unit_book(everything(2), sample_market(Interpolation.LINEAR_ZERO), CONVENTIONS)
    found = gradient(book.plan(), book.layout.base)
    for ladder, total in (
        (key_rate_dv01(found), parallel_dv01(found)),
        (cs01(found), parallel_cs01(found)),
    ):
        sums = ladder.groupby("instrument_id")["value"].sum()
        expected = dict(zip(found.plan.instrument_ids, total, strict=True))
        assert sums.to_dict() == pytest.approx({name: expected[name] for name in sums.index})
    assert set(key_rate_dv01(found)["curve_id"]) == {"C", "P"}
    assert set(cs01(found)["issuer_id"]) == {"X"}
    assert set(vega(found)["surface_id"]) == {"V"}
    assert (vega(found)["value"] > 0).all()
    assert set(fx_delta(found)["currency"]) == {"EUR", "GBP"}


def test_convexity_is_the_second_difference() -> None:
    book = unit_book(everything(1), sample_market(Interpolation.LINEAR_ZERO), CONVENTIONS)
    plan, base = book.plan(), book.layout.base
    places = [column for _, _, column in book.layout.columns(NodeKind.ZERO)]
    step = np.zeros(book.layout.size)
    step[places] = 1e-3
    up, middle, down = value_states(plan, np.stack([base + step, base, base - step])).values.T
    assert convexity(plan, base) == pytest.approx(
        (up + down - 2 * middle) / 1e-6, rel=2e-3, abs=1e-3
    )


def test_a_unit_without_a_value_has_no_derivative() -> None:
    book = unit_book(everything(1), sample_market(Interpolation.LINEAR_ZERO), CONVENTIONS)
    state = book.layout.base.copy()
    state[book.layout.place(NodeKind.HAZARD, "X")] = np.nan
    found = gradient(book.plan(), state)
    assert np.isfinite(found.by_node).all()
    assert 0 < (~found.is_known).sum() < len(found.is_known)
    assert (found.by_node[~found.is_known] == 0).all()


@given(
    coupon=st.floats(0.0, 0.12),
    days=st.integers(40, 9000),
    shift=st.floats(-0.02, 0.05),
    rule=st.sampled_from(list(Interpolation)),
)
def test_key_rates_sum_to_parallel(
    coupon: float, days: int, shift: float, rule: Interpolation
) -> None:
    """The parallel derivative is taken the other way: minus the sum of time × flow × discount."""
    bond = FixedBond(
        instrument_id="B",
        name="B",
        currency="EUR",
        issue_date=AS_OF - timedelta(100),
        maturity=AS_OF + timedelta(days),
        coupon_rate=coupon,
        discount_curve_id="C",
    )
    at = sample_market(rule)
    at = at.with_(curves={"C": at.curve("C").shifted(1e4 * shift)})
    book = unit_book([bond], at)
    found = key_rate_dv01(gradient(book.plan(), book.layout.base))["value"].sum()
    curve = at.curve("C")
    direct = -sum(
        flow.day / 365 * flow.amount * float(curve.discount(flow.day / 365))
        for flow in book.units[0].paid
    )
    places = 1e-10 if rule is not Interpolation.MONOTONE_CUBIC_LOG_DISCOUNT else 1e-6
    assert found == pytest.approx(direct * 1e-4, rel=places)


DAY = date(2026, 6, 30)


def made(outcome: object) -> Curve:
    assert isinstance(outcome, Bootstrapped)
    return outcome.curve


@pytest.mark.slow
@pytest.mark.parametrize("rule", [Interpolation.LOG_LINEAR_DISCOUNT, Interpolation.LINEAR_ZERO])
def test_par_quotes_against_a_new_bootstrap(rule: Interpolation) -> None:
    """Every quote up and down by half a basis point, curves made anew, the swap valued again."""
    ois, term = ois_recipe("EUR.OIS", rule), projection_recipe("EUR.6M", "EUR.OIS", rule)
    rates = {
        label: 0.02 + 0.001 * min(tenor_years(label.split()[-1]), 10) ** 0.5 for label in ois.labels
    }
    ahead = dict.fromkeys(term.labels, 0.024)
    draw = Draw(21)
    swaps = [
        replace(draw.swap(), discount_curve_id="EUR.OIS", projection_curve_id="EUR.6M")  # type: ignore[call-arg]  # a swap has both
        for _ in range(3)
    ]
    fixings = sample_market(rule).fixings

    def values(move_ois: dict[str, float], move_term: dict[str, float]) -> np.ndarray:
        below = made(bootstrap(ois, DAY, {k: v + move_ois.get(k, 0) for k, v in rates.items()}))
        quotes = {k: v + move_term.get(k, 0) for k, v in ahead.items()}
        above = made(bootstrap(term, DAY, quotes, below))
        at = market(DAY, below, above, fixings=fixings)
        return value_now(unit_book(swaps, at)).values[:, 0]

    below = made(bootstrap(ois, DAY, rates))
    above = made(bootstrap(term, DAY, ahead, below))
    book = unit_book(swaps, market(DAY, below, above, fixings=fixings))
    found = gradient(book.plan(), book.layout.base)
    upper, lower = quote_jacobian(term, above, below), quote_jacobian(ois, below)
    by_term, by_ois = joint_par_quote_dv01(
        found.of(NodeKind.ZERO, "EUR.6M"), found.of(NodeKind.ZERO, "EUR.OIS"), upper, lower
    )
    for label in ("SWAP 5Y", "SWAP 10Y"):
        bump = {label: 0.5e-4}, {label: -0.5e-4}
        moved = values(bump[0], {}) - values(bump[1], {})
        assert by_ois[:, lower.labels.index(label)] == pytest.approx(moved, rel=1e-5, abs=1e-10)
        moved = values({}, bump[0]) - values({}, bump[1])
        assert by_term[:, upper.labels.index(label)] == pytest.approx(moved, rel=1e-5, abs=1e-10)
    with pytest.raises(UserInputError, match="without a discount"):
        joint_par_quote_dv01(by_term, by_ois, lower, lower)
    with pytest.raises(UserInputError, match="not those of the recipe"):
        quote_jacobian(ois, above)


def test_a_par_swap_answers_to_its_own_quote_only() -> None:
    """A swap at par on the curve it helped to make moves by its annuity with its own quote."""
    recipe = ois_recipe("EUR.OIS")
    quotes = dict.fromkeys(recipe.labels, 0.02)
    curve = made(bootstrap(recipe, DAY, quotes))
    jacobian = quote_jacobian(recipe, curve)
    by_zero = jacobian.by_own[recipe.labels.index("SWAP 10Y")][None, :]
    found = par_quote_dv01(by_zero, jacobian)[0] * 1e4
    expected = np.zeros(len(recipe.labels))
    expected[recipe.labels.index("SWAP 10Y")] = 1.0
    assert found == pytest.approx(expected, abs=1e-9)
