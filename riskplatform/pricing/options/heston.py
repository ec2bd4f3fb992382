"""European options with Heston's stochastic variance, by one Fourier integral.

Lewis (2001): with the characteristic function on the line of imaginary part -1/2 the integrand
decays and the payoff's pole is far. The characteristic function is in the form of Albrecher and
others (2007), "The little Heston trap", which never leaves the principal branch. The error is
absolute, about 1e-11 of spot (tests/pricing/options/test_heston.py).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskplatform.pricing.options.black import spot_status
from riskplatform.pricing.options.compiled import compiled
from riskplatform.pricing.options.run import run
from riskplatform.pricing.options.status import FloatArray, Priced, Status, StatusArray

_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(32)
# log of how small the integrand is where the integral is cut off.
_NEGLIGIBLE = -36.0
_MOST_PANELS = 2048.0
_BAD_PARAMETER = int(Status.BAD_PARAMETER)
_BAD_SPOT = int(Status.BAD_SPOT)
_NOT_CONVERGED = int(Status.NOT_CONVERGED)
_OVERFLOW = int(Status.OVERFLOW)


@compiled
def _log_characteristic(
    u: float, t: float, v0: float, kappa: float, theta: float, sigma: float, rho: float
) -> complex:
    """log E[exp(i z X)] at z = u - i/2, X the log of spot over forward."""
    half = 0.5 * sigma
    b = kappa - rho * half - 1j * rho * sigma * u
    d = np.sqrt(b * b + sigma * sigma * (u * u + 0.25))
    # (b - d) without cancellation where sigma is small.
    low = -sigma * sigma * (u * u + 0.25) / (b + d)
    g = low / (b + d)
    fade = np.exp(-d * t)
    spread = np.log((1.0 - g * fade) / (1.0 - g))
    level = kappa * theta * (low * t - 2.0 * spread) / (sigma * sigma)
    moving = v0 * low / (sigma * sigma) * (1.0 - fade) / (1.0 - g * fade)
    return complex(level + moving)


@compiled
def _integral(
    x: float,
    t: float,
    v0: float,
    kappa: float,
    theta: float,
    sigma: float,
    rho: float,
) -> float:
    """∫ Re[exp(i u x) φ(u - i/2)] / (u² + 1/4) du from 0; NaN where it needs too many panels."""
    end = 4.0
    while _log_characteristic(end, t, v0, kappa, theta, sigma, rho).real > _NEGLIGIBLE + (
        2.0 * math.log(end)
    ):
        end *= 1.5
        if end > 1e7:
            return math.nan
    # Squares crowd the panels where the integrand moves; each turn of the wave gets half a panel.
    panels = math.ceil(8.0 + 2.0 * math.log2(end) + end * abs(x) / 6.0)
    if panels > _MOST_PANELS:
        return math.nan
    total = 0.0
    for j in range(int(panels)):
        for k in range(_POINTS.size):
            share = (j + 0.5 * (1.0 + _POINTS[k])) / panels
            u = end * share * share
            power = _log_characteristic(u, t, v0, kappa, theta, sigma, rho) + 1j * u * x
            height = math.exp(power.real) * math.cos(power.imag) / (u * u + 0.25)
            total += _WEIGHTS[k] * share * height
    return total * end / panels


@compiled
def _kernel(
    spot: FloatArray,
    strike: FloatArray,
    time: FloatArray,
    rate: FloatArray,
    carry_yield: FloatArray,
    v0: FloatArray,
    kappa: FloatArray,
    theta: FloatArray,
    sigma: FloatArray,
    rho: FloatArray,
    is_call: NDArray[np.bool_],
    values: FloatArray,
    status: StatusArray,
) -> None:
    for i in range(spot.size):
        s, k, t, r, q = spot[i], strike[i], max(time[i], 0.0), rate[i], carry_yield[i]
        others = v0[i] + kappa[i] + theta[i] + sigma[i] + rho[i]
        status[i] = spot_status(s, k, time[i] + others, 0.0, r, q)
        is_valid = v0[i] >= 0.0 and kappa[i] >= 0.0 and theta[i] >= 0.0 and sigma[i] > 0.0
        if status[i] == 0 and not (s > 0.0 and k > 0.0):
            status[i] = _BAD_SPOT
        elif status[i] == 0 and not (is_valid and abs(rho[i]) <= 1.0):
            status[i] = _BAD_PARAMETER
        if status[i] != 0:
            continue
        now, then = s * math.exp(-q * t), k * math.exp(-r * t)
        sign = 1.0 if is_call[i] else -1.0
        value = max(sign * (now - then), 0.0)
        if t > 0.0 and v0[i] + kappa[i] * theta[i] > 0.0:
            found = _integral(math.log(now / then), t, v0[i], kappa[i], theta[i], sigma[i], rho[i])
            if not math.isfinite(found):
                status[i] = _NOT_CONVERGED
                continue
            call = now - math.sqrt(now * then) * found / math.pi
            value = max(call if is_call[i] else call - now + then, value)
        if math.isfinite(value):
            values[0, i] = value
        else:
            status[i] = _OVERFLOW


def heston_price(
    spot: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    rate: ArrayLike,
    carry_yield: ArrayLike,
    *,
    v0: ArrayLike,
    kappa: ArrayLike,
    theta: ArrayLike,
    sigma: ArrayLike,
    rho: ArrayLike,
    is_call: ArrayLike,
    threads: int | None = None,
) -> Priced:
    """Prices; variance starts at ``v0``, returns to ``theta`` at speed ``kappa``, and has the
    volatility ``sigma`` and the correlation ``rho`` with the spot."""
    numbers = (spot, strike, time, rate, carry_yield, v0, kappa, theta, sigma, rho)
    values, status = run(_kernel, numbers, (is_call,), threads=threads)
    return Priced(values[0], status)
