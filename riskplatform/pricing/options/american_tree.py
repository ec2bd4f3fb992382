"""American options on a Leisen-Reimer lattice, compiled: the method for two boundaries.

With carry_yield < rate < 0 a put is exercised between two boundaries, which the spectral method
does not know. Leisen and Reimer (1996), Applied Mathematical Finance 3. Slower by two orders.
The error grows with vol × √time and stays below 1e-4 of spot against 2,001 steps
(tests/pricing/options/test_american.py).
"""

from __future__ import annotations

import math

import numpy as np

from riskplatform.pricing.options.compiled import compiled

# Odd, so that the strike lies between two last nodes.
STEPS = 401


@compiled
def _peizer_pratt(z: float, steps: int) -> float:
    """The binomial probability whose draws are centred like Φ(z)."""
    scaled = z / (steps + 1.0 / 3.0 + 0.1 / (steps + 1.0))
    spread = math.sqrt(0.25 - 0.25 * math.exp(-scaled * scaled * (steps + 1.0 / 6.0)))
    # A chance of exactly 0 or 1 would divide by zero; one in 1e15 prices the same.
    return min(max(0.5 + math.copysign(spread, z), 1e-15), 1.0 - 1e-15)


@compiled
def tree_put(spot: float, time: float, vol: float, rate: float, carry_yield: float) -> float:
    """An American put with strike 1; time and volatility are positive."""
    steps = STEPS
    dt = time / steps
    deviation = vol * math.sqrt(time)
    d2 = (math.log(spot) + (rate - carry_yield) * time) / deviation - 0.5 * deviation
    chance = _peizer_pratt(d2, steps)
    growth = math.exp((rate - carry_yield) * dt)
    up = growth * _peizer_pratt(d2 + deviation, steps) / chance
    down = (growth - chance * up) / (1.0 - chance)
    discount = math.exp(-rate * dt)
    to_up, to_down = discount * chance, discount * (1.0 - chance)
    log_up, log_down = math.log(up), math.log(down)
    level, value = np.empty(steps + 1), np.empty(steps + 1)
    for j in range(steps + 1):
        level[j] = spot * math.exp(j * log_up + (steps - j) * log_down)
        value[j] = max(1.0 - level[j], 0.0)
    for step in range(steps, 0, -1):
        for j in range(step):
            level[j] /= down
            value[j] = max(to_up * value[j + 1] + to_down * value[j], 1.0 - level[j])
    return float(value[0])
