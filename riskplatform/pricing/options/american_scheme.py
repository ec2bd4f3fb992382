"""The constants of the spectral collocation for American options: nodes, weights, interpolation.

Everything lives on x = √(τ/T) in (0, 1], where τ is time to expiry. The boundary is known at
Chebyshev nodes of x; because the integrands are sampled at fixed fractions of each node's x, the
matrices that carry the boundary from the nodes to the sample points are the same for every option.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from riskplatform.pricing.options.status import FloatArray


class Scheme(NamedTuple):
    """How finely an American option is solved; ``inner`` arrays are [node × sample], flat.

    ``elapsed`` and ``weights`` place a sample in time; ``matrix`` [node, sample] interpolates. The
    inner ones serve the boundary's equation, the outer ones the price.
    """

    nodes: FloatArray
    inner_elapsed: FloatArray
    inner_weights: FloatArray
    inner_matrix: FloatArray
    outer_elapsed: FloatArray
    outer_weights: FloatArray
    outer_matrix: FloatArray
    rounds: int


def scheme(nodes: int, inner: int, outer: int, rounds: int) -> Scheme:
    """Constants for so many nodes, samples per node, samples of the price and rounds at most."""
    places = np.asarray(0.5 * (1.0 + np.cos(np.pi * np.arange(nodes) / nodes)))
    near, near_left, near_weights = _circle(inner)
    far, far_left, far_weights = _circle(outer)
    return Scheme(
        places,
        np.outer(places, near).ravel(),
        np.tile(near_weights, nodes),
        _interpolation(places, np.outer(places, near_left).ravel()),
        far,
        far_weights,
        _interpolation(places, far_left),
        rounds,
    )


def _interpolation(places: FloatArray, points: FloatArray) -> FloatArray:
    """[node, point]: barycentric shares of the nodes; at x = 0 the value is zero."""
    nodes = np.append(places, 0.0)
    weights = (-1.0) ** np.arange(nodes.size)
    weights[[0, -1]] *= 0.5
    # No sample meets a node, not even the first: samples lie strictly inside.
    ratio = weights / (points[:, None] - nodes[None, :])
    share = ratio / ratio.sum(axis=1, keepdims=True)
    return np.ascontiguousarray(share[:, :-1].T)


def _circle(count: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """√ of the elapsed and of the remaining share of time, and weights to integrate the former.

    The integrands have square roots at both ends, of time elapsed and of time left. With sin θ and
    cos θ for the two, all is smooth in θ and Gauss-Legendre converges fast.
    """
    points, weights = np.polynomial.legendre.leggauss(count)
    angle = 0.25 * np.pi * (1.0 + points)
    return np.sin(angle), np.cos(angle), 0.25 * np.pi * weights * np.cos(angle)


# Chosen by measurement; tests/pricing/options/test_american.py holds both to their bounds.
FAST = scheme(nodes=6, inner=8, outer=20, rounds=2)
ACCURATE = scheme(nodes=16, inner=24, outer=64, rounds=16)
