"""Luck by name: what is drawn for one thing does not depend on what else was drawn before it."""

from __future__ import annotations

import hashlib
import math
import random


def uniform(seed: int, *names: str) -> float:
    """A number from 0 up to 1, the same for the same names on any machine."""
    return int.from_bytes(_digest(seed, names)[:7], "big") / 2.0**56


def exponential(mean: float, seed: int, *names: str) -> float:
    """A waiting time with this mean."""
    return -mean * math.log1p(-uniform(seed, *names))


def stream(seed: int, *names: str) -> random.Random:
    """Many numbers for one thing."""
    return random.Random(int.from_bytes(_digest(seed, names), "big"))


def _digest(seed: int, names: tuple[str, ...]) -> bytes:
    text = "\x1f".join((str(seed), *names))
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
