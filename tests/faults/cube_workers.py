"""What the processes do that build cubes and are killed, limited or let loose on each other."""

from __future__ import annotations

import json
import resource
from functools import cache
from pathlib import Path

from riskplatform.errors import RiskPlatformError
from riskplatform.simulation.cube import UnitCube
from riskplatform.simulation.cube_build import CubeRequest, build_cube
from riskplatform.store.cubes import CubeStore
from tests.simulation.cube_world import (
    CountingEngine,
    basics,
    bonds,
    book_of,
    options,
    scenarios_for,
)

BLOCK_ROWS = 16
PATIENCE_SECONDS = 60.0


@cache
def request() -> CubeRequest:
    """Some 260 units in 400 scenarios: 17 blocks of about 20 ms."""
    book = book_of([*basics(), *bonds(), *options(80)])
    return CubeRequest(book, scenarios_for(book, 400), 1)


def build(folder: str | Path, progress: Path, engine: CountingEngine | None = None) -> UnitCube:
    """Build or go on; ``progress`` gets a line with the rows done after each block."""
    with progress.open("a") as log:

        def note(done: int, _total: int) -> None:
            log.write(f"{done}\n")
            log.flush()

        return build_cube(
            CubeStore(folder), request(), engine=engine, progress=note, block_rows=BLOCK_ROWS,
            lock_timeout_seconds=PATIENCE_SECONDS,
        )  # fmt: skip


def build_and_report(folder: str, progress: Path, report: Path) -> None:
    """Also write which cube came out and how many units were computed here."""
    engine = CountingEngine()
    found = build(folder, progress, engine)
    answer = {"cube": found.cube_id, "computed": len(engine.units)}
    report.write_text(json.dumps(answer))


def build_with_little_room(folder: str, limit_bytes: int, report: Path) -> None:
    """No file may grow beyond the limit, as on a full disk; write what was said."""
    request()  # compiled code may be kept before the disk is full
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, resource.RLIM_INFINITY))
    said = ""
    try:
        build_cube(CubeStore(folder), request(), block_rows=BLOCK_ROWS)
    except RiskPlatformError as error:
        said = f"{type(error).__name__}: {error}"
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    report.write_text(said)
