"""How this room compiles: cached on disk, without the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile; a division by zero gives infinity, as in NumPy, and does not end the kernel."""
    return cast(F, njit(cache=True, nogil=True, error_model="numpy")(function))
