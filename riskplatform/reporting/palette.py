"""The colours of the house, on pages and on paper."""

from __future__ import annotations

INK = "#16233b"
MUTED = "#5f6b7e"
FAINT = "#8f99a9"
LINE = "#dfe3ea"
WASH = "#f5f7fa"
PAPER = "#ffffff"
ACCENT = "#1f4e8c"
ACCENT_PALE = "#d8e3f1"
GAIN = "#1d7a4f"
LOSS = "#b3372c"
CAUTION = "#a8690b"

CATEGORIES = (
    "#1f4e8c", "#5b8fc7", "#0f7c82", "#7a9a3a", "#c08a1e", "#b8573a", "#7c5a9b", "#6d7888",
    "#2f6f5e", "#a34d74",
)  # fmt: skip
"""Colours of series, told apart also by people who do not see red and green as different."""

SEQUENCE = (
    "#f2f6fb", "#d8e3f1", "#b5cbe5", "#8db0d6", "#6595c6", "#437bb2", "#2a639e", "#1f4e8c",
    "#183d6e", "#112b4f",
)  # fmt: skip

FONT = "Source Sans, system-ui, sans-serif"

SHORT = CATEGORIES[5]
"""What is sold short, or takes away."""

DIVERGING = (
    (0.0, SHORT),
    (0.25, "#dba898"),
    (0.5, PAPER),
    (0.75, "#9db8da"),
    (1.0, ACCENT),
)
"""From one sign to the other, nothing in the middle."""
