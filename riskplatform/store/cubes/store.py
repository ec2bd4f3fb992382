"""The folder of cubes. Opened cubes are read-only maps, so all processes share their pages."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from riskplatform.errors import (
    ConflictError,
    DamagedStoreError,
    StoreLockedError,
    UnknownNameError,
    UserInputError,
)
from riskplatform.store.cubes.cube_id import checked_id, cube_id, is_id
from riskplatform.store.cubes.manifest import (
    DATA_FILE,
    LABELS_FILE,
    MANIFEST_FILE,
    Manifest,
    checksum,
    damaged,
    encode_labels,
    read_labels,
    read_manifest,
    read_notes,
    write_durably,
    writing,
)
from riskplatform.store.cubes.partial import LOCK_FILE, PartialCube, rows_done
from riskplatform.store.lock import FileLock
from riskplatform.store.mapped import give_back

Waiting = Callable[[int, int], None]
PARTIAL, REMOVED = ".partial", ".removed"
ANSWERS = "answers"
DEFAULT_BLOCK_ROWS = 256
_LOOK_EVERY_SECONDS = 0.5


@dataclass(frozen=True)
class Cube:
    """A finished cube: ``values[i, j]`` belongs to ``row_ids[i]`` and ``column_labels[j]``."""

    cube_id: str
    key: Mapping[str, Any]
    row_ids: tuple[str, ...]
    column_labels: tuple[str, ...]
    values: np.memmap[Any, Any]
    notes: Mapping[str, Any] = field(default_factory=dict)


class CubeStore:
    """Creates, opens, lists and prunes the cubes of one folder."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def create(
        self,
        key: Mapping[str, Any],
        row_ids: Sequence[str],
        column_labels: Sequence[str],
        *,
        block_rows: int = DEFAULT_BLOCK_ROWS,
        timeout_seconds: float = 0.0,
        waiting: Waiting | None = None,
    ) -> PartialCube:
        """Start a cube, or go on with one that was interrupted.

        A part with other labels or blocks cannot belong to this build and is started afresh. While
        another process builds the same cube we wait, for as long as it finishes a block at least
        every ``timeout_seconds``; ``waiting`` is told how many rows it has done, of how many.
        """
        identifier = cube_id(key)
        if min(len(row_ids), len(column_labels), block_rows) < 1:
            raise UserInputError("A cube needs at least one row, one column and one row a block.")
        labels = encode_labels(row_ids, column_labels)
        manifest = Manifest(
            cube_id=identifier,
            key=dict(key),
            rows=len(row_ids),
            columns=len(column_labels),
            block_rows=block_rows,
            labels_sha256=hashlib.sha256(labels).hexdigest(),
        )
        folder, final = self._partial(identifier), self.folder / identifier
        lock = self._lock(manifest, timeout_seconds, waiting)
        try:
            if final.exists():
                shutil.rmtree(folder, ignore_errors=True)
                raise ConflictError(f"The cube {identifier} exists already.", hint="open() it.")
            if not _same_build(folder, manifest):
                _start_afresh(folder, manifest, labels)
            return PartialCube(folder, final, manifest, lock)
        except BaseException:
            lock.release()
            raise

    def _lock(
        self, manifest: Manifest, timeout_seconds: float, waiting: Waiting | None
    ) -> FileLock:
        """The right to write a cube."""
        folder = self._partial(manifest.cube_id)
        step = min(timeout_seconds, _LOOK_EVERY_SECONDS)
        idle, before = 0.0, -1
        while True:
            lock = FileLock(folder / LOCK_FILE, guards="The cube", timeout_seconds=step)
            try:
                with writing(folder / DATA_FILE, manifest.size_bytes):
                    _take(lock)
            except StoreLockedError as error:
                done = rows_done(folder, manifest)
                idle, before = (0.0 if done > before else idle + step), done
                if idle >= timeout_seconds:
                    raise _is_busy(manifest, lock, timeout_seconds) from error
                if waiting is not None:
                    waiting(done, manifest.rows)
                continue
            # Else the folder was finished and removed while we waited for it.
            if lock.is_in_place() or (self.folder / manifest.cube_id).exists():
                return lock
            lock.release()

    def open(self, identifier: str) -> Cube:
        """Map a finished cube read-only, its sizes, labels and notes proved.

        The data is proved by its checksums when the file is not the one that was written, as after
        a copy; else by verify().
        """
        folder = self._existing(identifier)
        manifest = read_manifest(folder / MANIFEST_FILE)
        data = folder / DATA_FILE
        size = data.stat().st_size if data.is_file() else 0
        if manifest.cube_id != identifier or cube_id(manifest.key) != identifier:
            raise damaged(folder / MANIFEST_FILE, "it belongs to another cube")
        if size != manifest.size_bytes:
            raise damaged(data, f"it has {size} bytes, {manifest.size_bytes} were written")
        labels = read_labels(folder, manifest)
        shape = (manifest.rows, manifest.columns)
        if (len(labels["rows"]), len(labels["columns"])) != shape:
            raise damaged(folder / LABELS_FILE, f"it does not name {shape} rows and columns")
        notes = read_notes(folder, manifest)
        values = np.memmap(data, dtype=manifest.dtype, mode="r", shape=shape)
        if data.stat().st_mtime_ns != manifest.data_mtime_ns:
            _prove(folder, manifest, values)
        return Cube(identifier, manifest.key, labels["rows"], labels["columns"], values, notes)

    def key(self, identifier: str) -> Mapping[str, Any]:
        """What a finished cube was made from, without opening its data."""
        return read_manifest(self._existing(identifier) / MANIFEST_FILE).key

    def remember(self, request: Mapping[str, Any], identifier: str) -> None:
        """Note which cube answered a request, so that it need not be worked out again."""
        path = self._answer(request)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_durably(path, checked_id(identifier).encode())

    def answer(self, request: Mapping[str, Any]) -> str | None:
        """The finished cube that answered the same request, if it is still there."""
        path = self._answer(request)
        if not path.is_file():
            return None
        identifier = path.read_text(encoding="utf-8", errors="replace")
        return identifier if is_id(identifier) and identifier in self else None

    def verify(self, identifier: str) -> None:
        """Read the whole cube and compare the checksum of every block."""
        folder = self._existing(identifier)
        _prove(folder, read_manifest(folder / MANIFEST_FILE), self.open(identifier).values)

    def __contains__(self, identifier: str) -> bool:
        return (self.folder / checked_id(identifier)).is_dir()

    def list(self) -> tuple[str, ...]:
        """The ids of the finished cubes."""
        return self._names("")

    def list_partial(self) -> tuple[str, ...]:
        """The ids of the cubes under construction or interrupted."""
        return self._names(PARTIAL)

    def prune(self, keep: Collection[str]) -> tuple[str, ...]:
        """Remove every cube and interrupted part whose id is not in ``keep``; return their ids.

        Maps that are open elsewhere stay readable; a part that is being written is left alone.
        """
        kept = {checked_id(identifier) for identifier in keep}
        removed = []
        for identifier in self.list():
            if identifier not in kept:
                # Gone at once, so that a death on the way leaves no cube with half its files.
                (self.folder / identifier).rename(self.folder / f"{identifier}{REMOVED}")
                removed.append(identifier)
        for identifier in self._names(REMOVED):
            shutil.rmtree(self.folder / f"{identifier}{REMOVED}", ignore_errors=True)
        for identifier in self.list_partial():
            if identifier not in kept and _remove_if_abandoned(self._partial(identifier)):
                removed.append(identifier)
        self._forget_answers()
        return tuple(removed)

    def _forget_answers(self) -> None:
        """Notes of requests whose cube is gone."""
        folder = self.folder / ANSWERS
        for path in folder.iterdir() if folder.is_dir() else ():
            if path.read_text(encoding="utf-8", errors="replace") not in self.list():
                path.unlink(missing_ok=True)

    def _answer(self, request: Mapping[str, Any]) -> Path:
        return self.folder / ANSWERS / cube_id(request)

    def _partial(self, identifier: str) -> Path:
        return self.folder / f"{identifier}{PARTIAL}"

    def _existing(self, identifier: str) -> Path:
        if identifier not in self:
            raise UnknownNameError("cube", identifier, self.list())
        return self.folder / identifier

    def _names(self, suffix: str) -> tuple[str, ...]:
        if not self.folder.is_dir():
            return ()
        found = (p for p in self.folder.iterdir() if p.suffix == suffix and is_id(p.stem))
        return tuple(sorted(folder.stem for folder in found if folder.is_dir()))


