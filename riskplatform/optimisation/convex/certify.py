"""Checks an answer by the conditions of Karush, Kuhn and Tucker, from the programme, the answer
and its multipliers alone: whoever found it is not asked."""

from __future__ import annotations

import numpy as np

from riskplatform.market.content import FloatArray
from riskplatform.optimisation.convex.program import (
    AT_MOST,
    EQUAL,
    SECOND_ORDER,
    Answer,
    Program,
)
from riskplatform.optimisation.portfolio import Certificate

_LEAST = 1e-300
_NEGLIGIBLE = 1e-6


def certified(program: Program, answer: Answer) -> Certificate:
    """Residuals relative to the largest term of the row or column they are of; the gap relative to
    the objective."""
    x = answer.x
    primal = max(
        [_outside_bounds(program, x)]
        + [
            outside(block.cone, block.bound - block.multiply(x))
            / max(1.0, float(np.abs(block.bound).max(initial=0.0)))
            for block in program.blocks
        ]
    )
    curved = program.curved(x)
    terms = [curved, program.linear, -answer.lower, answer.upper]
    dual = 0.0
    value = -0.5 * float(x @ curved)
    for block, price in zip(program.blocks, answer.rows, strict=True):
        terms.append(block.transposed(price, program.columns))
        value -= float(block.bound @ price)
        dual = max(dual, outside_dual(block.cone, price) / _size(price))
    sides = ((answer.lower, program.lower, 1.0), (answer.upper, program.upper, -1.0))
    for price, ends, sign in sides:
        dual = max(dual, float(np.maximum(-price, 0.0).max(initial=0.0)) / _size(price))
        held = np.isfinite(ends)
        value += sign * float(ends[held] @ price[held])
    # One scale for all columns: that of the steepest term anywhere.
    floor = _NEGLIGIBLE * _unit(program)
    scale = max(floor, *(float(np.abs(term).max(initial=0.0)) for term in terms))
    dual = max(dual, float(np.abs(np.sum(terms, axis=0)).max(initial=0.0)) / scale)
    objective = program.objective(x)
    return Certificate(
        solver=answer.solver,
        objective=objective,
        primal_residual=primal,
        dual_residual=dual,
        gap=abs(objective - value) / max(abs(objective), abs(value), floor, program.floor),
        iterations=answer.iterations,
    )


def _unit(program: Program) -> float:
    """What one unit of the steepest column does to the objective: near zero an objective and its
    slopes are measured against this."""
    size = float(np.abs(program.linear).max(initial=0.0))
    if program.covariance is not None and program.risk:
        size = max(size, program.risk * float(program.covariance.variances().max()))
    return max(size, _LEAST)


def _size(price: FloatArray) -> float:
    return max(float(np.abs(price).max(initial=0.0)), _LEAST)


def _outside_bounds(program: Program, x: FloatArray) -> float:
    below = np.where(np.isfinite(program.lower), program.lower - x, -np.inf)
    above = np.where(np.isfinite(program.upper), x - program.upper, -np.inf)
    return max(float(below.max(initial=0.0)), float(above.max(initial=0.0)), 0.0)


def outside(cone: str, slack: FloatArray) -> float:
    """How far b - A x is from its cone, in the largest row; 0 inside."""
    if not len(slack):
        return 0.0
    if cone == EQUAL:
        return float(np.abs(slack).max())
    if cone == AT_MOST:
        return float(np.maximum(-slack, 0.0).max())
    if cone == SECOND_ORDER:
        return max(float(np.linalg.norm(slack[1:]) - slack[0]), 0.0)
    # Exponential: y e^(x/y) ≤ z for each three (x, y, z).
    first, second, third = slack.reshape(-1, 3).T
    bent = second * np.exp(np.minimum(first / np.maximum(second, _LEAST), 700.0))
    miss = np.where(second > 1e-12, bent - third, np.maximum(first, -third))
    return float(np.maximum(np.maximum(miss, -second), 0.0).max())


def outside_dual(cone: str, price: FloatArray) -> float:
    """How far multipliers are from the dual cone."""
    if cone == EQUAL or not len(price):
        return 0.0
    if cone in (AT_MOST, SECOND_ORDER):
        return outside(cone, price)
    # The dual of the exponential cone: u < 0 and -u e^(v/u) ≤ e w.
    u, v, w = price.reshape(-1, 3).T
    lower = np.minimum(u, -_LEAST)
    bent = -lower * np.exp(np.minimum(v / lower - 1.0, 700.0))
    miss = np.where(u < -1e-12, bent - w, np.maximum(-w, np.maximum(-v, u)))
    return float(np.maximum(miss, 0.0).max())
