"""Charts of stress: what makes a scenario's loss, and which books lose in which scenarios."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from riskplatform.reporting import palette
from riskplatform.reporting.bars import short
from riskplatform.reporting.charts import empty, group_label, plain, plain_text


def waterfall(parts: pd.Series, currency: str, *, most: int = 10, height: int = 320) -> go.Figure:
    """From nothing to the total, the largest part first; small ones together as one step."""
    moved = parts[parts.abs() >= 0.5].sort_values(key=abs, ascending=False)
    if moved.empty:
        return empty(height, "Nothing held moves in this scenario.")
    shown = moved.head(most)
    rest = float(moved.iloc[most:].sum())
    names = [group_label(str(name), 20) for name in shown.index]
    amounts = [float(value) for value in shown]
    if len(moved) > most:
        names.append(f"{len(moved) - most} others")
        amounts.append(rest)
    total = float(parts.sum())
    figure = plain(height)
    figure.add_waterfall(
        x=[*range(len(names) + 1)], y=[*amounts, total],
        measure=["relative"] * len(names) + ["total"],
        text=[short(value) or "0" for value in (*amounts, total)], textposition="outside",
        cliponaxis=False, textfont={"size": 11.5, "color": palette.INK},
        customdata=[*names, "Total"],
        hovertemplate="%{customdata}: %{y:+,.0f} " + currency + "<extra></extra>",
        decreasing={"marker": {"color": palette.LOSS}},
        increasing={"marker": {"color": palette.GAIN}},
        totals={"marker": {"color": palette.INK}},
        connector={"line": {"color": palette.FAINT, "width": 1}},
    )  # fmt: skip
    figure.update_xaxes(
        tickvals=[*range(len(names) + 1)], ticktext=[*names, "Total"], showgrid=False, tickangle=-35
    )
    figure.update_yaxes(title_text=f"P&L, {currency}", nticks=6)
    return figure


def heat(table: pd.DataFrame, titles: list[str], currency: str) -> go.Figure:
    """Scenarios in rows against books in columns; numbers stand in the cells.

    ``table`` is indexed by scenario, ``titles`` are its rows' names for people.
    """
    if table.empty:
        return empty(300, "No scenario could be run.")
    values = table.to_numpy(dtype=float)
    figure = plain(60 + 24 * len(table))
    rows = [*range(len(table))]
    # The colour grows like the root: one large cell must not make all others white.
    figure.add_heatmap(
        x=[plain_text(str(name), 22) for name in table.columns], y=rows,
        z=np.sign(values) * np.sqrt(np.abs(values)), zmid=0.0, customdata=values,
        hovertext=[[plain_text(title)] * values.shape[1] for title in titles],
        colorscale=_LOSS_TO_GAIN, showscale=False, xgap=1, ygap=1,
        text=[[short(value) for value in row] for row in values],
        texttemplate="%{text}", textfont={"size": 11},
        hovertemplate="%{hovertext}<br>%{x}: %{customdata:+,.0f} " + currency + "<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(showgrid=False, side="top", ticks="")
    figure.update_yaxes(
        showgrid=False, autorange="reversed", tickvals=rows,
        ticktext=[plain_text(title, 44) for title in titles],
        tickfont={"color": palette.INK, "size": 11.5}, ticks="", ticklabelstandoff=5,
    )  # fmt: skip
    figure.update_layout(margin={"l": 4, "r": 4, "t": 28, "b": 4})
    return figure


_LOSS_TO_GAIN = (
    (0.0, palette.LOSS), (0.25, "#e0a89f"), (0.5, palette.PAPER), (0.75, "#a9cfbb"),
    (1.0, palette.GAIN),
)  # fmt: skip
