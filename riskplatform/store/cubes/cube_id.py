"""The address of a cube: the hash of the key that determines its content."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from riskplatform.errors import UserInputError

_FORM = re.compile(r"[0-9a-f]{64}")


def cube_id(key: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON of ``key``: equal keys, equal id, on every machine."""
    try:
        text = json.dumps(
            key, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=True
        )
    except (TypeError, ValueError) as error:
        raise UserInputError(
            f"The key of a cube must be plain JSON: {error}.",
            hint="Give texts, whole numbers, finite numbers, and lists and mappings of those.",
        ) from error
    return hashlib.sha256(text.encode()).hexdigest()


def is_id(text: str) -> bool:
    """Whether a text has the form of an id."""
    return _FORM.fullmatch(text) is not None


def checked_id(identifier: str) -> str:
    """The id, proved to have the form of one, so that it can safely be part of a path."""
    if not is_id(identifier):
        raise UserInputError(
            f"{identifier!r} is not the id of a cube.", hint="An id has 64 hexadecimal digits."
        )
    return identifier
