"""Runs a compiled kernel over broadcast arguments, in blocks that fit the cache, on threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.pricing.options.status import FloatArray, StatusArray
from riskplatform.pricing.threads import spread

# Rows per block: a dozen columns of it fit into a core's second-level cache.
BLOCK = 8192
Kernel = Callable[..., Any]


def run(
    kernel: Kernel,
    numbers: Sequence[ArrayLike],
    flags: Sequence[ArrayLike] = (),
    *,
    constants: Sequence[Any] = (),
    outputs: int = 1,
    threads: int | None = None,
) -> tuple[FloatArray, StatusArray]:
    """Values [output, ...] and statuses [...] of a kernel.

    The kernel gets columns of equal length: float64 numbers, bool flags, then ``values``
    [output, row] and ``status`` [row] to fill, then the ``constants`` as they are.
    ``threads`` is by default the number of processors.
    """
    views = np.broadcast_arrays(
        *(np.asarray(number, dtype=np.float64) for number in numbers),
        *(np.asarray(flag, dtype=np.bool_) for flag in flags),
    )
    shape = views[0].shape
    rows = [view.reshape(1, -1) if view.ndim < 2 else view for view in views]
    rows = [row.reshape(-1, row.shape[-1]) if row.ndim > 2 else row for row in rows]
    height, width = rows[0].shape
    values = np.zeros((outputs, height, width))
    status = np.zeros((height, width), dtype=np.int8)

    def work(place: tuple[slice, slice]) -> None:
        # Always copies: a view that NumPy marks as read-only would be compiled for anew.
        columns = [np.array(row[place], order="C").reshape(-1) for row in rows]
        filled = np.zeros((outputs, columns[0].size))
        codes = np.zeros(columns[0].size, dtype=np.int8)
        kernel(*columns, filled, codes, *constants)
        values[(slice(None), *place)] = filled.reshape(outputs, *values[(0, *place)].shape)
        status[place] = codes.reshape(status[place].shape)

    spread(work, _blocks(height, width), threads)
    return values.reshape(outputs, *shape), status.reshape(shape)


def _blocks(height: int, width: int) -> list[tuple[slice, slice]]:
    """Rectangles of about ``BLOCK`` cells that cover the whole."""
    if height * width == 0:
        return []
    across = min(width, BLOCK)
    down = max(1, BLOCK // across)
    return [
        (slice(top, min(top + down, height)), slice(left, min(left + across, width)))
        for top in range(0, height, down)
        for left in range(0, width, across)
    ]