def _take(lock: FileLock) -> None:
    """In its folder, which may be finished or removed at any moment."""
    while True:
        lock.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return lock.acquire()
        except FileNotFoundError:
            continue


def _is_busy(manifest: Manifest, lock: FileLock, timeout_seconds: float) -> StoreLockedError:
    return StoreLockedError(
        f"The cube {manifest.cube_id} is being built by {lock.owner() or 'another process'}, which "
        f"finished no block in {timeout_seconds:g} s.",
        hint="Ask again when it is finished, or stop that process: its part is kept and gone on "
        "with.",
    )


def _remove_if_abandoned(folder: Path) -> bool:
    try:
        with FileLock(folder / LOCK_FILE, guards="The cube", timeout_seconds=0.0):
            shutil.rmtree(folder)
    except (StoreLockedError, FileNotFoundError):
        return False
    return True


def _prove(folder: Path, manifest: Manifest, values: np.memmap[Any, Any]) -> None:
    """Read the whole data and compare the checksum of every block."""
    if len(manifest.block_crc32) != manifest.block_count:
        raise damaged(folder / MANIFEST_FILE, "checksums are missing")
    for index, expected in enumerate(manifest.block_crc32):
        block = values[manifest.block(index)]
        if checksum(block) != expected:
            raise damaged(folder / DATA_FILE, f"block {index} has changed")
        give_back(block)


def _same_build(folder: Path, manifest: Manifest) -> bool:
    try:
        begun = read_manifest(folder / MANIFEST_FILE).unfinished()
    except DamagedStoreError:
        return False
    return begun.to_json() == manifest.to_json()


def _start_afresh(folder: Path, manifest: Manifest, labels: bytes) -> None:
    """The manifest is written last, so that it vouches for what lies beside it."""
    (folder / MANIFEST_FILE).unlink(missing_ok=True)
    for item in folder.iterdir():
        if item.name != LOCK_FILE:
            item.unlink()
    write_durably(folder / LABELS_FILE, labels)
    write_durably(folder / MANIFEST_FILE, manifest.to_json().encode())
