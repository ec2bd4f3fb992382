"""One look for all pages: the palette, and the flags that hand it to Streamlit."""

from __future__ import annotations

from riskplatform.reporting.palette import (
    ACCENT,
    CAUTION,
    GAIN,
    INK,
    LINE,
    LOSS,
    MUTED,
    PAPER,
    WASH,
)

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
