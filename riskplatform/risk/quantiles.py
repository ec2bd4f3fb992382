"""VaR and ES of P&L vectors by named quantile rules, for many nodes at once.

P&L is signed, VaR and ES are losses and positive. The rules, for n losses and confidence c:

* ``hull``: VaR is the (n(1-c))-th largest loss, the next one where that is no whole number; ES is
  the mean of the worst n(1-c), the last one counted by its fraction.
* ``weighted``: ``hull`` for weighted scenarios, by name: the loss at which the weight of the worst
  reaches 1-c. ``hull`` does the same where weights are given; equal ones give the same bits.
* ``interpolated``: NumPy's default, linear between the losses beside position (n-1)c.
* ``higher``, ``lower``: the loss on the one or the other side of that position.

In all of them ES is the mean of the rule's own quantile from c to 1, so it is never below VaR.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.risk.checks import checked_confidence, checked_pnl, checked_shares

RULES = ("hull", "weighted", "interpolated", "higher", "lower")
_BY_WEIGHT = ("hull", "weighted")

# A count of scenarios, or its sum of weights, may miss a whole number by this: 500 × (1 - 0.99).
_ROUNDING = 1e-9


class Tail(NamedTuple):
    """Losses, positive; one number per node, or one of each where a vector was given."""

    var: FloatArray
    es: FloatArray


def var_and_es(
    pnl: ArrayLike, confidence: float, weights: ArrayLike | None = None, rule: str = "hull"
) -> Tail:
    """VaR and ES of P&L [..., scenario]; the scenarios' weights are the same for all nodes."""
    confidence = checked_confidence(confidence)
    if rule not in RULES:
        raise UnknownNameError("quantile rule", rule, RULES)
    values = checked_pnl(pnl)
    shares = checked_shares(weights, values.shape[-1])
    if shares is None:
        if rule in _BY_WEIGHT:
            return _hull(values, 1.0 - confidence)
        return _by_position(values, confidence, rule)
    if rule not in _BY_WEIGHT:
        raise UserInputError(
            f"The quantile rule {rule!r} knows no weights of scenarios.",
            hint="Use 'hull' or 'weighted', which honour them.",
        )
    return weighted_tail(values, 1.0 - confidence, shares)


def tails_at(
    pnl: ArrayLike, confidences: Sequence[float], weights: ArrayLike | None = None
) -> tuple[Tail, ...]:
    """VaR and ES at several confidences by the Hull rule, from one look for the worst scenarios."""
    tails = [1.0 - checked_confidence(confidence) for confidence in confidences]
    values = checked_pnl(pnl)
    shares = checked_shares(weights, values.shape[-1])
    if shares is not None:
        return tuple(weighted_tail(values, tail, shares) for tail in tails)
    count = values.shape[-1]
    losses = worst(values, max(_position(count, tail) for tail in tails))
    return tuple(_hull_of(losses, count, tail) for tail in tails)


def tails_of_worst(
    losses: FloatArray, count: int, confidences: Sequence[float]
) -> tuple[Tail, ...]:
    """The same from the largest of ``count`` losses, largest first: as many as the tails need."""
    return tuple(_hull_of(losses, count, 1.0 - each) for each in confidences)


def tail_position(count: int, confidence: float) -> int:
    """Which of ``count`` losses is VaR by the Hull rule: the first is the largest."""
    return _position(count, 1.0 - confidence)


def value_at_risk(
    pnl: ArrayLike, confidence: float, weights: ArrayLike | None = None, rule: str = "hull"
) -> FloatArray:
    """VaR alone."""
    return var_and_es(pnl, confidence, weights, rule).var


def expected_shortfall(
    pnl: ArrayLike, confidence: float, weights: ArrayLike | None = None, rule: str = "hull"
) -> FloatArray:
    """ES alone."""
    return var_and_es(pnl, confidence, weights, rule).es


def tail_count(count: int, tail: float) -> float:
    """How many of ``count`` scenarios are in the tail: a whole number where rounding hides one."""
    exact = count * tail
    nearest = float(round(exact))
    return nearest if abs(exact - nearest) <= _ROUNDING * max(1.0, nearest) else exact


