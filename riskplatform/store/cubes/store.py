"""The folder of cubes. Opened cubes are read-only maps, so all processes share their pages."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from riskplatform.errors import ConflictError, StoreLockedError, UnknownNameError, UserInputError
from riskplatform.store.cubes.cube_id import checked_id, cube_id
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
)
from riskplatform.store.cubes.partial import LOCK_FILE, PartialCube
from riskplatform.store.lock import FileLock

PARTIAL = ".partial"
ANSWERS = "answers"
DEFAULT_BLOCK_ROWS = 256


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
    ) -> PartialCube:
        """Start a cube, or go on with one that was interrupted.

        A part with other labels or blocks cannot belong to this build and is started afresh.
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
        folder = self._partial(identifier)
        folder.mkdir(parents=True, exist_ok=True)
        lock = _lock(folder)
        lock.acquire()
        try:
            final = self.folder / identifier
            if final.exists():
                shutil.rmtree(folder, ignore_errors=True)
                raise ConflictError(f"The cube {identifier} exists already.", hint="open() it.")
            if not _same_build(folder, manifest):
                _start_afresh(folder, manifest, labels)
            return PartialCube(folder, final, manifest, lock)
        except BaseException:
            lock.release()
            raise

    def open(self, identifier: str) -> Cube:
        """Map a finished cube read-only. Sizes and labels are proved; the data by verify()."""
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
        values = np.memmap(data, dtype=manifest.dtype, mode="r", shape=shape)
        notes = read_notes(folder)
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
        identifier = path.read_text(encoding="utf-8")
        return identifier if identifier in self else None

    def verify(self, identifier: str) -> None:
        """Read the whole cube and compare the checksum of every block."""
        cube = self.open(identifier)
        manifest = read_manifest(self.folder / identifier / MANIFEST_FILE)
        if len(manifest.block_crc32) != manifest.block_count:
            raise damaged(self.folder / identifier / MANIFEST_FILE, "checksums are missing")
        for index, expected in enumerate(manifest.block_crc32):
            if checksum(cube.values[manifest.block(index)]) != expected:
                raise damaged(self.folder / identifier / DATA_FILE, f"block {index} has changed")

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
                shutil.rmtree(self.folder / identifier)
                removed.append(identifier)
        for identifier in self.list_partial():
            if identifier not in kept and _remove_if_abandoned(self._partial(identifier)):
                removed.append(identifier)
        return tuple(removed)

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
        folders = [
            p
            for p in self.folder.iterdir()
            if p.is_dir() and p.suffix == suffix and p.name != ANSWERS
        ]
        return tuple(sorted(folder.stem for folder in folders))


def _lock(folder: Path) -> FileLock:
    return FileLock(folder / LOCK_FILE, guards=f"The cube {folder.stem}", timeout_seconds=0.0)


def _remove_if_abandoned(folder: Path) -> bool:
    try:
        with _lock(folder):
            shutil.rmtree(folder)
    except StoreLockedError:
        return False
    return True


def _same_build(folder: Path, manifest: Manifest) -> bool:
    path = folder / MANIFEST_FILE
    return path.is_file() and path.read_text(encoding="utf-8") == manifest.to_json()


def _start_afresh(folder: Path, manifest: Manifest, labels: bytes) -> None:
    """The manifest is written last, so that it vouches for what lies beside it."""
    for item in folder.iterdir():
        if item.name != LOCK_FILE:
            item.unlink()
    write_durably(folder / LABELS_FILE, labels)
    write_durably(folder / MANIFEST_FILE, manifest.to_json().encode())
