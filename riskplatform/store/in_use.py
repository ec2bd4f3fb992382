"""Which SQLite files this process has open, so that nobody opens and closes them beside SQLite.

A process loses all its locks on a file when it closes any handle to it (POSIX). SQLite does not
know of handles that Python opens, so that even reading the first bytes of an open file would drop
its locks: another process could then write into the same pages, or, being the last as it believes,
remove the write-ahead log that this one goes on writing into.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_GUARD = threading.RLock()
_OPEN: Counter[Path] = Counter()


@contextmanager
def opening(path: Path) -> Iterator[bool]:
    """Whether the file is open here already; the answer holds until the block ends.

    A block that ends without an error has opened it once more.
    """
    real = path.resolve()
    with _GUARD:
        yield _OPEN[real] > 0
        _OPEN[real] += 1


def closed(path: Path) -> None:
    """One of those who had it open has closed it."""
    real = path.resolve()
    with _GUARD:
        _OPEN[real] = max(_OPEN[real] - 1, 0)
