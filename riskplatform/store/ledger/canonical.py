"""One spelling for every value, so that a digest depends on the content alone."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any

from riskplatform.errors import UserInputError

_ENCODER = json.JSONEncoder(
    separators=(",", ":"), sort_keys=True, ensure_ascii=False, allow_nan=False
)

canonical_json = _ENCODER.encode
"""JSON with sorted keys and no spaces; NaN is refused."""


def digest(value: Any) -> str:
    """SHA-256 over the canonical JSON of ``value``, as 64 hex digits."""
    return hashlib.sha256(canonical_json(value).encode("utf-8")).hexdigest()


def decimal_text(value: Decimal | None) -> str | None:
    """A decimal in its shortest plain spelling: 10.50 and 10.5 are the same number."""
    if not value:
        return None if value is None else "0"
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text


def storable(text: str, what: str) -> str:
    """``text`` when both databases can keep it as it is, else a refusal."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise UserInputError(f"{what} {text!r} is not valid Unicode text.") from None
    if "\x00" in text:
        raise UserInputError(f"{what} {text!r} contains a NUL character.")
    return text
