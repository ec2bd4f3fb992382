"""Curves through the points of a smile, many smiles at once.

Each row of ``nodes`` is one smile with its own positions. Every method is a cubic Hermite spline
that differs only in its slopes at the nodes, so that a compiled engine needs one evaluator.
Beyond the first and last node the value is flat.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskplatform.market.content import FloatArray


class SmileInterpolation(StrEnum):
    """How a smile runs between its points."""

    NATURAL_CUBIC = "natural_cubic"  # twice differentiable: a smooth density
    MONOTONE = "monotone"  # Fritsch-Butland slopes: never beyond the neighbouring points
    LINEAR = "linear"


def evaluate(
    nodes: FloatArray,
    values: FloatArray,
    rows: NDArray[np.intp],
    x: FloatArray,
    method: SmileInterpolation,
) -> FloatArray:
    """The value at ``x[i]`` of the smile in row ``rows[i]``."""
    count = nodes.shape[1]
    if count == 1:
        return np.asarray(values[rows, 0])
    position = np.clip(x, nodes[rows, 0], nodes[rows, -1])
    left = _segment(nodes, rows, position)
    x0, x1 = nodes[rows, left], nodes[rows, left + 1]
    y0, y1 = values[rows, left], values[rows, left + 1]
    width = x1 - x0
    u = (position - x0) / width
    if method is SmileInterpolation.LINEAR:
        return np.asarray(y0 + u * (y1 - y0))
    slopes = node_slopes(nodes, values, method)
    d0, d1 = slopes[rows, left] * width, slopes[rows, left + 1] * width
    rise = y1 - y0
    return np.asarray(y0 + u * (d0 + u * (3 * rise - 2 * d0 - d1 + u * (d0 + d1 - 2 * rise))))


def node_slopes(nodes: FloatArray, values: FloatArray, method: SmileInterpolation) -> FloatArray:
    """First derivatives at the nodes of each row."""
    width = np.diff(nodes, axis=1)
    secant = np.diff(values, axis=1) / width
    if nodes.shape[1] == 2 or method is SmileInterpolation.LINEAR:
        return np.concatenate([secant, secant[:, -1:]], axis=1)
    if method is SmileInterpolation.MONOTONE:
        return _monotone_slopes(width, secant)
    return _natural_slopes(width, secant)


def _segment(nodes: FloatArray, rows: NDArray[np.intp], position: FloatArray) -> NDArray[np.intp]:
    """Index of the node on the left, at most the last but one."""
    left = np.zeros(position.shape, dtype=np.intp)
    for column in range(1, nodes.shape[1] - 1):
        left += position >= nodes[rows, column]
    return left


def _natural_slopes(width: FloatArray, secant: FloatArray) -> FloatArray:
    """Slopes that make the second derivative continuous, and zero at both ends."""
    smiles, segments = width.shape
    slopes = np.empty((smiles, segments + 1))
    # One tridiagonal system for each row, swept forward and back (Thomas).
    upper = np.empty((smiles, segments))
    upper[:, 0] = 0.5
    slopes[:, 0] = 1.5 * secant[:, 0]
    for i in range(1, segments + 1):
        if i < segments:
            below, above = 1 / width[:, i - 1], 1 / width[:, i]
            diagonal = 2 * (below + above)
            right = 3 * (secant[:, i - 1] * below + secant[:, i] * above)
        else:
            below, above = np.ones(smiles), np.zeros(smiles)
            diagonal = np.full(smiles, 2.0)
            right = 3 * secant[:, -1]
        pivot = diagonal - below * upper[:, i - 1]
        if i < segments:
            upper[:, i] = above / pivot
        slopes[:, i] = (right - below * slopes[:, i - 1]) / pivot
    for i in range(segments - 1, -1, -1):
        slopes[:, i] -= upper[:, i] * slopes[:, i + 1]
    return slopes


def _monotone_slopes(width: FloatArray, secant: FloatArray) -> FloatArray:
    """Weighted harmonic means of the neighbouring secants; zero at a turning point."""
    slopes = np.empty((width.shape[0], width.shape[1] + 1))
    before, after = secant[:, :-1], secant[:, 1:]
    first = 2 * width[:, 1:] + width[:, :-1]
    second = width[:, 1:] + 2 * width[:, :-1]
    same_way = before * after > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (first + second) / (first / before + second / after)
    slopes[:, 1:-1] = np.where(same_way, mean, 0.0)
    slopes[:, 0] = _end_slope(width[:, 0], width[:, 1], secant[:, 0], secant[:, 1])
    slopes[:, -1] = _end_slope(width[:, -1], width[:, -2], secant[:, -1], secant[:, -2])
    return slopes


def _end_slope(h0: FloatArray, h1: FloatArray, s0: FloatArray, s1: FloatArray) -> FloatArray:
    """Three-point slope at an end, limited so that the spline keeps its direction."""
    slope: NDArray[Any] = ((2 * h0 + h1) * s0 - h0 * s1) / (h0 + h1)
    slope = np.where(slope * s0 <= 0, 0.0, slope)
    return np.where((s0 * s1 <= 0) & (np.abs(slope) > 3 * np.abs(s0)), 3 * s0, slope)
