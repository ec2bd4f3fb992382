"""A cube under construction: written block by block, resumable, invisible until committed.

It lives in ``<cube_id>.partial/``. A log says which blocks are whole, so a build that was
killed goes on where it stopped; what the log says is proved before it is believed.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import numpy as np

from riskplatform.errors import StoreError, UserInputError
from riskplatform.store.cubes.manifest import (
    DATA_FILE,
    MANIFEST_FILE,
    NOTES_FILE,
    Manifest,
    encode_notes,
    sync_folder,
    write_durably,
    writing,
)
from riskplatform.store.lock import FileLock

PROGRESS_FILE = "blocks.log"
LOCK_FILE = "owner.lock"


class PartialCube:
    """Write every block, then :meth:`commit`. Leaving the block without commit keeps the part.

    Blocks are written with plain writes, not through a map: memory stays that of one block, and a
    disk that fills up is an error and not the end of the process.
    """

    def __init__(self, folder: Path, final: Path, manifest: Manifest, lock: FileLock) -> None:
        self.folder = folder
        self.manifest = manifest
        self._final = final
        self._lock = lock
        self._done = _proved_blocks(folder, manifest)
        write_durably(folder / PROGRESS_FILE, "".join(map(_line, self._done.items())).encode())
        data = folder / DATA_FILE
        self._data: BinaryIO | None = _reserve(data, manifest.size_bytes).open("r+b")

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
        block = np.ascontiguousarray(values, dtype=self.manifest.dtype).reshape(-1)
        raw = block.view(np.uint8).data
        data = self._open_data()
        with writing(self.folder / DATA_FILE, self.manifest.size_bytes):
            data.seek(rows.start * self.manifest.row_bytes)
            data.write(raw)
            data.flush()
            # The data must be on disk before the log says so.
            os.fdatasync(data.fileno())
            self._done[index] = zlib.crc32(raw)
            with (self.folder / PROGRESS_FILE).open("a", encoding="utf-8") as log:
                log.write(_line((index, self._done[index])))
                log.flush()
                os.fsync(log.fileno())

    def read_block(self, index: int) -> np.ndarray[Any, Any]:
        """The rows of a block that has been written, to be changed and written again."""
        rows, data = self.manifest.block(index), self._open_data()
        data.seek(rows.start * self.manifest.row_bytes)
        raw = bytearray(data.read((rows.stop - rows.start) * self.manifest.row_bytes))
        return np.frombuffer(raw, dtype=self.manifest.dtype).reshape(-1, self.manifest.columns)

    def is_missing_number(self, row: int) -> bool:
        """Whether a row that has been written begins with what is not a number."""
        data = self._open_data()
        data.seek(row * self.manifest.row_bytes)
        return bool(np.isnan(np.frombuffer(data.read(4), dtype=self.manifest.dtype)[0]))

    def commit(self, notes: Mapping[str, Any] | None = None) -> Path:
        """Make the cube visible at once and for good, with ``notes``; return its folder.

        A death at any point leaves the whole cube, or a part of which no block is missing.
        """
        if missing := self.missing_blocks():
            raise StoreError(
                f"The cube {self.manifest.cube_id} is not complete: {len(missing)} of "
                f"{self.manifest.block_count} blocks are missing, the first is {missing[0]}."
            )
        content = None if notes is None else encode_notes(notes)
        if content is not None:
            write_durably(self.folder / NOTES_FILE, content)
        finished = replace(
            self.manifest,
            block_crc32=tuple(self._done[i] for i in range(self.manifest.block_count)),
            notes_sha256="" if content is None else hashlib.sha256(content).hexdigest(),
            data_mtime_ns=os.fstat(self._open_data().fileno()).st_mtime_ns,
        )
        write_durably(self.folder / MANIFEST_FILE, finished.to_json().encode())
        sync_folder(self.folder)
        self.folder.rename(self._final)
        sync_folder(self._final.parent)
        (self._final / PROGRESS_FILE).unlink()
        # The lock goes last: whoever gets it from now on sees that the cube is finished.
        (self._final / LOCK_FILE).unlink()
        self.close()
        return self._final

    def close(self) -> None:
        """Let go of the file and of the right to write it."""
        if self._data is not None:
            self._data.close()
        self._data = None
        self._lock.release()

    def _open_data(self) -> BinaryIO:
        if self._data is None:
            raise StoreError(f"The part of the cube {self.manifest.cube_id} has been closed.")
        return self._data


def rows_done(folder: Path, manifest: Manifest) -> int:
    """How many rows the log of a build calls whole: for whoever waits for it."""
    return sum(
        manifest.block(index).stop - manifest.block(index).start
        for index in _read_progress(folder / PROGRESS_FILE)
        if 0 <= index < manifest.block_count
    )


def _reserve(path: Path, size_bytes: int) -> Path:
    """Claim the disk space now: a full disk is then an error here, before anything is computed."""
    with writing(path, size_bytes), path.open("ab") as file:
        before = file.tell()
        try:
            os.posix_fallocate(file.fileno(), 0, size_bytes)
        except OSError:
            # What could be had of the space is of no use to anybody.
            file.truncate(before)
            raise
        file.truncate(size_bytes)
    return path


def _line(block: tuple[int, int]) -> str:
    return f"{json.dumps(block)}\n"


def _proved_blocks(folder: Path, manifest: Manifest) -> dict[int, int]:
    """The blocks that the log calls whole and whose bytes are still those that were written."""
    proved: dict[int, int] = {}
    path, claimed = folder / DATA_FILE, _read_progress(folder / PROGRESS_FILE)
    if not path.is_file():
        return proved
    with path.open("rb") as file:
        for index, crc in sorted(claimed.items()):
            if not 0 <= index < manifest.block_count:
                continue
            rows = manifest.block(index)
            file.seek(rows.start * manifest.row_bytes)
            raw = file.read((rows.stop - rows.start) * manifest.row_bytes)
            if zlib.crc32(raw) == crc:
                proved[index] = crc
    return proved


def _read_progress(path: Path) -> dict[int, int]:
    """Checksums of the blocks that are whole; a line torn by a crash does not count."""
    done: dict[int, int] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    except (FileNotFoundError, UnicodeDecodeError):
        return done
    for line in lines:
        try:
            index, crc = json.loads(line) if line.endswith("\n") else (None, None)
        except (ValueError, TypeError):
            continue
        if isinstance(index, int) and isinstance(crc, int):
            done[index] = crc
    return done
