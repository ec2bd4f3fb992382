"""The formulas again in plain NumPy and SciPy, for tests to compare the kernels with.

Slow, without statuses, for valid inputs only. Plain European options, barriers and American
options have their twins in :mod:`riskplatform.pricing.formulas`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import ndtr

from riskplatform.pricing.formulas.black import black
from riskplatform.pricing.options.status import FloatArray


def _density(x: FloatArray) -> FloatArray:
    return np.asarray(np.exp(-0.5 * x * x) / np.sqrt(2.0 * np.pi))


def _arrays(*columns: ArrayLike) -> list[FloatArray]:
    return [np.asarray(column, dtype=np.float64) for column in columns]


def vanilla_greeks(
    spot: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    vol: ArrayLike,
    rate: ArrayLike,
    carry_yield: ArrayLike,
    is_call: ArrayLike,
) -> dict[str, FloatArray]:
    """The textbook formulas of Black, Scholes and Merton on the spot, by name."""
    S, K, T, v, r, q = _arrays(spot, strike, time, vol, rate, carry_yield)
    sign = np.where(is_call, 1.0, -1.0)
    root = np.sqrt(T)
    d1 = (np.log(S / K) + (r - q + 0.5 * v * v) * T) / (v * root)
    d2 = d1 - v * root
    carried, paid = S * np.exp(-q * T), K * np.exp(-r * T)
    n1, n2 = ndtr(sign * d1), ndtr(sign * d2)
    vega = carried * _density(d1) * root
    return {
        "price": sign * (carried * n1 - paid * n2),
        "delta": sign * np.exp(-q * T) * n1,
        "gamma": np.exp(-q * T) * _density(d1) / (S * v * root),
        "vega": vega,
        "theta": -0.5 * vega * v / T + sign * (q * carried * n1 - r * paid * n2),
        "rho": sign * T * paid * n2,
        "dividend_rho": -sign * T * carried * n1,
        "vanna": -np.exp(-q * T) * _density(d1) * d2 / v,
        "volga": vega * d1 * d2 / v,
    }


def bachelier_price(
    forward: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    vol: ArrayLike,
    discount: ArrayLike,
    is_call: ArrayLike,
) -> FloatArray:
    """Bachelier's formula."""
    F, K, T, v, df = _arrays(forward, strike, time, vol, discount)
    sign = np.where(is_call, 1.0, -1.0)
    deviation = v * np.sqrt(T)
    d = sign * (F - K) / deviation
    return np.asarray(df * (sign * (F - K) * ndtr(d) + deviation * _density(d)))


def implied_vol(
    price: float, forward: float, strike: float, time: float, discount: float, is_call: bool
) -> float:
    """The Black volatility by bisection and secants."""

    def miss(vol: float) -> float:
        found = black(forward, strike, vol * np.sqrt(time), discount, is_call)
        return float(found) - price

    return float(brentq(miss, 1e-6, 20.0, xtol=1e-15, rtol=1e-14))


def binary(
    spot: ArrayLike,
    trigger: ArrayLike,
    time: ArrayLike,
    vol: ArrayLike,
    rate: ArrayLike,
    carry_yield: ArrayLike,
    is_call: ArrayLike,
) -> tuple[FloatArray, FloatArray]:
    """One unit of cash, and one unit of the asset, beyond the trigger."""
    S, K, T, v, r, q = _arrays(spot, trigger, time, vol, rate, carry_yield)
    sign = np.where(is_call, 1.0, -1.0)
    d1 = (np.log(S / K) + (r - q + 0.5 * v * v) * T) / (v * np.sqrt(T))
    cash = np.exp(-r * T) * ndtr(sign * (d1 - v * np.sqrt(T)))
    return np.asarray(cash), np.asarray(S * np.exp(-q * T) * ndtr(sign * d1))


def paid_at_touch(
    spot: float, barrier: float, time: float, vol: float, rate: float, carry_yield: float
) -> float:
    """One unit when the barrier is touched: the density of the first passage, integrated."""
    distance = np.log(barrier / spot)
    drift = rate - carry_yield - 0.5 * vol * vol

    def paid(x: float) -> float:
        # x = 1 / √t makes the density a bell.
        t = 1.0 / (x * x)
        bell = np.exp(-0.5 * (distance - drift * t) ** 2 / (vol * vol * t))
        return float(np.exp(-rate * t) * bell * 2.0 * abs(distance) / (vol * np.sqrt(2.0 * np.pi)))

    found, _ = quad(paid, 1.0 / np.sqrt(time), np.inf, epsabs=1e-13, epsrel=1e-12, limit=400)
    return float(found)


