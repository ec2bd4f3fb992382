"""Values that cannot change, and a hash that depends on nothing but the values.

The hash addresses stored cubes, so it must be the same in every process and on every machine:
it reads numbers, text, dates, arrays and the fields of dataclasses, never an ``id`` or an order
of insertion.
"""

from __future__ import annotations

import dataclasses
import hashlib
import math
import struct
from collections.abc import Iterable, Mapping
from datetime import date
from enum import Enum
from typing import Any, Protocol, TypeGuard

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskplatform.errors import DataError

FloatArray = NDArray[np.float64]
DateArray = NDArray[np.datetime64]

# Numbers of a large array are hashed so many at a time: what is in the cache is not read twice.
_BLOCK = 65_536


class _Digest(Protocol):
    def update(self, data: bytes | memoryview, /) -> None: ...


def frozen_array(
    values: ArrayLike, *, what: str, shape: tuple[int, ...] | None = None
) -> FloatArray:
    """A read-only copy in float64; refused when a number is not finite or the shape is wrong.

    What nobody can write to is not copied again.
    """
    array = values if _is_frozen(values) else np.array(values, dtype=np.float64, order="C")
    if shape is not None and array.shape != shape:
        raise DataError(f"{what} has shape {array.shape}; expected {shape}.")
    if not np.isfinite(array).all():
        raise DataError(f"{what} holds a number that is not finite.")
    array.flags.writeable = False
    return array


def _is_frozen(values: ArrayLike) -> TypeGuard[FloatArray]:
    """Whether it owns its numbers and lets nobody write: a view could change under its reader."""
    return (
        type(values) is np.ndarray
        and values.dtype == np.float64
        and values.base is None
        and values.flags.c_contiguous
        and not values.flags.writeable
    )


def increasing_array(values: ArrayLike, *, what: str) -> FloatArray:
    """A read-only vector of at least one finite number, strictly increasing."""
    array = frozen_array(values, what=what)
    if array.ndim != 1 or array.size == 0:
        raise DataError(f"{what} must be a vector of at least one number.")
    if array.size > 1 and not (np.diff(array) > 0).all():
        raise DataError(f"{what} must be strictly increasing; found {array.tolist()}.")
    return array


class Content:
    """A frozen dataclass that equals another when their contents are the same."""

    __slots__ = ()

    def content_hash(self) -> str:
        """SHA-256 of all fields: equal content, equal hash, in every process."""
        return content_hash(self)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and content_hash(self) == content_hash(other)

    def __hash__(self) -> int:
        return hash(content_hash(self))


def content_hash(*values: Any) -> str:
    """SHA-256, as 64 hex digits, of the values given."""
    digest = hashlib.sha256()
    for value in values:
        _feed(digest, value)
    return digest.hexdigest()


def _feed(digest: _Digest, value: Any) -> None:
    """Tag and length before each value, so that no two different contents read the same."""
    if type(value) is str:  # most values are: names of a thousand assets
        _feed_text(digest, value)
        return
    match value:
        case None | bool():
            digest.update(b"?" + repr(value).encode())
        case Enum():
            _feed(digest, value.value)
        case int() | np.integer():
            digest.update(b"i" + str(int(value)).encode() + b";")
        case float() | np.floating():
            digest.update(b"f" + _float_bytes(float(value)))
        case str():
            _feed_text(digest, value)
        case date():
            digest.update(b"d" + value.isoformat().encode() + b";")
        case np.ndarray():
            _feed_array(digest, value)
        case Mapping():
            digest.update(b"m" + str(len(value)).encode() + b":")
            for key in sorted(value):
                _feed(digest, key)
                _feed(digest, value[key])
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            digest.update(b"c" + type(value).__name__.encode() + b":")
            for field in dataclasses.fields(value):
                if field.init:  # what is derived adds nothing
                    _feed(digest, getattr(value, field.name))
        case Iterable():
            items = list(value)
            digest.update(b"l" + str(len(items)).encode() + b":")
            for item in items:
                _feed(digest, item)
        case _:
            raise TypeError(f"A {type(value).__name__} has no content hash.")


def _feed_text(digest: _Digest, value: str) -> None:
    raw = value.encode()
    digest.update(b"s%d:%b" % (len(raw), raw))


def _feed_array(digest: _Digest, array: NDArray[Any]) -> None:
    if array.dtype.kind == "f":
        kind = "<f8"
    elif array.dtype.kind in "iub":
        kind = "<i8"
    elif array.dtype.kind == "M":
        array, kind = array.astype("datetime64[D]"), "<i8"
    else:
        _feed(digest, array.tolist())
        return
    digest.update(b"a" + repr((kind, array.shape)).encode())
    flat = np.ascontiguousarray(array).reshape(-1)
    for start in range(0, flat.size, _BLOCK):
        # Adding zero turns -0.0 into 0.0, which is the same value.
        block = flat[start : start + _BLOCK].astype(kind, copy=False) + 0
        digest.update(block.data)


def _float_bytes(value: float) -> bytes:
    return b"nan" if math.isnan(value) else struct.pack("<d", value + 0.0)
