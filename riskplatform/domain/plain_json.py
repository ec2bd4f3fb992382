"""Any result as JSON: dates and decimals as text, null where a number is none or infinite."""

from __future__ import annotations

import json
from typing import Any


def json_text(value: Any) -> str:
    """JSON for people and programs."""
    return json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False)


def plain(value: Any) -> Any:
    """Mappings, lists, numbers, text, true, false and null."""
    match value:
        case dict():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case bool() | int() | str() | None:
            return value
        case float():
            return value if value == value and abs(value) != float("inf") else None
    item = getattr(value, "item", None)
    if item is not None:
        return plain(item())
    text = str(value)
    return None if text in ("NaT", "<NA>") else text
