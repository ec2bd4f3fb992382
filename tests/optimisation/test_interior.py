"""Our interior point against HiGHS and Clarabel on random programmes, and the check of answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from riskplatform.factors.covariance.matrices import Dense
from riskplatform.optimisation.convex.certify import certified, outside, outside_dual
from riskplatform.optimisation.convex.draft import Draft
from riskplatform.optimisation.convex.interior import interior_point
from riskplatform.optimisation.convex.program import EXPONENTIAL, SECOND_ORDER, Part, Program
from riskplatform.optimisation.convex.solvers import clarabel, highs
from riskplatform.optimisation.inputs import inputs_from_returns
from tests.optimisation.random_markets import names, returns


def program(count: int, seed: int, risk: float, *, is_fixed: bool = False) -> Program:
    """Hinges of one and of two sides, a limit on helpers, plain rows, equalities and bounds."""
    rng = np.random.default_rng(seed)
    table = returns(count, 80, seed)
    draft = Draft(inputs_from_returns(table, names(count)))
    everyone = np.arange(count)
    draft.bound("box", everyone, -0.1, 0.7)
    if is_fixed:
        draft.bound("out", everyone[:1], 0.0, 0.0)
    draft.between("money", np.ones(count), 1.0, 1.0)
    draft.between("beta", rng.uniform(0.5, 1.5, count), 0.4, 1.6)
    var = draft.add_columns(1, -np.inf)
    parts = [Part(0, -table), Part(var, -np.ones((80, 1)))]
    beyond = draft.hinge("tail", parts, np.zeros(80))
    each = sparse.csr_array(sparse.eye_array(count))
    sizes = draft.hinge("turnover", [Part(0, each)], np.full(count, 1 / count), is_two_sided=True)
    draft.at_most("turnover", [Part(sizes, np.ones((1, count)))], [0.8])
    draft.pull(0, rng.normal(0.0, 0.003, count))
    draft.pull(var, 1.0)
    draft.pull(beyond, np.full(80, 0.2))
    return draft.finished(Dense(np.cov(table.T).reshape(count, count)) if risk else None, risk)


@pytest.mark.slow
@settings(deadline=None)
@given(st.integers(3, 25), st.integers(0, 200), st.booleans())
def test_linear_programmes_have_the_value_that_highs_finds(
    count: int, seed: int, is_fixed: bool
) -> None:
    asked = program(count, seed, 0.0, is_fixed=is_fixed)
    ours, theirs = interior_point(asked), highs(asked)
    assert ours is not None
    assert theirs is not None
    assert certified(asked, ours).is_good
    assert certified(asked, theirs).is_good
    assert asked.objective(ours.x) == pytest.approx(asked.objective(theirs.x), abs=1e-8)


@pytest.mark.slow
@settings(deadline=None)
@given(st.integers(3, 25), st.integers(0, 200), st.sampled_from([0.5, 50.0]), st.booleans())
def test_quadratic_programmes_have_the_value_that_clarabel_finds(
    count: int, seed: int, risk: float, is_fixed: bool
) -> None:
    asked = program(count, seed, risk, is_fixed=is_fixed)
    ours, theirs = interior_point(asked), clarabel(asked)
    assert ours is not None
    assert theirs is not None
    assert certified(asked, ours).is_good
    assert asked.objective(ours.x) == pytest.approx(asked.objective(theirs.x), abs=1e-8)


def test_a_programme_without_an_answer_has_none() -> None:
    asked = program(6, 1, 1.0)
    for impossible in (
        replace(asked, upper=np.where(asked.upper < 1.0, 0.1, asked.upper)),
        replace(asked, linear=asked.linear - 10.0 * (np.arange(asked.columns) == 6)),
    ):
        assert interior_point(impossible) is None


def test_the_check_finds_what_is_wrong_with_an_answer() -> None:
    asked = program(8, 3, 5.0)
    right = interior_point(asked)
    assert right is not None
    assert certified(asked, right).is_good
    moved = right.x.copy()
    moved[0] += 0.01
    broken = certified(asked, replace(right, x=moved))
    assert broken.primal_residual > 1e-3
    price = tuple(0.9 * each for each in right.rows)
    assert certified(asked, replace(right, rows=price)).dual_residual > 1e-3
    negative = tuple(-np.abs(each) for each in right.rows)
    assert not certified(asked, replace(right, rows=negative)).is_good
    # Allowed, but not best: no multipliers fit it.
    otherwise = asked.linear.copy()
    otherwise[:8] = 0.02 * np.arange(8)
    other = clarabel(replace(asked, linear=otherwise))
    assert other is not None
    assert certified(asked, other).dual_residual > 1e-3


def test_cones_and_their_duals() -> None:
    assert outside(SECOND_ORDER, np.array([5.0, 3.0, 4.0])) == 0.0
    assert outside(SECOND_ORDER, np.array([4.0, 3.0, 4.0])) == pytest.approx(1.0)
    inside = np.array([1.0, 2.0, 2.0 * np.exp(0.5)])
    assert outside(EXPONENTIAL, inside) == pytest.approx(0.0, abs=1e-12)
    assert outside(EXPONENTIAL, inside - [0.0, 0.0, 0.1]) == pytest.approx(0.1)
    assert outside(EXPONENTIAL, np.array([1.0, 0.0, 5.0])) == pytest.approx(1.0)
    # Each point of the one cone has a product from zero on with each of the other.
    rng = np.random.default_rng(0)
    for _ in range(200):
        point = np.array([rng.normal(), rng.uniform(0.1, 2.0), 0.0])
        point[2] = point[1] * np.exp(point[0] / point[1])
        u = -rng.uniform(0.1, 2.0)
        price = np.array([u, rng.normal(), 0.0])
        price[2] = -u * np.exp(price[1] / u - 1.0)
        assert outside_dual(EXPONENTIAL, price) == pytest.approx(0.0, abs=1e-12)
        assert point @ price >= -1e-12
        assert outside_dual(EXPONENTIAL, price - [0.0, 0.0, 0.1]) == pytest.approx(0.1)
