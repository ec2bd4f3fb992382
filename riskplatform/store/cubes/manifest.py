"""The card of a cube: what the data file must look like, and checksums to prove that it does."""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from riskplatform.errors import DamagedStoreError, EnvironmentSetupError

FORMAT = "riskplatform cube 1"
DTYPE = "<f4"
DATA_FILE = "data.f32"
LABELS_FILE = "labels.json"
MANIFEST_FILE = "cube.json"
NOTES_FILE = "notes.json"


@dataclass(frozen=True)
class Manifest:
    """Shape, blocks and checksums. Block ``i`` is the rows from ``i * block_rows`` on."""

    cube_id: str
    key: dict[str, Any]
    rows: int
    columns: int
    block_rows: int
    labels_sha256: str
    format: str = FORMAT
    dtype: str = DTYPE
    block_crc32: tuple[int, ...] = field(default=())
    notes_sha256: str = ""
    data_mtime_ns: int = 0
    """When the data was last written; a file of another time is proved before it is used."""

    def unfinished(self) -> Manifest:
        """As it was when the build began."""
        return replace(self, block_crc32=(), notes_sha256="", data_mtime_ns=0)

    @property
    def row_bytes(self) -> int:
        return self.columns * np.dtype(self.dtype).itemsize

    @property
    def size_bytes(self) -> int:
        return self.rows * self.row_bytes

    @property
    def block_count(self) -> int:
        return -(-self.rows // self.block_rows)

    def block(self, index: int) -> slice:
        """The rows of one block."""
        start = index * self.block_rows
        return slice(start, min(start + self.block_rows, self.rows))

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True, indent=1, allow_nan=False)


def read_manifest(path: Path) -> Manifest:
    """Read and check a manifest; anything else than one is refused with the file's name."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT or content["dtype"] != DTYPE:
            raise damaged(path, f"its format is {content['format']!r}, not {FORMAT!r}")
        manifest = Manifest(**{**content, "block_crc32": tuple(content["block_crc32"])})
        if min(manifest.rows, manifest.columns, manifest.block_rows) < 1:
            raise damaged(path, "it declares an empty array")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(path, f"it is not the card of a cube ({error})") from error
    return manifest


def damaged(path: Path, reason: str) -> DamagedStoreError:
    """The refusal of a cube's file."""
    return DamagedStoreError(
        f"The cube file {path} cannot be used: {reason}.",
        hint="Remove the cube with prune() or by hand; it will be built again when it is needed.",
    )


def encode_labels(row_ids: Sequence[str], column_labels: Sequence[str]) -> bytes:
    """The names of rows and columns, as they are kept beside the data."""
    return json.dumps({"rows": list(row_ids), "columns": list(column_labels)}).encode()


def encode_notes(notes: Mapping[str, Any]) -> bytes:
    """What the builder says beside the data."""
    return json.dumps(notes, sort_keys=True, allow_nan=False).encode()


def read_notes(folder: Path, manifest: Manifest) -> dict[str, Any]:
    """What the builder wrote beside the data, proved by its hash; nothing when it wrote nothing."""
    if not manifest.notes_sha256:
        return {}
    notes: dict[str, Any] = json.loads(_proved(folder / NOTES_FILE, manifest.notes_sha256))
    return notes


def read_labels(folder: Path, manifest: Manifest) -> Mapping[str, tuple[str, ...]]:
    """Row ids and column labels, proved by their hash and count."""
    content = json.loads(_proved(folder / LABELS_FILE, manifest.labels_sha256))
    return {"rows": tuple(content["rows"]), "columns": tuple(content["columns"])}


def _proved(path: Path, sha256: str) -> bytes:
    """A small file's content, if it is what was written."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise damaged(path, f"it cannot be read ({error})") from error
    if hashlib.sha256(raw).hexdigest() != sha256:
        raise damaged(path, "its content has changed")
    return raw


def checksum(block: np.ndarray[Any, Any]) -> int:
    """CRC-32 of a block's bytes."""
    return zlib.crc32(np.ascontiguousarray(block).view(np.uint8).reshape(-1).data)


@contextmanager
def writing(path: Path, size_bytes: int) -> Iterator[None]:
    """A disk that is full or fails, said so that a person can mend it."""
    try:
        yield
    except OSError as error:
        raise EnvironmentSetupError(
            f"The cube file {path} of {size_bytes / 1e6:,.1f} MB cannot be written: {error}.",
            hint="Free disk space, or prune() cubes that are no longer needed.",
        ) from error


def write_durably(path: Path, content: bytes) -> None:
    """Write a small file, whole or not at all, so that it survives a loss of power."""
    part = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with writing(path, len(content)), part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Make renames and new names in a folder survive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
