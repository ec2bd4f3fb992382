"""The way in which this room compiles: cached on disk, lock released, sums in the order written.

No regrouping and no fused multiply-add: a scenario set must come out the same, to the last bit,
whatever the number of workers and whatever the width of the machine's vectors.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile; a division by zero gives infinity, as in NumPy."""
    return cast(F, njit(cache=True, nogil=True, error_model="numpy")(function))
