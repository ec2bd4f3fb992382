"""The chart of the Simulation page: how gains are distributed over the scenarios."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from riskplatform.reporting import numbers, palette
from riskplatform.reporting.charts import empty, plain

_TAIL, _NEAR, _BODY = palette.LOSS, palette.CAUTION, palette.CATEGORIES[1]
_HEIGHT = 360


def distribution(bins: pd.DataFrame, marks: dict[str, float], currency: str) -> go.Figure:
    """Bars of the shares of scenarios; ``marks`` has mean, q05 and q01, drawn as lines."""
    if len(bins) < 2:
        return empty(_HEIGHT, "Nothing that is held gains or loses in any scenario.")
    figure = plain(_HEIGHT)
    middle = (bins["from"] + bins["to"]) / 2
    words = [
        f"{_amount(low)} to {_amount(high)} {currency}<br>{numbers.percent(share, 2)} of the "
        f"weight, {count:,} scenarios"
        for low, high, share, count in
        zip(bins["from"], bins["to"], bins["share"], bins["count"], strict=True)
    ]  # fmt: skip
    figure.add_bar(
        x=middle, y=100.0 * bins["share"], width=(bins["to"] - bins["from"]), customdata=words,
        marker={"color": [_colour(value, marks) for value in middle],
                "line": {"color": palette.PAPER, "width": 0.5}},
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    lines = (
        ("q01", "1% worst", _TAIL, 1.0), ("q05", "5% worst", _NEAR, 0.88),
        ("mean", "Mean", palette.INK, 1.0),
    )  # fmt: skip
    for name, label, colour, height in lines:
        _mark(figure, marks[name], f"{label} {_amount(marks[name])}", colour, height, name)
    figure.update_layout(bargap=0, margin={"l": 4, "r": 8, "t": 16, "b": 4})
    figure.update_xaxes(title_text=f"Gain, {currency}", showgrid=False, nticks=9)
    figure.update_yaxes(title_text="% of scenarios, by weight", nticks=6, rangemode="tozero",
                        range=[0, 118.0 * bins["share"].max()])  # fmt: skip
    return figure


def _mark(figure: go.Figure, at: float, text: str, colour: str, height: float, name: str) -> None:
    """A line through the chart; tails are named to its left, the mean to its right."""
    figure.add_shape(
        type="line", x0=at, x1=at, y0=0, y1=height, yref="paper",
        line={"color": colour, "width": 1.4, "dash": "dot"},
    )  # fmt: skip
    is_mean = name == "mean"
    figure.add_annotation(
        x=at, y=height, yref="paper", yanchor="top", xanchor="left" if is_mean else "right",
        text=text, showarrow=False, xshift=4 if is_mean else -4,
        font={"size": 12, "color": colour}, bgcolor=palette.PAPER,
    )  # fmt: skip


def _colour(value: float, marks: dict[str, float]) -> str:
    if value <= marks["q01"]:
        return _TAIL
    return _NEAR if value <= marks["q05"] else _BODY


def _amount(value: float) -> str:
    return " ".join(numbers.compact(value, sign=True)).strip()
