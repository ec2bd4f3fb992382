"""Programmes on the tail of scenarios: expected shortfall, drawdown and entropic value at risk.

All three are largest at a loss beyond a level that is chosen with the weights (Rockafellar and
Uryasev 2000; Chekhlov, Uryasev and Zabarankin 2005; Ahmadi-Javid 2012).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.constraints.contract import Constraint, draft_of
from riskplatform.optimisation.constraints.risk_caps import add_shortfall
from riskplatform.optimisation.convex.draft import Draft
from riskplatform.optimisation.convex.outcome import Task, allocated
from riskplatform.optimisation.convex.program import EXPONENTIAL, Part
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.portfolio import Allocation, Detail
from riskplatform.risk.checks import checked_confidence, checked_shares
from riskplatform.risk.quantiles import expected_shortfall


@dataclass(frozen=True)
class MeanShortfall:
    """The least expected shortfall; with ``target_return`` of those that return at least that,
    with ``aversion`` the most of expected return less aversion times shortfall."""

    confidence: float = 0.95
    target_return: float | None = None
    aversion: float | None = None
    constraints: tuple[Constraint, ...] = ()

    def fit(self, inputs: Inputs) -> Allocation:
        draft = draft_of(inputs, self.constraints)
        weight = _traded_off(draft, inputs, self.target_return, self.aversion)
        for first, shares in add_shortfall(draft, "ES", inputs.scenarios, self.confidence):
            draft.pull(first, weight * shares)

        def risk(weights: FloatArray) -> float:
            gains = inputs.scenarios @ weights
            return float(expected_shortfall(gains, self.confidence, inputs.shares))

        return _allocated(self, inputs, draft, "mean-shortfall", "the expected shortfall", risk)


@dataclass(frozen=True)
class MeanDrawdown:
    """The least mean of the worst drawdowns (CDaR) of a history, gains added up and not compounded;
    a confidence near one is the largest drawdown."""

    confidence: float = 0.95
    target_return: float | None = None
    aversion: float | None = None
    constraints: tuple[Constraint, ...] = ()

    def fit(self, inputs: Inputs) -> Allocation:
        if not inputs.is_history:
            raise UserInputError(
                "Drawdowns need days in their order, and these scenarios have none.",
                hint="Give a history of returns, or use MeanShortfall.",
            )
        draft = draft_of(inputs, self.constraints)
        weight = _traded_off(draft, inputs, self.target_return, self.aversion)
        path = np.cumsum(inputs.scenarios, axis=0)
        days = len(path)
        peaks = draft.add_columns(days, 0.0)
        each = sparse.csr_array(sparse.eye_array(days))
        # A peak is at least the path, and at least the peak of the day before.
        draft.at_most("peak", [Part(0, path), Part(peaks, -each)], np.zeros(days), is_limit=False)
        step = sparse.csr_array(
            sparse.diags_array([np.ones(days - 1), -np.ones(days - 1)], offsets=[0, 1],
                               shape=(days - 1, days))
        )  # fmt: skip
        draft.at_most("peak", [Part(peaks, step)], np.zeros(days - 1), is_limit=False)
        level = draft.add_columns(1, -np.inf)
        parts = [Part(0, -path), Part(peaks, each), Part(level, -np.ones((days, 1)))]
        beyond = draft.hinge("drawdown", parts, np.zeros(days))
        tail = max((1.0 - checked_confidence(self.confidence)) * days, 1.0)
        draft.pull(level, weight)
        draft.pull(beyond, np.full(days, weight / tail))

        def risk(weights: FloatArray) -> float:
            return conditional_drawdown(inputs.scenarios @ weights, self.confidence)

        return _allocated(self, inputs, draft, "mean-drawdown", "the conditional drawdown", risk)


@dataclass(frozen=True)
class MeanEntropic:
    """The least entropic value at risk: the tightest bound on VaR and ES that exponential moments
    give (Chernoff's)."""

    confidence: float = 0.95
    target_return: float | None = None
    aversion: float | None = None
    constraints: tuple[Constraint, ...] = ()

    def fit(self, inputs: Inputs) -> Allocation:
        draft = draft_of(inputs, self.constraints)
        weight = _traded_off(draft, inputs, self.target_return, self.aversion)
        gains = inputs.scenarios
        count = len(gains)
        shares = _shares(inputs)
        # In units in which losses are of size one, so that exponentials are too.
        unit = float(gains.std()) or 1.0
        level = draft.add_columns(1, -np.inf)
        scale = draft.add_columns(1, 0.0)
        parts_of = draft.add_columns(count, 0.0)
        draft.at_most(
            "entropy", [Part(scale, -np.ones((1, 1))), Part(parts_of, shares[None, :])], [0.0],
            is_limit=False,
        )  # fmt: skip
        parts = _exponentials(gains / unit, level, scale, parts_of)
        draft.cone("entropy", parts, np.zeros(3 * count), EXPONENTIAL, is_limit=False)
        tail = 1.0 - checked_confidence(self.confidence)
        draft.pull(level, weight * unit)
        draft.pull(scale, -weight * unit * math.log(tail))

        def risk(weights: FloatArray) -> float:
            return entropic_value_at_risk(gains @ weights, self.confidence, shares)

        return _allocated(self, inputs, draft, "mean-entropic", "the entropic VaR", risk)


def conditional_drawdown(gains: FloatArray, confidence: float) -> float:
    """The mean of the worst drawdowns of gains that add up; a loss is positive."""
    path = np.cumsum(gains)
    drawdowns = np.maximum.accumulate(np.maximum(path, 0.0)) - path
    return float(expected_shortfall(-drawdowns, confidence))


def entropic_value_at_risk(gains: FloatArray, confidence: float, shares: FloatArray) -> float:
    """The least t·ln(E exp(loss / t) / (1 - confidence)) over t > 0; a loss is positive."""
    from scipy import optimize

    losses, tail = -gains, 1.0 - checked_confidence(confidence)
    top, size = float(losses.max()), float(losses.std())
    if not size > 0.0:
        return top

    def bound(log_scale: float) -> float:
        scale = size * math.exp(log_scale)
        mean = float(shares @ np.exp((losses - top) / scale))
        return top + scale * (math.log(mean) - math.log(tail))

    found = optimize.minimize_scalar(bound, bounds=(-9.0, 9.0), method="bounded",
                                     options={"xatol": 1e-10})  # fmt: skip
    return float(found.fun)


def _shares(inputs: Inputs) -> FloatArray:
    count = len(inputs.scenarios)
    found = checked_shares(inputs.shares, count)
    return np.full(count, 1.0 / count) if found is None else found


def _exponentials(gains: FloatArray, level: int, scale: int, parts_of: int) -> list[Part]:
    """(loss - level, scale, part) in the cone, scenario by scenario: scale · e^(…/scale) ≤ part."""
    count = len(gains)
    first, second, third = (3 * np.arange(count) + place for place in range(3))
    spread = sparse.csr_array((np.ones(count), (first, np.arange(count))), shape=(3 * count, count))
    losses = sparse.csr_array(spread @ sparse.csr_array(gains))
    one = np.ones(count)
    zero = np.zeros(count, dtype=np.intp)
    levels = sparse.csr_array((one, (first, zero)), shape=(3 * count, 1))
    scales = sparse.csr_array((-one, (second, zero)), shape=(3 * count, 1))
    parts = sparse.csr_array((-one, (third, np.arange(count))), shape=(3 * count, count))
    return [Part(0, losses), Part(level, levels), Part(scale, scales), Part(parts_of, parts)]


def _traded_off(
    draft: Draft, inputs: Inputs, target: float | None, aversion: float | None
) -> float:
    """Writes what is asked of the expected return; the weight of risk in the objective."""
    if target is not None and aversion is not None:
        raise UserInputError(
            "Both a target return and an aversion were given.", hint="Give one of them, or none."
        )
    if target is not None:
        draft.between("target return", inputs.views, target, np.inf)
    if aversion is None:
        return 1.0
    if not (math.isfinite(aversion) and aversion > 0.0):
        raise UserInputError(f"The aversion is {aversion:g}; give one above 0.")
    draft.pull(0, -inputs.views)
    return aversion


def _allocated(
    choices: MeanShortfall | MeanDrawdown | MeanEntropic,
    inputs: Inputs,
    draft: Draft,
    method: str,
    words: str,
    risk: Callable[[FloatArray], float],
) -> Allocation:
    parameters: dict[str, Detail] = {"confidence": choices.confidence}
    measured = risk
    if choices.target_return is not None:
        parameters["target_return"] = choices.target_return
    if choices.aversion is not None:
        aversion = choices.aversion
        parameters["aversion"] = aversion
        words = f"expected return less the price of {words.removeprefix('the ')}"

        def measured(weights: FloatArray) -> float:
            return float(inputs.views @ weights) - aversion * risk(weights)

    return allocated(
        Task(method, inputs, draft.finished(), choices.constraints, parameters, measured, words)
    )