def geometric_asian(
    spot: float,
    strike: float,
    time: float,
    vol: float,
    rate: float,
    carry_yield: float,
    is_call: bool,
    times: FloatArray,
) -> float:
    """A geometric average over any fixing times, from the covariance of the log-spots."""
    drift = (rate - carry_yield - 0.5 * vol * vol) * times.mean()
    variance = vol * vol * np.minimum.outer(times, times).mean()
    forward = spot * np.exp(drift + 0.5 * variance)
    return float(black(forward, strike, np.sqrt(variance), np.exp(-rate * time), is_call))


def expected_beyond(
    spot: float, level: float, time: float, vol: float, carry: float, above: bool
) -> float:
    """E[max - level]⁺ or E[level - min]⁺: the chance that the extreme is beyond, integrated."""
    drift, deviation = carry - 0.5 * vol * vol, vol * np.sqrt(time)
    eta = 1.0 if above else -1.0

    def chance(y: float) -> float:
        d = np.log(y / spot)
        direct = ndtr(eta * (drift * time - d) / deviation)
        image = np.exp(2.0 * drift * d / (vol * vol)) * ndtr(-eta * (d + drift * time) / deviation)
        return float(direct + image)

    end = spot * np.exp(eta * (12.0 * deviation + abs(drift) * time))
    low, high = (level, max(end, level)) if above else (min(end, level), level)
    found, _ = quad(chance, low, high, epsabs=1e-12, epsrel=1e-12, limit=400)
    return float(found)


def heston_call(
    spot: float,
    strike: float,
    time: float,
    rate: float,
    carry_yield: float,
    *,
    v0: float,
    kappa: float,
    theta: float,
    sigma: float,
    rho: float,
) -> float:
    """Heston's own two probabilities (1993), in the stable form, by adaptive quadrature."""
    x = np.log(spot / strike) + (rate - carry_yield) * time

    def probability(j: int) -> float:
        b = kappa - rho * sigma if j == 1 else kappa
        w = 0.5 if j == 1 else -0.5

        def integrand(u: float) -> float:
            a = b - rho * sigma * 1j * u
            d = np.sqrt(a * a - sigma * sigma * (2.0 * w * 1j * u - u * u))
            g = (a - d) / (a + d)
            fade = np.exp(-d * time)
            level = (a - d) * time - 2.0 * np.log((1.0 - g * fade) / (1.0 - g))
            power = kappa * theta / sigma**2 * level
            power += v0 / sigma**2 * (a - d) * (1.0 - fade) / (1.0 - g * fade)
            return float((np.exp(power + 1j * u * x) / (1j * u)).real)

        found, _ = quad(integrand, 1e-10, 400.0, epsabs=1e-11, epsrel=1e-11, limit=1000)
        return float(0.5 + found / np.pi)

    now, then = spot * np.exp(-carry_yield * time), strike * np.exp(-rate * time)
    return float(now * probability(1) - then * probability(2))


def fair_variance(
    spot: float, time: float, rate: float, strikes: FloatArray, vols: FloatArray, boundary: float
) -> float:
    """Demeterfi and others (1999), appendix A, without dividends."""
    payoff = 2.0 / time * ((strikes - boundary) / boundary - np.log(strikes / boundary))
    slopes = np.diff(payoff) / np.diff(strikes)
    middle = int(np.flatnonzero(strikes == boundary)[0])
    calls = np.diff(slopes[middle:], prepend=0.0)
    puts = np.diff(-slopes[:middle][::-1], prepend=0.0)[::-1]
    discount = np.exp(-rate * time)
    value = 0.0
    for weights, legs, is_call in (
        (calls, slice(middle, -1), True),
        (puts, slice(1, middle + 1), False),
    ):
        price = black(spot / discount, strikes[legs], vols[legs] * np.sqrt(time), discount, is_call)
        value += float(weights @ price)
    drift = rate * time - (spot / (discount * boundary) - 1.0) - np.log(boundary / spot)
    return float(2.0 / time * drift + value / discount)
