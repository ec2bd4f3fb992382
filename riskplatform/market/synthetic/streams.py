"""Random numbers that do not depend on how long a history is asked for.

Every quantity has a stream of its own, seeded by the one seed and the quantity's name, and is
drawn in one call with days as rows. A generator fills rows in order, so a longer history starts
with the same numbers. Days are padded to whole blocks: array shapes inside a block are then the
same whatever the length, which keeps vectorised arithmetic identical to the last bit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

BLOCK_DAYS = 256


def stream(seed: int, name: str) -> np.random.Generator:
    """The random stream of the quantity called ``name``."""
    entropy = [seed, int.from_bytes(name.encode(), "little")]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))


def unit_t(
    rng: np.random.Generator, degrees_of_freedom: float, shape: tuple[int, int]
) -> FloatArray:
    """Student-t draws scaled to unit variance (degrees of freedom above 2)."""
    scale = np.sqrt((degrees_of_freedom - 2.0) / degrees_of_freedom)
    return np.asarray(rng.standard_t(degrees_of_freedom, shape) * scale, dtype=np.float64)


def padded_length(days: int) -> int:
    """``days`` rounded up to whole blocks."""
    return -(-days // BLOCK_DAYS) * BLOCK_DAYS


def blockwise_product(rows: FloatArray, matrix: FloatArray) -> FloatArray:
    """``rows @ matrix`` in blocks of equal shape.

    A BLAS may add in another order when the number of rows differs; equal blocks rule that out.
    """
    days, width = rows.shape
    blocks = rows.reshape(days // BLOCK_DAYS, BLOCK_DAYS, width)
    return np.asarray(np.matmul(blocks, matrix).reshape(days, matrix.shape[1]), dtype=np.float64)
