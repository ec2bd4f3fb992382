"""Dependence by ranks: what a copula is fitted to, whatever the marginals are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from riskplatform.market.content import FloatArray

# More pairs of days than this add time and hardly any precision to where a fit starts.
_MOST_PAIRS = 300_000
_PAIRS_AT_ONCE = 16_384


def pseudo_observations(moves: FloatArray) -> FloatArray:
    """Ranks over days + 1, inside (0, 1); equal moves share their mean rank."""
    from scipy.stats import rankdata

    return np.asarray(rankdata(moves, axis=0) / (len(moves) + 1.0), dtype=np.float64)


def kendall_tau(moves: FloatArray) -> FloatArray:
    """Kendall's tau-b of all columns with all.

    Every pair of days says for each factor up, down or equal; the signs are multiplied as whole
    numbers, exact in any order. For long histories every n-th distance between days is taken.
    """
    width = moves.shape[1]
    agreed = np.zeros((width, width))
    for signs in _sign_blocks(moves):
        agreed += signs.T @ signs
    moved = np.sqrt(np.diagonal(agreed))
    scale = np.divide(1.0, moved, out=np.zeros_like(moved), where=moved > 0.0)
    tau = agreed * scale[:, None] * scale
    np.fill_diagonal(tau, 1.0)
    return np.asarray(tau, dtype=np.float64)


def _sign_blocks(moves: FloatArray) -> Iterator[NDArray[np.float32]]:
    """Signs of the differences of pairs of days; many pairs at once, for few large products."""
    days = len(moves)
    stride = max(1, -(-days * (days - 1) // 2 // _MOST_PAIRS))
    waiting: list[NDArray[np.float32]] = []
    for distance in range(1, days, stride):
        waiting.append(np.sign(moves[distance:] - moves[:-distance]).astype(np.float32))
        if sum(map(len, waiting)) >= _PAIRS_AT_ONCE:
            yield np.concatenate(waiting)
            waiting = []
    if waiting:
        yield np.concatenate(waiting)
