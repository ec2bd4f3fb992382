"""Work for the workers of a Ray cluster: work that dies, that fails and that tells it has begun."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Generator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from riskplatform.errors import DataError
from riskplatform.simulation.engines import RayEngine
from tests.faults.cube_workers import build


def dying_once(work: Callable[[Any, Any], Any], folder: Path, shared: Any, part: Any) -> Any:
    """The worker of every third part is killed when it has done the work and not yet said so."""
    done = work(shared, part)
    marker = folder / f"died {part.index}"
    if part.index % 3 == 0 and not marker.exists():
        marker.write_text(str(os.getpid()))
        os.kill(os.getpid(), signal.SIGKILL)
    return done


def naming_itself(work: Callable[[Any, Any], Any], folder: Path, shared: Any, part: Any) -> Any:
    """Leaves the process's number before the work begins."""
    (folder / f"pid {os.getpid()}").touch()
    return work(shared, part)


class WrappedRay(RayEngine):
    """Ray's engine with something around the work."""

    def __init__(self, wrapper: Callable[..., Any], folder: Path) -> None:
        super().__init__()
        self.wrapper, self.folder = wrapper, folder

    def map(
        self, work: Callable[[Any, Any], Any], shared: Any, parts: Sequence[Any]
    ) -> Generator[tuple[Any, Any], None, None]:
        yield from super().map(partial(self.wrapper, work, self.folder), shared, parts)


def begun(folder: Path, part: int) -> int:
    """Tells that a part has begun."""
    (folder / str(part)).touch()
    return part


def failing(_shared: object, part: int) -> int:
    if part == 2:
        raise DataError("Part 2 has no data.", hint="Look for it.")
    return part


def build_on(folder: str, address: str, progress: Path) -> None:
    """A process of its own that builds on a cluster that others run."""
    build(folder, progress, RayEngine(address))
