"""How many threads a compiled kernel is spread over, in one place.

Kernels are compiled with ``nogil`` and run on plain threads. Numba's own ``parallel=True`` is not
used: its default threading layer aborts the process when two threads of the caller, as in the
workbench or the API, enter it together.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")

_LIMIT: ContextVar[int | None] = ContextVar("thread limit", default=None)


def thread_count() -> int:
    """The limit in force here, or the number of processors."""
    return _LIMIT.get() or os.cpu_count() or 1


@contextmanager
def threads_limited_to(count: int) -> Iterator[None]:
    """At most ``count`` threads for what is computed inside, as a pool of processes wants."""
    token = _LIMIT.set(count)
    try:
        yield
    finally:
        _LIMIT.reset(token)


def spread(work: Callable[[T], object], parts: Sequence[T], threads: int | None = None) -> None:
    """``work`` on every part; the result must not depend on the order.

    The first part runs alone, so that a kernel not yet compiled is compiled by one thread.
    """
    if not parts:
        return
    work(parts[0])
    count = min(threads or thread_count(), len(parts) - 1)
    if count <= 1:
        for part in parts[1:]:
            work(part)
        return
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(work, parts[1:]))


def stretches(count: int, unit: int, *, per_thread: int = 4) -> list[tuple[int, int]]:
    """(start, stop) of pieces of 0 to ``count`` whose lengths are multiples of ``unit``."""
    blocks = -(-count // unit)
    size = max(1, blocks // (thread_count() * per_thread)) * unit
    return [(start, min(start + size, count)) for start in range(0, count, size)]
