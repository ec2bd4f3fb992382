"""The compiled loops of products and roots, so that who only reads needs no compiler."""

from __future__ import annotations

import math

import numpy as np

from riskplatform.market.content import FloatArray
from riskplatform.simulation.compiled import compiled


@compiled
def add_product(left: FloatArray, right: FloatArray, out: FloatArray) -> None:
    rows, inner = left.shape
    width = right.shape[1]
    # Four rows at a time share each row of ``right`` that is read.
    for i in range(0, rows - rows % 4, 4):
        for k in range(inner):
            a, b, c, d = left[i, k], left[i + 1, k], left[i + 2, k], left[i + 3, k]
            for j in range(width):
                value = right[k, j]
                out[i, j] += a * value
                out[i + 1, j] += b * value
                out[i + 2, j] += c * value
                out[i + 3, j] += d * value
    for i in range(rows - rows % 4, rows):
        for k in range(inner):
            a = left[i, k]
            for j in range(width):
                out[i, j] += a * right[k, j]


@compiled
def pivoted(matrix: FloatArray, tolerance: float, root: FloatArray) -> int:
    size = matrix.shape[0]
    left = np.empty(size)
    for i in range(size):
        left[i] = matrix[i, i]
    for column in range(size):
        pivot = 0
        for i in range(1, size):
            if left[i] > left[pivot]:
                pivot = i
        if left[pivot] <= tolerance:
            return column
        scale = math.sqrt(left[pivot])
        for i in range(size):
            total = matrix[i, pivot]
            for k in range(column):
                total -= root[i, k] * root[pivot, k]
            root[i, column] = total / scale
        for i in range(size):
            left[i] -= root[i, column] * root[i, column]
        # Exactly spent, whatever the rounding says: no factor is taken twice.
        left[pivot] = -1.0
    return int(size)


@compiled
def cholesky(matrix: FloatArray, root: FloatArray) -> None:
    for i in range(matrix.shape[0]):
        for j in range(i + 1):
            total = matrix[i, j]
            for k in range(j):
                total -= root[i, k] * root[j, k]
            root[i, j] = np.sqrt(total) if i == j else total / root[j, j]


@compiled
def invert(lower: FloatArray, inverse: FloatArray) -> None:
    size = lower.shape[0]
    for column in range(size):
        inverse[column, column] = 1.0 / lower[column, column]
        for i in range(column + 1, size):
            total = 0.0
            for k in range(column, i):
                total += lower[i, k] * inverse[k, column]
            inverse[i, column] = -total / lower[i, i]
