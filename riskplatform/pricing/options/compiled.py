"""The ways in which this package compiles: cached on disk, without the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])

# Sums may be regrouped, so that loops run four at a time; infinities and NaN keep their meaning.
_REGROUP = {"reassoc", "contract", "arcp", "nsz"}


def compiled(function: F) -> F:
    """Compile; a division by zero gives infinity, as in NumPy, and does not end the kernel."""
    return cast(F, njit(cache=True, nogil=True, error_model="numpy")(function))


def regrouped(function: F) -> F:
    """Compile, sums in any order: for sums over samples, where the order is arbitrary anyway."""
    decorate = njit(cache=True, nogil=True, error_model="numpy", fastmath=_REGROUP)
    return cast(F, decorate(function))
