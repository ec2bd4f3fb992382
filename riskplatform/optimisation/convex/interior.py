"""Our own interior-point method for linear and quadratic programmes with a dense covariance.

Mehrotra's predictor and corrector. What makes it quick for portfolios is that helper columns of
hinges (a scenario's loss beyond VaR, the size of a trade) are eliminated by a formula, so that one
step costs one Cholesky factor of the size of the number of assets, whatever the scenarios.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import linalg

from riskplatform.market.content import FloatArray
from riskplatform.optimisation.convex.normal_equations import NormalEquations
from riskplatform.optimisation.convex.program import Answer, Program
from riskplatform.optimisation.convex.threads import one_thread

_MOST_STEPS = 80
_TOLERANCE = 3e-9
_ENOUGH = 1e-7
# Of objectives in units of their steepest column; below it a gap counts as one of this size.
_LEAST_OBJECTIVE = 1e-5


class _Step(NamedTuple):
    x: FloatArray
    y: FloatArray
    slack: FloatArray
    price: FloatArray


def interior_point(program: Program) -> Answer | None:
    """None where it does not arrive, as when there is no answer at all."""
    form = NormalEquations(program)
    try:
        with one_thread(program.assets):
            return _solve(program, form)
    except (linalg.LinAlgError, FloatingPointError, ValueError):
        return None


def _solve(program: Program, form: NormalEquations) -> Answer | None:
    x, y, slack, price = _start(form)
    best: tuple[float, _Step] | None = None
    for step in range(1, _MOST_STEPS + 1):
        dual = form.curved(x) + form.linear + form.transposed(price) + form.balance.T @ y
        dual[form.is_fixed] = 0.0
        primal = form.multiply(x) + slack - form.bound
        balance = form.balance @ x - form.level
        pairs = float(slack @ price)
        mu = pairs / max(len(slack), 1)
        size = max(abs(float(0.5 * x @ form.curved(x) + form.linear @ x)), _LEAST_OBJECTIVE)
        miss = max(
            float(np.abs(dual).max(initial=0.0)),
            float(np.abs(primal).max(initial=0.0)),
            float(np.abs(balance).max(initial=0.0)),
            pairs / size,
        )
        if not np.isfinite(miss):
            break
        if best is None or miss < best[0]:
            best = miss, _Step(x, y, slack, price)
        if miss < _TOLERANCE:
            break
        if miss > 1e6 * best[0] and step > 20:
            break
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            solve = form.factor(price / slack)
            first = _direction(form, solve, dual, primal, balance, slack, price, slack * price)
            reach = min(_room(slack, first.slack), _room(price, first.price))
            after = float((slack + reach * first.slack) @ (price + reach * first.price))
            centre = (after / max(pairs, 1e-300)) ** 3 * mu
            right = slack * price + first.slack * first.price - centre
            move = _direction(form, solve, dual, primal, balance, slack, price, right)
        one = min(1.0, 0.995 * _room(slack, move.slack))
        other = min(1.0, 0.995 * _room(price, move.price))
        if form.is_curved:
            one = other = min(one, other)
        if max(one, other) < 1e-10:
            break
        x, slack = x + one * move.x, slack + one * move.slack
        y, price = y + other * move.y, price + other * move.price
    if best is None or best[0] > _ENOUGH:
        return None
    return form.answer(best[1].x, best[1].y, best[1].price, step)


def _start(form: NormalEquations) -> _Step:
    """Least squares for x, then slack and price moved up until all are above zero."""
    solve = form.factor(np.ones(len(form.bound)))
    x, y = solve(form.transposed(form.bound) - form.linear, form.level)
    x[form.is_fixed] = form.fixed_at[form.is_fixed]
    left = form.bound - form.multiply(x)
    slack = left + max(0.0, 1.1 * -float(left.min(initial=0.0))) + 1e-2
    price = -left
    price = price + max(0.0, 1.1 * -float(price.min(initial=0.0))) + 1e-2
    return _Step(x, y, slack, price)


def _direction(
    form: NormalEquations,
    solve: Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]],
    dual: FloatArray,
    primal: FloatArray,
    balance: FloatArray,
    slack: FloatArray,
    price: FloatArray,
    right: FloatArray,
) -> _Step:
    """Newton's step to slack · price = slack · price - right with all rows met."""
    inside = (price * primal - right) / slack
    x, y = solve(-dual - form.transposed(inside), -balance)
    rows = form.multiply(x)
    return _Step(x, y, -primal - rows, inside + price / slack * rows)


def _room(values: FloatArray, moves: FloatArray) -> float:
    """How far along before one reaches zero."""
    down = moves < 0.0
    return min(1.0, float((-values[down] / moves[down]).min(initial=np.inf))) if down.any() else 1.0
