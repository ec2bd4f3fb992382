"""The early-exercise boundary of an American put by spectral collocation.

Andersen, Lake and Offengenden (2016), "High-performance American option pricing", Journal of
Computational Finance 20(1): the boundary B(τ) solves an integral equation, in one of two forms
(their systems A and B), which is iterated as a fixed point at Chebyshev nodes of √τ, in the
variable log²(B/B(0+)), which is nearly linear. The first guess is Li's QD+ equation
(2010, Review of Derivatives Research 13), solved by Halley steps. The strike is 1; the interest
rate is not negative.
"""

from __future__ import annotations

import math

from riskplatform.pricing.options.american_scheme import Scheme
from riskplatform.pricing.options.compiled import compiled, regrouped
from riskplatform.pricing.options.special import (
    INVERSE_ROOT_TWO_PI,
    cdf,
    pdf,
    quick_cdf,
    quick_exp,
    quick_tail,
)
from riskplatform.pricing.options.status import FloatArray

# A round that moves the logarithm of the boundary by less than this was the last.
SETTLED = 1e-11
_HALLEY_STEPS = 3
# Found by trial: above this drift over half the variance, rounds of system A may swing.
_DRIFT_THAT_SWINGS = 4.0
_ROUNDS_OF_B = 2


@compiled
def boundary_at_expiry(rate: float, carry_yield: float) -> float:
    """B(0+): where the interest on the strike pays for the dividend."""
    return 1.0 if carry_yield <= rate else rate / carry_yield


@regrouped
def solve_boundary(
    time: float,
    vol: float,
    rate: float,
    carry_yield: float,
    scheme: Scheme,
    boundary: FloatArray,
    work: FloatArray,
) -> None:
    """Fill ``boundary`` [node]; ``work`` is [5, node × sample].

    System A settles faster, but where the drift is strong against the variance its rounds swing
    and grow; there system B is used.
    """
    top = boundary_at_expiry(rate, carry_yield)
    for i in range(boundary.size):
        tau = time * scheme.nodes[i] * scheme.nodes[i]
        boundary[i] = _guess(tau, vol, rate, carry_yield, top)
    _prepare(time, vol, rate, carry_yield, scheme, work)
    if 2.0 * (rate - carry_yield) > _DRIFT_THAT_SWINGS * vol * vol:
        for _ in range(_ROUNDS_OF_B * scheme.rounds):
            if _round_b(time, vol, rate, carry_yield, scheme, boundary, work) < SETTLED:
                break
        return
    for _ in range(scheme.rounds):
        if _round_a(time, vol, rate, carry_yield, scheme, boundary, work) < SETTLED:
            break


@compiled
def _guess(tau: float, vol: float, rate: float, carry_yield: float, top: float) -> float:
    """Halley steps on QD+, from a curve between B(0+) and the perpetual boundary."""
    variance = vol * vol
    carry = rate - carry_yield
    omega = 2.0 * carry / variance
    v = vol * math.sqrt(tau)
    dr, dq = quick_exp(-rate * tau), quick_exp(-carry_yield * tau)
    slope = 0.5 * (1.0 - omega - math.sqrt((omega - 1.0) ** 2 + 8.0 * rate / variance))
    perpetual = min(slope / (slope - 1.0), top)
    # The rate over 1 - dr, whose limit is 1 / tau.
    rh = rate / (1.0 - dr) if rate * tau > 1e-9 else 1.0 / tau
    root = math.sqrt((omega - 1.0) ** 2 + 8.0 * rh / variance)
    bend = -2.0 / (variance * root)
    beta = bend * dr * rh * (1.0 - 2.0 * rh / (variance * root * root))
    beta -= 0.5 * (1.0 - omega - root)
    decay = quick_exp(min(carry * tau - 2.0 * v, 0.0) / max(1.0 - perpetual, 0.05))
    x = max(perpetual + (top - perpetual) * decay, 1e-12)
    for _ in range(_HALLEY_STEPS):
        dp = (math.log(x) + carry * tau) / v + 0.5 * v
        dm = dp - v
        below_p, below_m = quick_cdf(-dp), quick_cdf(-dm)
        density = INVERSE_ROOT_TWO_PI * quick_exp(-0.5 * dp * dp)
        put = dr * below_m - x * dq * below_p
        theta = rate * dr * below_m - carry_yield * x * dq * below_p
        theta -= 0.5 * variance * x / v * dq * density
        charm = -dq * (density * (carry / v - 0.5 * dm / tau) + carry_yield * below_p)
        gamma = density * dq / (v * x)
        colour = gamma * (carry_yield + carry * dp / v + 0.5 * (1.0 - dp * dm) / tau)
        f = x * (1.0 - dq * below_p) - beta * (1.0 - x - put) + bend * theta
        f1 = (1.0 - dq * below_p) * (1.0 + beta) + dq * density / v + bend * charm
        f2 = dq * density / (x * v) * (1.0 - dp / v) + beta * gamma + bend * colour
        step = f / f1
        step /= max(1.0 - 0.5 * step * f2 / f1, 0.5)
        x = min(max(x - step, 0.25 * x), top * (1.0 - 1e-9))
    return max(x, 1e-12)


