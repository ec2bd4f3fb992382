"""A cube under construction: written block by block, resumable, invisible until committed.

It lives in ``<cube_id>.partial/``. A log says which blocks are whole, so a build that was
killed goes on where it stopped.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from riskplatform.errors import EnvironmentSetupError, StoreError, UserInputError
from riskplatform.store.cubes.manifest import (
    DATA_FILE,
    MANIFEST_FILE,
    NOTES_FILE,
    Manifest,
    checksum,
    sync_folder,
    write_durably,
)
from riskplatform.store.lock import FileLock

PROGRESS_FILE = "blocks.log"
LOCK_FILE = "owner.lock"


class PartialCube:
    """Write every block, then :meth:`commit`. Leaving the block without commit keeps the part."""

    def __init__(self, folder: Path, final: Path, manifest: Manifest, lock: FileLock) -> None:
        self.folder = folder
        self.manifest = manifest
        self._final = final
        self._lock = lock
        self._done = _read_progress(folder / PROGRESS_FILE)
        self._array: np.memmap[Any, Any] | None = np.memmap(
            _reserve(folder / DATA_FILE, manifest.size_bytes),
            dtype=manifest.dtype,
            mode="r+",
            shape=(manifest.rows, manifest.columns),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def missing_blocks(self) -> list[int]:
        """The blocks that are still to be written, in order."""
        return [i for i in range(self.manifest.block_count) if i not in self._done]

    def write_block(self, index: int, values: np.ndarray[Any, Any]) -> None:
        """Write one block of rows (``manifest.block(index)``) and note that it is whole."""
        if not 0 <= index < self.manifest.block_count:
            raise UserInputError(f"The cube has {self.manifest.block_count} blocks; no {index}.")
        rows = self.manifest.block(index)
        wanted = (rows.stop - rows.start, self.manifest.columns)
        if values.shape != wanted:
            raise UserInputError(f"Block {index} has the shape {wanted}, given {values.shape}.")
        array = self._open_array()
        array[rows] = values
        # The data must be on disk before the log says so.
        array.flush()
        self._done[index] = checksum(array[rows])
        line = json.dumps([index, self._done[index]])
        with (self.folder / PROGRESS_FILE).open("a", encoding="utf-8") as log:
            log.write(f"{line}\n")
            log.flush()
            os.fsync(log.fileno())

    def is_missing_number(self, row: int) -> bool:
        """Whether a row that has been written begins with what is not a number."""
        return bool(np.isnan(self._open_array()[row, 0]))

    def commit(self, notes: Mapping[str, Any] | None = None) -> Path:
        """Make the cube visible at once and for good, with ``notes``; return its folder."""
        if missing := self.missing_blocks():
            raise StoreError(
                f"The cube {self.manifest.cube_id} is not complete: {len(missing)} of "
                f"{self.manifest.block_count} blocks are missing, the first is {missing[0]}."
            )
        self._open_array().flush()
        sums = tuple(self._done[i] for i in range(self.manifest.block_count))
        finished = replace(self.manifest, block_crc32=sums)
        if notes is not None:
            text = json.dumps(notes, sort_keys=True, allow_nan=False)
            write_durably(self.folder / NOTES_FILE, text.encode())
        write_durably(self.folder / MANIFEST_FILE, finished.to_json().encode())
        (self.folder / PROGRESS_FILE).unlink()
        sync_folder(self.folder)
        self.folder.rename(self._final)
        sync_folder(self._final.parent)
        # The lock goes last: whoever gets it from now on sees that the cube is finished.
        (self._final / LOCK_FILE).unlink()
        self.close()
        return self._final

    def close(self) -> None:
        """Let go of the file and of the right to write it."""
        self._array = None
        self._lock.release()

    def _open_array(self) -> np.memmap[Any, Any]:
        if self._array is None:
            raise StoreError(f"The part of the cube {self.manifest.cube_id} has been closed.")
        return self._array


def _reserve(path: Path, size_bytes: int) -> Path:
    """Claim the disk space now: a full disk is then an error here, not a crash while writing."""
    with path.open("ab") as file:
        try:
            os.posix_fallocate(file.fileno(), 0, size_bytes)
        except OSError as error:
            raise EnvironmentSetupError(
                f"There is no room for the cube file {path} of {size_bytes / 1e6:.0f} MB: {error}.",
                hint="Free disk space, or prune() cubes that are no longer needed.",
            ) from error
        file.truncate(size_bytes)
    return path


def _read_progress(path: Path) -> dict[int, int]:
    """Checksums of the blocks that are whole; a last line torn by a crash does not count."""
    done: dict[int, int] = {}
    if not path.exists():
        return done
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.endswith("\n"):
            index, crc = json.loads(line)
            done[index] = crc
    return done
