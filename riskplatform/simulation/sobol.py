"""Blocks of a scrambled Sobol sequence, each found without drawing the ones before."""

from __future__ import annotations

import numpy as np

from riskplatform.market.content import FloatArray
from riskplatform.simulation.streams import named_stream

MOST_DIMENSIONS = 21_201
_BITS = 30


def sobol_block(dimensions: int, seed: int, block: int, rows: int) -> FloatArray:
    """Points ``block · rows`` and on, strictly inside the unit cube.

    The scrambling depends on the seed alone, so that all blocks belong to one sequence.
    """
    from scipy.stats import qmc  # half a second to import

    rng = named_stream(seed, "sobol")
    sequence = qmc.Sobol(dimensions, scramble=True, bits=_BITS, rng=rng)
    if block:
        sequence.fast_forward(block * rows)
        points = sequence.random(rows)
    else:
        # Asked in two parts: the sequence warns about a first part that is no power of two, and
        # what is drawn in blocks is judged as a whole.
        parts = [sequence.random(1)] + ([sequence.random(rows - 1)] if rows > 1 else [])
        points = np.concatenate(parts)
    # From the corner of each cell to its middle: 0 would be an infinite normal.
    return np.asarray(points + 2.0 ** -(_BITS + 1), dtype=np.float64)
