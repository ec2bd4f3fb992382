"""Memory of mapped files, given back when it has been read.

A page of a mapped file that was read once stays in a process's memory until the system needs room,
so that a pass over a large file looks as if it needed all of it. Given back, the page is still in
the system's own cache and comes again at once when it is read again.
"""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray


def give_back(rows: NDArray[Any]) -> None:
    """Drop what a part of a mapped array (C order, read only) holds in memory; else do nothing."""
    mapping = _mapping_of(rows)
    if mapping is None or not rows.size or not rows.flags.c_contiguous:
        return
    first = np.frombuffer(mapping, dtype=np.uint8).ctypes.data
    start = rows.ctypes.data - first
    begin = start - start % mmap.PAGESIZE
    mapping.madvise(mmap.MADV_DONTNEED, begin, start + rows.nbytes - begin)


def _mapping_of(rows: NDArray[Any]) -> mmap.mmap | None:
    """The mapping that an array looks into, if it looks into one and does not write."""
    owner: Any = rows
    while isinstance(owner, np.ndarray):
        if owner.flags.writeable:
            return None
        owner = owner.base
    return owner if isinstance(owner, mmap.mmap) else None
