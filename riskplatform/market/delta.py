"""Delta and strike: the two ways in which an option market names a point of the smile.

Formulas of Wystup, "FX Options and Structured Products" (2nd ed., section 1.5). Premium-adjusted
call deltas are not monotone in the strike; the branch of the higher strike is the market's.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray

# Halving an interval of a few standard deviations this often reaches the last bit of a double.
_HALVINGS = 64


class DeltaConvention(StrEnum):
    """Hedge in the spot or in the forward; with or without the premium in foreign currency."""

    FORWARD = "forward"
    SPOT = "spot"
    FORWARD_PREMIUM_ADJUSTED = "forward_premium_adjusted"
    SPOT_PREMIUM_ADJUSTED = "spot_premium_adjusted"

    @property
    def is_premium_adjusted(self) -> bool:
        return self in (self.FORWARD_PREMIUM_ADJUSTED, self.SPOT_PREMIUM_ADJUSTED)

    @property
    def is_spot(self) -> bool:
        return self in (self.SPOT, self.SPOT_PREMIUM_ADJUSTED)


class AtmConvention(StrEnum):
    """What "at the money" means."""

    DELTA_NEUTRAL = "delta_neutral"  # the straddle has no delta
    FORWARD = "forward"  # strike = forward


def delta_of_strike(
    strike: ArrayLike,
    forward: ArrayLike,
    deviation: ArrayLike,
    *,
    convention: DeltaConvention = DeltaConvention.FORWARD,
    foreign_discount: ArrayLike = 1.0,
    is_call: ArrayLike = True,
) -> FloatArray:
    """Delta of an option; ``deviation`` is volatility times the root of time.

    ``foreign_discount`` is the discount factor of the currency (or carry of the asset) bought;
    only spot deltas need it.
    """
    from scipy.special import ndtr

    moneyness = np.asarray(strike, dtype=float) / np.asarray(forward, dtype=float)
    sigma = np.asarray(deviation, dtype=float)
    sign = np.where(is_call, 1.0, -1.0)
    d1 = -np.log(moneyness) / sigma + sigma / 2
    if convention.is_premium_adjusted:
        delta = sign * moneyness * ndtr(sign * (d1 - sigma))
    else:
        delta = sign * ndtr(sign * d1)
    return np.asarray(delta * foreign_discount if convention.is_spot else delta)


def strike_from_delta(
    delta: ArrayLike,
    forward: ArrayLike,
    deviation: ArrayLike,
    *,
    convention: DeltaConvention = DeltaConvention.FORWARD,
    foreign_discount: ArrayLike = 1.0,
) -> FloatArray:
    """The strike with this delta: a call's when positive, a put's when negative."""
    from scipy.special import ndtri

    signed = np.asarray(delta, dtype=float)
    if convention.is_spot:
        signed = signed / np.asarray(foreign_discount, dtype=float)
    if (signed == 0).any() or (np.abs(signed) >= 1).any():
        raise UserInputError(
            f"No strike has the forward delta {signed.tolist()}.",
            hint="Deltas lie between -1 and 1 and are not 0; 25 delta is written 0.25.",
        )
    sigma = np.asarray(deviation, dtype=float)
    signed, sigma = np.broadcast_arrays(signed, sigma)
    sign = np.sign(signed)
    unadjusted = sigma**2 / 2 - sign * sigma * ndtri(np.abs(signed))
    if convention.is_premium_adjusted:
        log_moneyness = _premium_adjusted(signed, sigma, unadjusted)
    else:
        log_moneyness = unadjusted
    return np.asarray(np.asarray(forward, dtype=float) * np.exp(log_moneyness))


def atm_strike(
    forward: ArrayLike,
    deviation: ArrayLike,
    *,
    atm: AtmConvention = AtmConvention.DELTA_NEUTRAL,
    is_premium_adjusted: bool = False,
) -> FloatArray:
    """The strike that is called at the money."""
    level = np.asarray(forward, dtype=float)
    if atm is AtmConvention.FORWARD:
        return level + 0.0 * np.asarray(deviation, dtype=float)
    sign = -1.0 if is_premium_adjusted else 1.0
    return np.asarray(level * np.exp(sign * np.asarray(deviation, dtype=float) ** 2 / 2))


def _premium_adjusted(delta: FloatArray, sigma: FloatArray, unadjusted: FloatArray) -> FloatArray:
    """Log-moneyness with a premium-adjusted forward delta, by halving in the valid bracket."""
    from scipy.special import ndtr

    is_call = delta > 0
    # The premium makes the adjusted delta smaller for calls and larger (in size) for puts, so
    # the strike lies below the unadjusted one; a call's lies above the strike of largest delta.
    high = unadjusted
    low = np.where(is_call, _largest_call_delta(sigma), unadjusted - 2 * sigma * (4 + sigma))
    sign = np.where(is_call, 1.0, -1.0)
    size = np.abs(delta)

    def delta_at(k: FloatArray) -> FloatArray:
        return np.asarray(np.exp(k) * ndtr(sign * (-k / sigma - sigma / 2)))

    unreachable = is_call & (delta_at(low) < size)
    if unreachable.any():
        raise UserInputError(
            f"No call has the premium-adjusted delta {delta[unreachable].tolist()}.",
            hint=f"The largest possible here is {float(delta_at(low)[unreachable].min()):.4f}.",
        )
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        # Calls lose delta as the strike rises on this branch; puts gain.
        go_up = (delta_at(middle) > size) == is_call
        low, high = np.where(go_up, middle, low), np.where(go_up, high, middle)
    return np.asarray((low + high) / 2)


def _largest_call_delta(sigma: FloatArray) -> FloatArray:
    """Log-moneyness where the premium-adjusted call delta peaks: sigma N(d2) = n(d2)."""
    from scipy.special import log_ndtr

    low, high = np.full(sigma.shape, -12.0), np.full(sigma.shape, 12.0)
    for _ in range(_HALVINGS):
        d2 = (low + high) / 2
        # Mills' ratio n/N falls in d2; compared in logarithms it does not underflow.
        too_low = -(d2**2) / 2 - np.log(2 * np.pi) / 2 - log_ndtr(d2) > np.log(sigma)
        low, high = np.where(too_low, d2, low), np.where(too_low, high, d2)
    return np.asarray(-(low + high) / 2 * sigma - sigma**2 / 2)
