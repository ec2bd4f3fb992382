"""What every chart of the house has in common: its style, its blanks, its labels."""

from __future__ import annotations

from functools import cache

import plotly.graph_objects as go

from riskplatform.reporting import palette

CONFIG = {"displayModeBar": False, "responsive": True, "scrollZoom": False}
"""Plotly's own controls are left out; a chart answers to hovering and dragging."""

_HOVER = {"bgcolor": palette.PAPER, "bordercolor": palette.LINE, "font": {"color": palette.INK}}
_AXIS = {
    "gridcolor": "#edf0f4",
    "linecolor": palette.LINE,
    "tickfont": {"color": palette.MUTED, "size": 12},
    "title": {"font": {"color": palette.MUTED, "size": 12}, "standoff": 8},
    "zerolinecolor": palette.FAINT,
    "zerolinewidth": 1,
    "automargin": True,
}


@cache
def _template() -> go.layout.Template:
    """The house style, checked by Plotly once and not for every chart."""
    return go.layout.Template(
        layout={
            "margin": {"l": 4, "r": 8, "t": 8, "b": 4},
            "paper_bgcolor": palette.PAPER,
            "plot_bgcolor": palette.PAPER,
            "font": {"family": palette.FONT, "size": 12, "color": palette.INK},
            "colorway": list(palette.CATEGORIES),
            "hoverlabel": _HOVER,
            "separators": ".,",
            "legend": {"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0, "xanchor": "left"},
            "showlegend": False,
            "bargap": 0.25,
            "xaxis": _AXIS,
            "yaxis": _AXIS,
        }
    )


def plain(height: int, figure: go.Figure | None = None) -> go.Figure:
    """A figure in the house style."""
    figure = figure or go.Figure()
    figure.layout.template = _template()
    figure.layout.height = height
    return figure


def empty(height: int, text: str) -> go.Figure:
    """An honest blank: says why there is nothing to draw."""
    figure = plain(height)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.add_annotation(
        text=text, showarrow=False, x=0.5, y=0.5, xref="paper", yref="paper",
        font={"color": palette.MUTED, "size": 13},
    )  # fmt: skip
    return figure


def plain_text(text: str, most: int = 60) -> str:
    """A name for a chart: Plotly reads tags and %{…} in texts, a name must not act as either."""
    short = text if len(text) <= most else text[: most - 1].rstrip() + "…"
    return short.replace("<", "‹").replace(">", "›").replace("%{", "% {")


def group_label(text: str, most: int = 26) -> str:
    """A group's name on an axis; names written small throughout start with a capital."""
    capital = text.upper() if len(text) < 3 else text.capitalize()
    return plain_text(capital if text.islower() else text, most)
