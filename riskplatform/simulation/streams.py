"""Random numbers by block: each block of scenarios has a counter of its own.

Philox turns (key, counter) into numbers without any state that is carried along. The key comes
from the seed and the name of what is drawn; the block's number is the highest word of the counter.
Blocks can therefore be drawn in any order, on any number of workers, each alone.
"""

from __future__ import annotations

import hashlib

import numpy as np

from riskplatform.errors import UserInputError


def block_stream(seed: int, name: str, block: int) -> np.random.Generator:
    """The random stream of block number ``block`` of the quantity called ``name``."""
    key = np.frombuffer(_digest(seed, name)[:16], dtype="<u8").astype(np.uint64)
    counter = np.array([0, 0, 0, block], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key, counter=counter))


def named_stream(seed: int, name: str) -> np.random.Generator:
    """One stream that is not divided into blocks, and that can have children."""
    entropy = int.from_bytes(_digest(seed, name), "little")
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))


def _digest(seed: int, name: str) -> bytes:
    return hashlib.sha256(f"{checked_seed(seed)}:{name}".encode()).digest()


def checked_seed(seed: int) -> int:
    """The seed, when it is a whole number of at least 0."""
    given: object = seed
    if isinstance(given, bool) or not isinstance(given, int | np.integer) or given < 0:
        raise UserInputError(f"The seed is {seed!r}; a whole number from 0 is needed.")
    return int(given)
