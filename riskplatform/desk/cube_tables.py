"""Cubes and scenario sets as a person sees them: listed, opened by a few digits, pruned."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskplatform.domain.outcome import Failure
from riskplatform.errors import DamagedStoreError, DataError, UserInputError
from riskplatform.market.lookup import attempt
from riskplatform.simulation.cube import UnitCube
from riskplatform.simulation.cube_open import open_cube as opened
from riskplatform.simulation.cube_shape import LEADING
from riskplatform.simulation.short_ids import full_id
from riskplatform.store.cubes.manifest import MANIFEST_FILE, read_manifest
from riskplatform.store.cubes.partial import PROGRESS_FILE
from riskplatform.store.cubes.store import PARTIAL

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

DONE, INTERRUPTED, DAMAGED = "done", "interrupted", "damaged"
CUBE_COLUMNS = (
    "cube_id", "status", "scenario_set", "maker", "as_of", "created_at", "instruments",
    "scenarios", "horizon_days", "coverage", "size_bytes",
)  # fmt: skip
SET_COLUMNS = (
    "scenario_set", "status", "maker", "scenarios", "factors", "horizon_days", "as_of", "seed",
    "coverage", "size_bytes",
)  # fmt: skip


def cubes_table(desk: Desk) -> pd.DataFrame:
    """Every cube, the newest first, then those that were interrupted; damaged ones say so."""
    store = desk.cubes
    whole = [_row(desk, name, store.folder / name) for name in store.list()]
    parts = [_row(desk, name, store.folder / f"{name}{PARTIAL}") for name in store.list_partial()]
    rows = [
        row
        for group in (whole, parts)
        for row in sorted(group, key=lambda row: row["created_at"], reverse=True)
    ]
    return pd.DataFrame(rows, columns=list(CUBE_COLUMNS))


def sets_table(desk: Desk) -> pd.DataFrame:
    """Every scenario set, by date and maker."""
    store = desk.scenario_sets
    rows = [_set_row(desk, name) for name in store.list()]
    rows.sort(key=lambda row: (row.get("as_of", ""), row.get("maker", ""), row["scenario_set"]))
    return pd.DataFrame(rows, columns=list(SET_COLUMNS))


def open_cube(desk: Desk, beginning: str) -> UnitCube:
    """The finished cube whose id begins so."""
    store = desk.cubes
    if any(name.startswith(beginning) for name in store.list_partial()):
        full = full_id("cube", beginning, [*store.list(), *store.list_partial()])
        if full not in store:
            raise UserInputError(
                f"The cube {full[:16]} is not finished.",
                hint="The command that began it goes on where it stopped.",
            )
    return _opened(desk, full_id("cube", beginning, store.list()))


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed (or, in a rehearsal, would be), and the bytes that it took."""

    removed: tuple[str, ...]
    freed_bytes: int
    kept: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "removed": list(self.removed),
            "freed_bytes": self.freed_bytes,
            "kept": list(self.kept),
        }


def prune_cubes(
    desk: Desk, keep: int, keep_ids: Collection[str] = (), *, rehearse: bool = False
) -> Pruned:
    """Remove all but the ``keep`` newest cubes and those named; parts of builds go unless named.

    A part that is being written at this moment stays.
    """
    if keep < 0:
        raise UserInputError(f"{keep} cubes cannot be kept; give 0 or more.")
    store = desk.cubes
    table = cubes_table(desk)
    known = list(table["cube_id"])
    asked = {full_id("cube", beginning, known) for beginning in keep_ids}
    newest = table.loc[table["status"] == DONE, "cube_id"].head(keep)
    kept = asked | set(newest)
    going = [name for name in known if name not in kept]
    size = dict(zip(table["cube_id"], table["size_bytes"], strict=True))
    removed = going if rehearse else store.prune(kept)
    gone = tuple(name for name in going if name in removed)
    stay = tuple(name for name in known if name not in gone)
    return Pruned(gone, sum(int(size[name]) for name in gone), stay)


def size_on_disk(folder: Path) -> int:
    """Bytes that the files of a folder take."""
    return sum(_used(path) for path in folder.iterdir() if path.is_file())


def _used(path: Path) -> int:
    try:
        return os.stat(path).st_blocks * 512
    except FileNotFoundError:
        return 0


def _row(desk: Desk, identifier: str, folder: Path) -> dict[str, Any]:
    """What the card of a cube says, and what its notes add."""
    row: dict[str, Any] = {"cube_id": identifier, "size_bytes": size_on_disk(folder)}
    row["created_at"] = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
    if folder.suffix == PARTIAL:
        found = attempt(lambda: _of_part(desk, folder))
    else:
        found = attempt(lambda: _of_cube(_opened(desk, identifier)))
    return row | ({"status": DAMAGED} if isinstance(found, Failure) else dict(found))


def _opened(desk: Desk, identifier: str) -> UnitCube:
    try:
        return opened(desk.cubes, identifier)
    except KeyError as error:
        raise DamagedStoreError(
            f"The cube {identifier[:16]} cannot be used: its notes lack {error}.",
            hint="Remove it with `riskplatform cube prune`, and build it again.",
        ) from error


def _of_cube(found: UnitCube) -> Mapping[str, Any]:
    notes = found.cube.notes
    return {
        "status": DONE,
        "scenario_set": found.key["scenario_set"],
        "maker": notes["scenario_set"]["recipe"]["maker"],
        "as_of": notes["as_of"],
        "instruments": len(found.instrument_ids),
        "scenarios": len(found.labels),
        "horizon_days": found.key["horizon_days"],
        "coverage": f"{found.coverage.done:,} of {found.coverage.total:,}",
    }


def _of_part(desk: Desk, folder: Path) -> Mapping[str, Any]:
    manifest = read_manifest(folder / MANIFEST_FILE)
    log = folder / PROGRESS_FILE
    blocks = log.read_text(encoding="utf-8").count("\n") if log.is_file() else 0
    rows = min(blocks * manifest.block_rows, manifest.rows)
    name = manifest.key.get("scenario_set", "")
    sets = desk.scenario_sets
    facts = attempt(lambda: sets.facts(name)) if name in sets.list() else None
    of_set = {} if facts is None or isinstance(facts, Failure) else facts
    return {
        "status": INTERRUPTED,
        "scenario_set": name,
        "maker": of_set.get("recipe", {}).get("maker"),
        "as_of": of_set.get("as_of"),
        "instruments": len(manifest.key.get("units", ())),
        "scenarios": manifest.columns - LEADING,
        "horizon_days": manifest.key.get("horizon_days"),
        "coverage": f"{rows:,} of {manifest.rows:,} rows",
    }


def _set_row(desk: Desk, identifier: str) -> dict[str, Any]:
    store = desk.scenario_sets
    row = {"scenario_set": identifier, "size_bytes": size_on_disk(store.folder / identifier)}
    try:
        facts = store.facts(identifier)
        coverage = facts["coverage"]
        return row | {
            "status": DONE,
            "maker": facts["recipe"]["maker"],
            "scenarios": facts["scenarios"],
            "factors": len(facts["factor_ids"]),
            "horizon_days": facts["horizon_days"],
            "as_of": facts["as_of"],
            "seed": facts["seed"],
            "coverage": f"{coverage['done']:,} of {coverage['total']:,}",
        }
    except (DataError, KeyError, TypeError):
        return row | {"status": DAMAGED}
