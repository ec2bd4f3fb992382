"""Sizes for people."""

from __future__ import annotations


def size_text(size_bytes: float) -> str:
    """Bytes in the unit that keeps the number short."""
    size, units = float(size_bytes), ("bytes", "kB", "MB", "GB", "TB")
    for unit in units:
        if size < 1000 or unit == units[-1]:
            break
        size /= 1000
    return f"{size:,.0f} {unit}" if unit == "bytes" or size >= 100 else f"{size:.1f} {unit}"
