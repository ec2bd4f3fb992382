"""Which schedulers of a desk live on this machine: each holds a lock on a file of its own.

The operating system takes the lock back when its owner dies, however it dies.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskplatform.errors import StoreLockedError
from riskplatform.store.lock import FileLock

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

FOLDER = "data/schedulers"


@dataclass(frozen=True, slots=True)
class Present:
    """A scheduler that lives."""

    identity: str
    since: str

    def to_dict(self) -> dict[str, Any]:
        return {"identity": self.identity, "since": self.since}


@contextlib.contextmanager
def present(desk: Desk, identity: str) -> Iterator[None]:
    """Be seen as long as this lasts."""
    folder = desk.settings.path(FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{identity.replace('/', '=')}.lock"
    with FileLock(file, guards="The scheduler's presence"):
        yield
    file.unlink(missing_ok=True)


def schedulers(desk: Desk) -> list[Present]:
    """Those that live now; what dead ones have left behind is removed."""
    found = []
    for file in sorted(desk.settings.path(FOLDER).glob("*.lock")):
        identity = file.stem.replace("=", "/")
        if _is_free(file):
            file.unlink(missing_ok=True)
            continue
        words = FileLock(file, guards=identity).owner() or ""
        found.append(Present(identity, words.rpartition("since ")[2]))
    return found


def _is_free(file: Path) -> bool:
    try:
        with FileLock(file, guards="The scheduler's presence", timeout_seconds=0.0):
            return True
    except StoreLockedError:
        return False
