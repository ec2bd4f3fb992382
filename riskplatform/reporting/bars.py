"""Bars of signed amounts, the largest first: one chart for exposures, components and drivers."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from riskplatform.reporting import numbers, palette
from riskplatform.reporting.charts import empty, plain, plain_text


def bars(
    sums: pd.Series, unit: str, *, most: int = 13, nothing: str = "Nothing held has this exposure."
) -> go.Figure:
    """One bar for each of the largest, on top the first; the sum of the others is said below."""
    sums = sums[sums != 0]
    rows, rest = sums.head(most).iloc[::-1], sums.iloc[most:]
    height = 44 + 24 * max(len(rows), 4)
    if rows.empty:
        return empty(height, nothing)
    figure = plain(height)
    names = [str(name) for name in rows.index]
    labels = [plain_text(name, 24) for name in names]
    figure.add_bar(
        x=rows.to_numpy(), y=names, orientation="h", customdata=labels,
        marker={"color": [palette.SHORT if value < 0 else palette.ACCENT for value in rows]},
        text=[short(value) for value in rows], textposition="outside", cliponaxis=False,
        textfont={"size": 11.5, "color": palette.INK},
        hovertemplate=f"%{{customdata}}: %{{x:,.0f}} {unit}<extra></extra>",
    )  # fmt: skip
    low, high = min(float(rows.min()), 0.0), max(float(rows.max()), 0.0)
    margin = 0.26 * (high - low)
    words = f"{unit}; {len(rest):,} others sum to {short(rest.sum()) or 0}" if len(rest) else unit
    figure.update_layout(bargap=0.32)
    figure.update_xaxes(range=[low - margin * (low < 0), high + margin * (high > 0)],
                        showticklabels=False, showgrid=False, title_text=words)  # fmt: skip
    figure.update_yaxes(
        showgrid=False, type="category", ticklabelstandoff=5, tickvals=names, ticktext=labels,
        tickfont={"color": palette.INK, "size": 12},
    )  # fmt: skip
    return figure


def short(value: float) -> str:
    """1234567 as 1.23m, with three digits that mean something; nothing is an empty cell."""
    if abs(value) < 0.5:
        return ""
    for step, sign in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        # As 999,600 is a million to three digits and not 1000 thousand.
        if abs(value) >= step * 0.9995:
            scaled = value / step
            digits = 2 if abs(scaled) < 9.995 else 1 if abs(scaled) < 99.95 else 0
            return f"{numbers.amount(scaled, digits)}{sign}"
    return numbers.amount(value)
