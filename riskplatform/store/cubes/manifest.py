"""The card of a cube: what the data file must look like, and checksums to prove that it does."""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from riskplatform.errors import DamagedStoreError

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

    @property
    def size_bytes(self) -> int:
        return self.rows * self.columns * np.dtype(self.dtype).itemsize

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


def read_notes(folder: Path) -> dict[str, Any]:
    """What the builder wrote beside the data; nothing when it wrote nothing."""
    path = folder / NOTES_FILE
    if not path.exists():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise damaged(path, f"it cannot be read ({error})") from error
    if not isinstance(content, dict):
        raise damaged(path, "it is not a mapping")
    return content


def read_labels(folder: Path, manifest: Manifest) -> Mapping[str, tuple[str, ...]]:
    """Row ids and column labels, proved by their hash and count."""
    path = folder / LABELS_FILE
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise damaged(path, f"it cannot be read ({error})") from error
    if hashlib.sha256(raw).hexdigest() != manifest.labels_sha256:
        raise damaged(path, "its content has changed")
    content = json.loads(raw)
    return {"rows": tuple(content["rows"]), "columns": tuple(content["columns"])}


def checksum(block: np.ndarray[Any, Any]) -> int:
    """CRC-32 of a block's bytes."""
    return zlib.crc32(np.ascontiguousarray(block).view(np.uint8).reshape(-1).data)


def write_durably(path: Path, content: bytes) -> None:
    """Write a small file so that it survives a loss of power."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make renames and new names in a folder survive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
