"""Where a mesh or a grid has its points: dense where the value bends."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from riskplatform.pricing.options.status import FloatArray

# Enough that the inverse of the density is smooth between points.
_FINE = 8001


def concentrated(
    low: float, high: float, centres: Sequence[float], width: float, count: int
) -> FloatArray:
    """``count`` increasing points from low to high, dense within ``width`` of each centre.

    A centre inside is exactly a point: a kink between two points would be smeared.
    """
    fine = np.linspace(low, high, _FINE)
    inside = [centre for centre in centres if low <= centre <= high] or [0.5 * (low + high)]
    density = (1.0 / np.hypot(width, fine - np.array(inside)[:, None])).sum(axis=0)
    weight = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]))])
    points = np.interp(np.linspace(0.0, weight[-1], count), weight, fine)
    points[0], points[-1] = low, high
    for centre in inside:
        nearest = int(np.abs(points - centre).argmin())
        if 0 < nearest < count - 1:
            points[nearest] = centre
    return points


def reach(vol: float, time: float, drift: float, deviations: float) -> float:
    """How far log-spot may go: so many deviations and the drift."""
    return deviations * vol * math.sqrt(time) + abs(drift) * time
