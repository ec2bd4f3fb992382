"""Markets of published examples."""

from __future__ import annotations

import numpy as np


def he_litterman() -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
    """Seven countries of He and Litterman (1999): names, covariance, market weights."""
    rows = [
        [0.488],
        [0.478, 0.664],
        [0.515, 0.655, 0.861],
        [0.439, 0.310, 0.355, 0.354],
        [0.512, 0.608, 0.783, 0.777, 0.405],
        [0.491, 0.779, 0.668, 0.653, 0.306, 0.652],
    ]
    correlation = np.eye(7)
    for place, row in enumerate(rows, start=1):
        correlation[place, :place] = correlation[:place, place] = row
    deviation = np.array([16.0, 20.3, 24.8, 27.1, 21.0, 20.0, 18.7]) / 100
    weights = np.array([1.6, 2.2, 5.2, 5.5, 11.6, 12.4, 61.5]) / 100
    names = ("AU", "CA", "FR", "DE", "JP", "UK", "US")
    return names, np.outer(deviation, deviation) * correlation, weights


def idzorek() -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
    """Eight asset classes of Idzorek (2005): names, covariance, market weights."""
    rows = [
        [0.001005, 0.001328, -0.000579, -0.000675, 0.000121, 0.000128, -0.000445, -0.000437],
        [0.007277, -0.001307, -0.000610, -0.002237, -0.000989, 0.001442, -0.001535],
        [0.059852, 0.027588, 0.063497, 0.023036, 0.032967, 0.048039],
        [0.029609, 0.026572, 0.021465, 0.020697, 0.029854],
        [0.102488, 0.042744, 0.039943, 0.065994],
        [0.032056, 0.019881, 0.032235],
        [0.028355, 0.035064],
        [0.079958],
    ]
    sigma = np.zeros((8, 8))
    for place, row in enumerate(rows):
        sigma[place, place:] = sigma[place:, place] = row
    weights = np.array([19.34, 26.13, 12.09, 12.09, 1.34, 1.34, 24.18, 3.49]) / 100
    names = ("US bonds", "intl bonds", "US LG", "US LV", "US SG", "US SV", "intl dev", "intl emg")
    return names, sigma, weights


def markowitz_todd() -> tuple[np.ndarray, np.ndarray]:
    """Ten assets of Markowitz and Todd (2000), as used by Bailey and López de Prado (2013)."""
    mu = np.array([1.175, 1.19, 0.396, 1.12, 0.346, 0.679, 0.089, 0.73, 0.481, 1.08])
    rows = [
        [0.40755159],
        [0.03175842, 0.9063047],
        [0.05183923, 0.03136385, 0.19490901],
        [0.05663904, 0.02687256, 0.04408485, 0.19528471],
        [0.0330226, 0.01917172, 0.03006772, 0.02777345, 0.34059105],
        [0.00827775, 0.00934384, 0.01322738, 0.00526665, 0.00777055, 0.15983874],
        [0.02165938, 0.02495043, 0.03525971, 0.01375808, 0.02067844, 0.02105575, 0.68056711],
        [0.01332419, 0.00761036, 0.0115493, 0.00780878, 0.00736409, 0.00518686, 0.01377882,
         0.95526918],
        [0.0343476, 0.02874874, 0.0427563, 0.02914176, 0.02542657, 0.01723737, 0.04627027,
         0.0106553, 0.31681584],
        [0.02249903, 0.01336866, 0.02057303, 0.01640377, 0.01284075, 0.00723779, 0.01926088,
         0.00760955, 0.01854318, 0.11079287],
    ]  # fmt: skip
    sigma = np.zeros((10, 10))
    for place, row in enumerate(rows):
        sigma[place, : place + 1] = sigma[: place + 1, place] = row
    return mu, sigma
