"""American knock-outs by QuantLib's finite differences; runs in a worker's main thread.

QuantLib's own barrier engines do not serve: the finite-difference one is European only, and the
lattices that allow early exercise are still 1e-3 of spot off after two thousand steps. So its
parts are put together here: one solution gives the value at every spot of the mesh.

The option is exercised the moment before it is knocked out, if that pays more than the rebate:
at the barrier it is worth the larger of the two.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from riskplatform.pricing.exotics.contracts import AmericanBarrier
from riskplatform.pricing.exotics.flat_market import FlatMarket, plain_payoff
from riskplatform.pricing.exotics.nodes import concentrated, reach
from riskplatform.pricing.options.status import FloatArray

POINTS = 541
STEPS = 480
# Steps shrink towards today, where the last decision to exercise has nothing to smooth it.
_GRADING = 1.5
_DEVIATIONS = 7.0
# The mesh spans at least spots of a fifth and five times the strike.
_LEAST_REACH = math.log(5.0)


def knock_out_values(
    ql: Any,
    contract: AmericanBarrier,
    market: FlatMarket,
    spots: FloatArray,
    *,
    points: int = POINTS,
    steps: int = STEPS,
) -> FloatArray:
    """Values at spots on the live side of the barrier, the barrier itself included."""
    from scipy.interpolate import CubicSpline

    mesh = _mesh(contract, market, spots, points)
    # Deciding to exercise only at the ends of steps errs by their length; two lengths show it.
    fine = _solve(ql, contract, market, mesh, steps)
    coarse = _solve(ql, contract, market, mesh, steps // 2)
    found = CubicSpline(mesh, 2.0 * fine - coarse)(np.log(spots))
    return np.asarray(np.maximum(found, _intrinsic(contract, spots)))


def _intrinsic(contract: AmericanBarrier, spots: FloatArray) -> FloatArray:
    sign = 1.0 if contract.is_call else -1.0
    return np.maximum(sign * (spots - contract.strike), 0.0)


def _mesh(
    contract: AmericanBarrier, market: FlatMarket, spots: FloatArray, points: int
) -> FloatArray:
    """Log-spots from the barrier to so far that what lies beyond no longer matters."""
    strike, barrier = math.log(contract.strike), math.log(contract.barrier)
    drift = market.rate - market.carry_yield - 0.5 * market.vol**2
    far = reach(market.vol, contract.time, drift, _DEVIATIONS)
    if contract.is_up:
        nearest = min(strike, barrier, math.log(spots.min()))
        low, high = min(nearest - far, min(strike, barrier) - _LEAST_REACH), barrier
    else:
        nearest = max(strike, barrier, math.log(spots.max()))
        low, high = barrier, max(nearest + far, max(strike, barrier) + _LEAST_REACH)
    width = max(0.5 * market.vol * math.sqrt(contract.time), 0.002)
    return concentrated(low, high, (strike, barrier), width, points)


def _far_value(
    contract: AmericanBarrier, market: FlatMarket, spot: float
) -> Callable[[float], float]:
    """By calendar time, at the far end of the mesh: exercised now, or certainly at expiry."""
    sign = 1.0 if contract.is_call else -1.0
    now = sign * (spot - contract.strike)

    def value(time: float) -> float:
        left = max(contract.time - time, 0.0)
        spot_part = spot * math.exp(-market.carry_yield * left)
        return max(now, sign * (spot_part - contract.strike * math.exp(-market.rate * left)), 0.0)

    return value


def _solve(
    ql: Any, contract: AmericanBarrier, market: FlatMarket, mesh: FloatArray, steps: int
) -> FloatArray:
    """Values on the mesh, by fully implicit steps.

    Crank and Nicolson's method swings where exercise pulls against the barrier: 4e-3 of spot.
    """
    mesher = ql.FdmMesherComposite(ql.Predefined1dMesher(mesh.tolist()))
    lower, upper = ql.FdmDirichletBoundary.Lower, ql.FdmDirichletBoundary.Upper
    near, far = (upper, lower) if contract.is_up else (lower, upper)
    at_barrier, at_far = (-1, 0) if contract.is_up else (0, -1)
    values = _intrinsic(contract, np.exp(mesh))
    values[at_barrier] = max(values[at_barrier], contract.rebate)
    far_value = _far_value(contract, market, math.exp(mesh[at_far]))
    edges, conditions = ql.FdmBoundaryConditionSet(), ql.FdmStepConditionVector()
    edges.push_back(ql.FdmDirichletBoundary(mesher, float(values[at_barrier]), 0, near))
    # Without a value there, drift out of the mesh makes the steps unstable.
    edges.push_back(ql.FdmTimeDepDirichletBoundary(mesher, far_value, 0, far))
    payoff = plain_payoff(ql, contract.is_call, contract.strike)
    inner = ql.FdmLogInnerValue(payoff, mesher, 0)
    conditions.push_back(ql.FdmAmericanStepCondition(mesher, inner))
    solver = ql.FdmBackwardSolver(
        ql.FdmBlackScholesOp(mesher, market.process(ql, contract.strike), contract.strike),
        edges,
        ql.FdmStepConditionComposite([], conditions),
        ql.FdmSchemeDesc.ImplicitEuler(),
    )
    rolled = ql.Array(values.tolist())
    moments = contract.time * np.linspace(1.0, 0.0, steps + 1) ** _GRADING
    for late, early in pairwise(moments.tolist()):
        solver.rollback(rolled, late, early, 1, 0)
    return np.array(list(rolled))
