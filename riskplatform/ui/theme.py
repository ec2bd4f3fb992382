"""One look for all pages: the palette, and the flags that hand it to Streamlit."""

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

STREAMLIT = {
    "base": "light",
    "primaryColor": ACCENT,
    "backgroundColor": PAPER,
    "secondaryBackgroundColor": WASH,
    "textColor": INK,
    "linkColor": ACCENT,
    "greenColor": GAIN,
    "redColor": LOSS,
    "orangeColor": CAUTION,
    "borderColor": LINE,
    "dataframeBorderColor": "#e8ebf0",
    "dataframeHeaderBackgroundColor": WASH,
    "dataframeHeaderTextColor": MUTED,
    "baseFontSize": "14",
    "baseRadius": "4px",
    "showWidgetBorder": "true",
    "showSidebarBorder": "true",
    "sidebar.backgroundColor": WASH,
    "sidebar.secondaryBackgroundColor": "#e9edf3",
}
"""Options below ``theme.`` of Streamlit."""


def flags() -> list[str]:
    """The theme as command-line flags."""
    return [part for name, value in STREAMLIT.items() for part in (f"--theme.{name}", value)]
