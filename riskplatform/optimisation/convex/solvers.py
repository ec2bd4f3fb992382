"""Who solves what: our interior point for linear and quadratic programmes, Clarabel for cones,
HiGHS where ours does not arrive. A solver's word is not taken: an answer whose certificate is not
good is handed to the next one."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from riskplatform.errors import EnvironmentSetupError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.convex.certify import certified
from riskplatform.optimisation.convex.interior import interior_point
from riskplatform.optimisation.convex.program import (
    AT_MOST,
    EQUAL,
    EXPONENTIAL,
    SECOND_ORDER,
    Answer,
    Program,
)
from riskplatform.optimisation.portfolio import Certificate

Solver = Callable[[Program], Answer | None]

_MOST_COUPLED = 200
# Parts of the way to the edge: near the edge of exponential cones Clarabel's steps collapse in some
# six of a hundred programmes of an entropic VaR, and in none when it stays further away.
_LONG, _SHORT, _CAUTIOUS = 0.99, 0.9, 0.7


def solved(program: Program) -> tuple[Answer, Certificate] | None:
    """The first answer whose certificate is good, else the best there is; None without any."""
    best: tuple[Answer, Certificate] | None = None
    if (program.lower > program.upper).any():
        return None
    for solver in _fitting(program):
        answer = solver(program)
        if answer is None or not np.isfinite(answer.x).all():
            continue
        certificate = certified(program, answer)
        if certificate.is_good:
            return answer, certificate
        if best is None or _worst(certificate) < _worst(best[1]):
            best = answer, certificate
    return best


def _worst(certificate: Certificate) -> float:
    return max(certificate.primal_residual, certificate.dual_residual, certificate.gap)


def _fitting(program: Program) -> Iterator[Solver]:
    if program.has_cones:
        yield clarabel
        yield cautious
        return
    if _coupled(program) <= _MOST_COUPLED:
        yield interior_point
    if not program.is_quadratic:
        yield highs
    yield clarabel


def _coupled(program: Program) -> int:
    """Equalities, and limits on helpers: our interior point solves a dense system of their size."""
    helpers = np.zeros(program.columns, dtype=np.bool_)
    for hinge in program.hinges:
        helpers[hinge.first : hinge.first + hinge.count] = True
    folded = {place for hinge in program.hinges for place in hinge.blocks}
    return sum(
        len(block.bound)
        for place, block in enumerate(program.blocks)
        if place not in folded
        and (
            block.cone == EQUAL
            or any(helpers[at : at + matrix.shape[1]].any() for at, matrix in block.parts)
        )
    )


def stacked(program: Program, cone: str) -> tuple[sparse.csr_array, FloatArray]:
    """All rows of one cone, in the order of the blocks."""
    chosen = [block for block in program.blocks if block.cone == cone]
    if not chosen:
        return sparse.csr_array((0, program.columns)), np.empty(0)
    table = sparse.vstack([block.whole(program.columns) for block in chosen], format="csr")
    return sparse.csr_array(table), np.concatenate([block.bound for block in chosen])


def split(program: Program, prices: dict[str, FloatArray]) -> tuple[FloatArray, ...]:
    """Multipliers of the stacked rows, by block again."""
    at = dict.fromkeys(prices, 0)
    out = []
    for block in program.blocks:
        start = at[block.cone]
        at[block.cone] = start + len(block.bound)
        out.append(prices[block.cone][start : at[block.cone]])
    return tuple(out)


def highs(program: Program) -> Answer | None:
    """HiGHS, for linear programmes."""
    from scipy import optimize

    most, most_bound = stacked(program, AT_MOST)
    equal, level = stacked(program, EQUAL)
    scale = 1.0 / max(float(np.abs(program.linear).max(initial=0.0)), 1e-300)
    found = optimize.linprog(
        program.linear * scale,
        A_ub=most if len(most_bound) else None,
        b_ub=most_bound if len(most_bound) else None,
        A_eq=equal if len(level) else None,
        b_eq=level if len(level) else None,
        bounds=np.column_stack([program.lower, program.upper]),
        method="highs",
    )
    if found.x is None or found.status != 0:
        return None
    prices = {
        AT_MOST: -np.asarray(found.ineqlin.marginals) / scale,
        EQUAL: -np.asarray(found.eqlin.marginals) / scale,
    }
    lower = np.asarray(found.lower.marginals) / scale
    upper = -np.asarray(found.upper.marginals) / scale
    return Answer(found.x, split(program, prices), lower, upper, "HiGHS", int(found.nit))


class Counted(NamedTuple):
    """An answer without multipliers, and what no other can be below."""

    answer: Answer
    floor: float


def mixed_integer(
    program: Program, *, gap: float = 1e-6, most_nodes: int | None = None
) -> Counted | None:
    """HiGHS, for linear programmes with whole columns."""
    from scipy import optimize

    most, most_bound = stacked(program, AT_MOST)
    equal, level = stacked(program, EQUAL)
    rows = [optimize.LinearConstraint(most, -np.inf, most_bound)] if len(most_bound) else []
    if len(level):
        rows.append(optimize.LinearConstraint(equal, level, level))
    whole = np.zeros(program.columns)
    if program.integers is not None:
        whole[program.integers] = 1.0
    scale = 1.0 / max(float(np.abs(program.linear).max(initial=0.0)), 1e-300)
    options: dict[str, Any] = {"mip_rel_gap": gap}
    if most_nodes is not None:
        options["node_limit"] = most_nodes
    found = optimize.milp(
        program.linear * scale,
        constraints=rows,
        integrality=whole,
        bounds=optimize.Bounds(program.lower, program.upper),
        options=options,
    )
    if found.x is None:
        return None
    nothing = tuple(np.zeros(len(block.bound)) for block in program.blocks)
    zero = np.zeros(program.columns)
    x = np.asarray(found.x)
    answer = Answer(x, nothing, zero, zero, "HiGHS", int(found.mip_node_count or 0))
    floor = found.mip_dual_bound
    return Counted(answer, -np.inf if floor is None else float(floor) / scale)


def cautious(program: Program) -> Answer | None:
    """Clarabel with shorter steps, which arrives on some programmes where longer ones get stuck."""
    return clarabel(program, _CAUTIOUS)


def clarabel(program: Program, step: float | None = None) -> Answer | None:
    """Clarabel, for all cones; ``step`` is how far it goes of the way to the edge of the cones."""
    engine = _engine()
    rows: list[Any] = []
    bounds: list[FloatArray] = []
    cones: list[Any] = []
    order: list[int] = []
    makers = {EQUAL: engine.ZeroConeT, AT_MOST: engine.NonnegativeConeT,
              SECOND_ORDER: engine.SecondOrderConeT}  # fmt: skip
    for place, block in enumerate(program.blocks):
        rows.append(block.whole(program.columns))
        bounds.append(block.bound)
        order.append(place)
        if block.cone == EXPONENTIAL:
            cones += [engine.ExponentialConeT()] * (len(block.bound) // 3)
        else:
            cones.append(makers[block.cone](len(block.bound)))
    identity = sparse.eye_array(program.columns, format="csr")
    low, high = np.isfinite(program.lower), np.isfinite(program.upper)
    for held, sign, ends in ((low, -1.0, program.lower), (high, 1.0, program.upper)):
        if held.any():
            rows.append(sign * identity[np.flatnonzero(held)])
            bounds.append(sign * ends[held])
            cones.append(engine.NonnegativeConeT(int(held.sum())))
    table = sparse.csc_matrix(sparse.vstack(rows, format="csc"))
    curved, scale = _curved(program)
    settings = engine.DefaultSettings()
    settings.verbose, settings.max_threads = False, 1
    has_exponentials = any(block.cone == EXPONENTIAL for block in program.blocks)
    settings.max_step_fraction = step or (_SHORT if has_exponentials else _LONG)
    settings.tol_gap_rel = settings.tol_feas = 1e-9
    settings.tol_gap_abs = 1e-12
    solver = engine.DefaultSolver(
        curved, program.linear * scale, table, np.concatenate(bounds), cones, settings
    )
    found = solver.solve()
    if str(found.status) not in ("Solved", "AlmostSolved", "InsufficientProgress"):
        return None
    return _read(program, found, scale, low, high)


def _read(program: Program, found: Any, scale: float, low: Any, high: Any) -> Answer:
    price = np.asarray(found.z) / scale
    at, out = 0, []
    for block in program.blocks:
        out.append(price[at : at + len(block.bound)])
        at += len(block.bound)
    lower, upper = np.zeros(program.columns), np.zeros(program.columns)
    count = int(low.sum())
    lower[low] = price[at : at + count]
    upper[high] = price[at + count :]
    x = np.asarray(found.x)
    return Answer(x, tuple(out), lower, upper, "Clarabel", int(found.iterations))


def _curved(program: Program) -> tuple[sparse.csc_matrix, float]:
    """The upper half of P, and by how much the objective is scaled so that it is of size one."""
    size = float(np.abs(program.linear).max(initial=0.0))
    covariance = program.covariance
    if covariance is None or not program.is_quadratic:
        empty = sparse.csc_matrix((program.columns, program.columns))
        return empty, 1.0 / max(size, 1e-300)
    dense = np.triu(covariance.dense()) * program.risk
    scale = 1.0 / max(size, float(np.abs(dense).max()), 1e-300)
    upper = sparse.coo_matrix(dense * scale)
    shape = (program.columns, program.columns)
    return sparse.csc_matrix((upper.data, (upper.row, upper.col)), shape=shape), scale


def _engine() -> Any:
    try:
        return importlib.import_module("clarabel")
    except ImportError:
        raise EnvironmentSetupError(
            "Cones need Clarabel, which is not installed.",
            hint="Install riskplatform[optimisation].",
        ) from None