@regrouped
def _prepare(
    time: float, vol: float, rate: float, carry_yield: float, scheme: Scheme, work: FloatArray
) -> None:
    """What the rounds share at each sample: deviation, drift, and the discounted weight."""
    deviation = vol * math.sqrt(time)
    drift = (rate - carry_yield) * math.sqrt(time) / vol + 0.5 * deviation
    for k in range(scheme.inner_elapsed.size):
        elapsed = scheme.inner_elapsed[k]
        work[1, k] = 1.0 / (deviation * elapsed)
        work[2, k] = drift * elapsed
        discount = quick_exp(-carry_yield * time * elapsed * elapsed)
        work[3, k] = scheme.inner_weights[k] * discount
        discount = quick_exp(-rate * time * elapsed * elapsed)
        work[4, k] = scheme.inner_weights[k] * discount


@regrouped
def carry_to_samples(
    boundary: FloatArray, top: float, matrix: FloatArray, log_ratio: FloatArray
) -> None:
    """Fill ``log_ratio`` with log(top / B) at the samples of ``matrix``."""
    log_ratio[:] = 0.0
    for j in range(boundary.size):
        height = math.log(top / boundary[j]) ** 2
        for k in range(log_ratio.size):
            log_ratio[k] += matrix[j, k] * height
    for k in range(log_ratio.size):
        log_ratio[k] = math.sqrt(max(log_ratio[k], 0.0))


@regrouped
def _round_a(
    time: float,
    vol: float,
    rate: float,
    carry_yield: float,
    scheme: Scheme,
    boundary: FloatArray,
    work: FloatArray,
) -> float:
    """One round of system A at all nodes, by Newton; how far log B moved at most."""
    top = boundary_at_expiry(rate, carry_yield)
    carry_to_samples(boundary, top, scheme.inner_matrix, work[0])
    samples = work.shape[1] // boundary.size
    worst = 0.0
    for i in range(boundary.size):
        b = boundary[i]
        tau = time * scheme.nodes[i] * scheme.nodes[i]
        v = vol * math.sqrt(tau)
        span = 2.0 * time * scheme.nodes[i]
        pull = 2.0 * math.sqrt(time) * scheme.nodes[i] / vol * INVERSE_ROOT_TWO_PI
        log_b = math.log(b / top)
        held, pulled = 0.0, 0.0
        for k in range(i * samples, (i + 1) * samples):
            d = (log_b + work[0, k]) * work[1, k] + work[2, k]
            kernel = quick_exp(-0.5 * d * d)
            tail = quick_tail(abs(d), kernel)
            below = tail if d < 0.0 else 1.0 - tail
            held += work[3, k] * (below * scheme.inner_elapsed[k] * span + pull * kernel)
            pulled += work[3, k] * pull * kernel * quick_exp(work[0, k])
        d1 = (math.log(b) + (rate - carry_yield) * tau) / v + 0.5 * v
        d2 = d1 - v
        p1, p2 = pdf(d1) / v, pdf(d2) / v
        top_part = p2 + rate * pulled * quick_exp(rate * tau) * b / top
        bottom = p1 + cdf(d1) + carry_yield * held * quick_exp(carry_yield * tau)
        scale = quick_exp((carry_yield - rate) * tau) / bottom
        found = scale * top_part
        steep = scale * (-p2 * d2 - found / scale / bottom * p1 * (v - d1)) / (b * v)
        better = b - (found - b) / (steep - 1.0)
        better = min(max(better, 0.25 * b), top * (1.0 - 1e-12))
        worst = max(worst, abs(math.log(better / b)))
        boundary[i] = better
    return worst


@regrouped
def _round_b(
    time: float,
    vol: float,
    rate: float,
    carry_yield: float,
    scheme: Scheme,
    boundary: FloatArray,
    work: FloatArray,
) -> float:
    """One round of system B: slower, and steady where the drift is strong."""
    top = boundary_at_expiry(rate, carry_yield)
    carry_to_samples(boundary, top, scheme.inner_matrix, work[0])
    samples = work.shape[1] // boundary.size
    worst = 0.0
    for i in range(boundary.size):
        b = boundary[i]
        tau = time * scheme.nodes[i] * scheme.nodes[i]
        v = vol * math.sqrt(tau)
        log_b = math.log(b / top)
        held, lent = 0.0, 0.0
        for k in range(i * samples, (i + 1) * samples):
            d = (log_b + work[0, k]) * work[1, k] + work[2, k]
            below, paid = quick_cdf(d), quick_cdf(d - 1.0 / work[1, k])
            held += work[3, k] * scheme.inner_elapsed[k] * below
            lent += work[4, k] * scheme.inner_elapsed[k] * paid
        span = 2.0 * time * scheme.nodes[i]
        d1 = (math.log(b) + (rate - carry_yield) * tau) / v + 0.5 * v
        d2 = d1 - v
        above = cdf(d2) + rate * lent * span * quick_exp(rate * tau)
        bottom = cdf(d1) + carry_yield * held * span * quick_exp(carry_yield * tau)
        scale = quick_exp((carry_yield - rate) * tau) / bottom
        found = scale * above
        steep = scale * (pdf(d2) - above / bottom * pdf(d1)) / (b * v)
        better = b - (found - b) / (steep - 1.0)
        better = min(max(better, 0.25 * b), top * (1.0 - 1e-12))
        worst = max(worst, abs(math.log(better / b)))
        boundary[i] = better
    return worst
