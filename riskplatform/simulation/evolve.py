"""Moves over several days whose volatility follows each day's shock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from riskplatform.factors.garch.model import GarchParameters
from riskplatform.market.content import FloatArray
from riskplatform.simulation.garch import next_variance
from riskplatform.simulation.kinds import MoveKind, add_day


def evolved(
    innovations: Iterable[FloatArray],
    parameters: GarchParameters,
    variance: FloatArray,
    kinds: Sequence[MoveKind],
) -> FloatArray:
    """The move over all days; ``innovations`` gives each day's unit shocks [scenario, factor].

    ``variance`` [factor] is that of the first day.
    """
    total: FloatArray | None = None
    current: FloatArray = variance[None, :]
    for units in innovations:
        shocks = np.sqrt(current) * units
        current = next_variance(parameters, shocks, current)
        shocks += parameters.mean
        if total is None:
            total = shocks
        else:
            add_day(total, shocks, kinds)
    if total is None:
        raise ValueError("A path needs at least one day.")
    return total
