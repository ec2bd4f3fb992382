"""A quasi-Newton picture of how a Lagrangian bends: one plus something of low rank.

The distance bends by one in every direction; what the book adds to that is learnt from gradients
along the way (damped BFGS), and kept in the few directions in which it was seen.
"""

from __future__ import annotations

import numpy as np
from scipy import linalg

from riskplatform.market.content import FloatArray

_DAMPING = 0.2
_NEW = 1e-8


class Curvature:
    """H = 1 + V (M − 1) Vᵀ with V orthonormal."""

    def __init__(self, width: int) -> None:
        self._basis = np.zeros((width, 0))
        self._inner = np.zeros((0, 0))

    def update(self, step: FloatArray, change: FloatArray) -> None:
        """After a step the gradient of the Lagrangian has changed by ``change``."""
        self._extend(step)
        self._extend(change)
        s, y = self._basis.T @ step, self._basis.T @ change
        bent = self._inner @ s
        along = float(s @ bent)
        if not along > 0.0:
            return
        # Powell's damping: what bends the other way is taken for almost nothing.
        if float(s @ y) < _DAMPING * along:
            weight = (1.0 - _DAMPING) * along / (along - float(s @ y))
            y = weight * y + (1.0 - weight) * bent
        inner = self._inner - np.outer(bent, bent) / along + np.outer(y, y) / float(s @ y)
        self._inner = 0.5 * (inner + inner.T)

    def _extend(self, vector: FloatArray) -> None:
        length = float(np.linalg.norm(vector))
        rest = vector - self._basis @ (self._basis.T @ vector)
        # Twice is enough for digits that the first pass has cancelled.
        rest -= self._basis @ (self._basis.T @ rest)
        size = float(np.linalg.norm(rest))
        if size <= _NEW * length or length == 0.0:
            return
        self._basis = np.column_stack([self._basis, rest / size])
        count = self._basis.shape[1]
        inner = np.eye(count)
        inner[:-1, :-1] = self._inner
        self._inner = inner

    def whitened(self, vectors: FloatArray) -> FloatArray:
        """H^(−1/2) of vectors [..., width]."""
        if not self._basis.shape[1]:
            return vectors
        values, vectors_of = linalg.eigh(self._inner)
        root = (vectors_of / np.sqrt(np.maximum(values, 1e-8))) @ vectors_of.T
        inner = root - np.eye(len(root))
        return np.asarray(vectors + ((vectors @ self._basis) @ inner) @ self._basis.T)