def worst(values: FloatArray, count: int) -> FloatArray:
    """The ``count`` largest losses of each node, largest first."""
    if count < values.shape[-1]:
        values = np.partition(values, count - 1, axis=-1)[..., :count]
    return -np.sort(values, axis=-1)


def _hull(values: FloatArray, tail: float) -> Tail:
    count = values.shape[-1]
    return _hull_of(worst(values, _position(count, tail)), count, tail)


def _position(scenarios: int, tail: float) -> int:
    """Which loss is VaR: the first is the largest."""
    return min(max(math.ceil(tail_count(scenarios, tail)), 1), scenarios)


def _hull_of(losses: FloatArray, scenarios: int, tail: float) -> Tail:
    """From at least as many of the largest losses as the tail needs, largest first."""
    count = tail_count(scenarios, tail)
    position = _position(scenarios, tail)
    var = losses[..., position - 1]
    whole = min(math.floor(count), position)
    if count <= 1.0:
        return Tail(var, var.copy())
    beyond = losses[..., :whole].sum(axis=-1) + (count - whole) * var
    return _ordered(var, beyond / count)


def weighted_tail(values: FloatArray, tail: float, shares: FloatArray) -> Tail:
    """The Hull rule for weights that sum to 1; a scenario without weight is not there."""
    counted = shares > 0.0
    if not counted.all():
        values, shares = values[..., counted], shares[counted]
        if np.ptp(shares) <= _ROUNDING * shares[0]:
            return _hull(values, tail)
    order = _worst_order(values, shares, tail)
    weight = shares[order]
    losses = -np.take_along_axis(values, order, axis=-1)
    reached = np.cumsum(weight, axis=-1)
    enough = reached >= tail - (_ROUNDING * weight + 1e-15)
    # Rounding may leave the sum of all weights a little short.
    enough[..., -1] = True
    last = enough.argmax(axis=-1)[..., None]
    before = np.take_along_axis(reached - weight, last, axis=-1)
    var = np.take_along_axis(losses, last, axis=-1)
    used = np.where(np.arange(order.shape[-1]) < last, weight, 0.0)
    beyond = (used * losses).sum(axis=-1) + np.maximum(tail - before, 0.0)[..., 0] * var[..., 0]
    # One scenario alone reaches the tail: it is its own mean.
    alone = (last == 0)[..., 0]
    return _ordered(var[..., 0], np.where(alone, var[..., 0], beyond / tail))


def _worst_order(values: FloatArray, shares: FloatArray, tail: float) -> np.ndarray:
    """Places of the worst scenarios, worst first: as many as the tail can need, not all."""
    lightest = np.cumsum(np.sort(shares))
    most = min(int(np.searchsorted(lightest, tail * (1.0 + _ROUNDING))) + 2, shares.size)
    if 2 * most >= shares.size:
        return np.argsort(values, axis=-1, kind="stable")
    some = np.argpartition(values, most - 1, axis=-1)[..., :most]
    order = np.argsort(np.take_along_axis(values, some, axis=-1), axis=-1, kind="stable")
    return np.take_along_axis(some, order, axis=-1)


def _by_position(values: FloatArray, confidence: float, rule: str) -> Tail:
    """Quantiles by position (n-1)c; ES integrates them from there to the largest loss."""
    last = values.shape[-1] - 1
    place = tail_count(last, confidence)
    below = min(math.floor(place), last)
    part = place - below
    # Ascending from the loss at or below the position.
    losses = worst(values, last - below + 1)[..., ::-1]
    at, steps = losses[..., 0], losses[..., 1:]
    if place >= last:
        return Tail(at, at.copy())
    up = losses[..., 1]
    if rule == "interpolated":
        var = at + part * (up - at)
        middle = 0.5 * (steps[..., :-1] + steps[..., 1:]).sum(axis=-1)
        beyond = (1.0 - part) * 0.5 * (var + up) + middle
    elif rule == "higher":
        var = up if part > 0.0 else at
        beyond = (1.0 - part) * up + steps[..., 1:].sum(axis=-1)
    else:
        var = at
        beyond = (1.0 - part) * at + steps[..., :-1].sum(axis=-1)
    return _ordered(var, beyond / (last - place))


def _ordered(var: FloatArray, es: FloatArray) -> Tail:
    """A mean of losses of at least VaR may miss it by the last digit."""
    return Tail(np.asarray(var), np.maximum(es, var))
