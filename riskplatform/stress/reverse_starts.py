"""Where to begin: a coarse look at the loss along many directions and at many distances."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from riskplatform.market.content import FloatArray
from riskplatform.stress.directions import Directions
from riskplatform.stress.revaluer import Counted
from riskplatform.stress.reverse_space import Space

_MIXED = 40
_RADII = 10
_NEAREST, _FARTHEST = 0.5, 12.0
_REFINED, _SHARES = 12, np.linspace(0.6, 1.4, 17)
_APART = 0.8
"""Cosine above which two directions would lead to the same answer."""


@dataclass(frozen=True, eq=False)
class Start:
    """A point at which the loss is about what is wanted; ``reaches`` says whether it is."""

    name: str
    numbers: FloatArray = field(repr=False)
    radius: float
    reaches: bool


@dataclass(frozen=True, eq=False)
class Look:
    """Starts, the best first, and the largest loss that was seen and where."""

    starts: tuple[Start, ...]
    largest_loss: float
    largest_at: FloatArray = field(repr=False)


def look_around(
    space: Space, book: Counted, found: Directions, loss: float, rng: np.random.Generator
) -> Look:
    """Both ways along every direction, and along random mixtures of them."""
    names, rays = _rays(found, rng)
    linear = float(np.linalg.norm(found.slope))
    far = max(_FARTHEST, 2.0 * loss / linear if linear > 0.0 else 0.0)
    radii = np.geomspace(_NEAREST, min(far, 60.0), _RADII)
    points = (rays[:, None, :] * radii[None, :, None]).reshape(-1, space.root.width)
    losses = _losses(space, book, points).reshape(len(rays), _RADII)
    seen = np.where(np.isfinite(losses), losses, -np.inf)
    starts = [
        _start(name, ray, radii, row, loss)
        for name, ray, row in zip(names, rays, seen, strict=True)
    ]
    starts.sort(key=lambda each: (not each.reaches, each.radius))
    best = np.unravel_index(int(np.argmax(seen)), seen.shape)
    kept = _apart(starts)
    return Look(
        starts=tuple(_nearer(space, book, kept, loss)),
        largest_loss=float(seen[best]),
        largest_at=rays[best[0]] * radii[best[1]],
    )


def _nearer(space: Space, book: Counted, starts: list[Start], loss: float) -> list[Start]:
    """The starts that reach the loss, drawn in to where they first do; in one batch."""
    mine = [each for each in starts[:_REFINED] if each.reaches]
    if not mine:
        return starts
    points = np.concatenate([_SHARES[:, None] * each.numbers for each in mine])
    losses = _losses(space, book, points).reshape(len(mine), _SHARES.size)
    found = []
    for each, row in zip(mine, losses, strict=True):
        enough = np.flatnonzero(row >= loss)
        share = float(_SHARES[enough[0]]) if enough.size else 1.0
        found.append(Start(each.name, share * each.numbers, share * each.radius, True))
    found.sort(key=lambda each: each.radius)
    return [*found, *starts[len(mine) :]]


def _rays(found: Directions, rng: np.random.Generator) -> tuple[list[str], FloatArray]:
    names = [f"{sign}{name}" for sign in ("", "minus ") for name in found.names]
    basis = np.concatenate([found.basis, -found.basis])
    count = len(found.frame)
    mixed = rng.standard_normal((_MIXED if count > 1 else 0, count)) @ found.frame
    lengths = np.linalg.norm(mixed, axis=1, keepdims=True)
    return (
        [*names, *("mixture" for _ in mixed)],
        np.concatenate([basis, mixed / np.where(lengths > 0.0, lengths, 1.0)]),
    )


def _losses(space: Space, book: Counted, points: FloatArray) -> FloatArray:
    """A few hundred rows at a time: moves of thousands of factors are large."""
    blocks = [
        book.losses(space.moves(points[start : start + 512]))
        for start in range(0, len(points), 512)
    ]
    return np.concatenate([*blocks, np.empty(0)])


def _start(
    name: str, ray: FloatArray, radii: FloatArray, losses: FloatArray, wanted: float
) -> Start:
    """Where the loss is first reached, by a straight line between distances; else where it is
    nearest to that."""
    reached = np.flatnonzero(losses >= wanted)
    if not reached.size:
        place = int(np.argmax(losses))
        # The more of the loss is missing, the later it is tried.
        missing = wanted - losses[place] if np.isfinite(losses[place]) else np.inf
        return Start(name, ray * radii[place], float(missing), False)
    place = int(reached[0])
    low_at, low = (radii[place - 1], losses[place - 1]) if place else (0.0, 0.0)
    if not np.isfinite(low):
        low = 0.0
    share = (wanted - low) / (losses[place] - low) if losses[place] > low else 1.0
    radius = float(low_at + share * (radii[place] - low_at))
    return Start(name, ray * radius, radius, True)


def _apart(starts: list[Start]) -> list[Start]:
    """Those that do not look the same way as a better one."""
    kept: list[Start] = []
    for each in starts:
        length = float(np.linalg.norm(each.numbers))
        ways = [
            float(each.numbers @ other.numbers) / (length * float(np.linalg.norm(other.numbers)))
            for other in kept
        ]
        if not ways or max(ways) < _APART:
            kept.append(each)
    return kept
