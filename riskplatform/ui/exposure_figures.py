"""Charts of exposures: grids and sums in, Plotly figures out; the unit stands on every axis."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from riskplatform.reporting import palette
from riskplatform.reporting.bars import short
from riskplatform.reporting.charts import empty, plain, plain_text
from riskplatform.reporting.exposure_tables import folded, tenor


def ladder(grid: pd.DataFrame, unit: str, *, most: int = 9, height: int = 340) -> go.Figure:
    """Bars by tenor, stacked by the rows of ``grid`` (largest first), and their net as a line."""
    if grid.empty or not grid.to_numpy().any():
        return empty(height, "Nothing held has this exposure.")
    figure = plain(height)
    tenors = [tenor(float(years)) for years in grid.columns]
    shown = folded(grid, most)
    rest = len(shown) - 1 if len(grid) > most else None
    for place, (name, values) in enumerate(shown.iterrows()):
        label = plain_text(str(name).removeprefix("ISSUER."), 28)
        figure.add_bar(
            x=tenors, y=values.to_numpy(), name=label,
            marker={"color": palette.FAINT if place == rest else palette.CATEGORIES[place % 10]},
            hovertemplate=f"{label}, %{{x}}: %{{y:,.0f}} {unit}<extra></extra>",
        )  # fmt: skip
    if len(shown) > 1:
        figure.add_scatter(
            x=tenors, y=grid.sum().to_numpy(), name="Net", mode="lines+markers",
            line={"color": palette.INK, "width": 1.6}, marker={"size": 5, "color": palette.INK},
            hovertemplate=f"Net, %{{x}}: %{{y:,.0f}} {unit}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(
        barmode="relative", bargap=0.35, showlegend=len(shown) > 1, hovermode="closest",
        legend={"font": {"size": 11.5}, "itemwidth": 30},
    )  # fmt: skip
    figure.update_xaxes(showgrid=False, type="category", categoryarray=tenors)
    figure.update_yaxes(title_text=unit, nticks=7)
    return figure


def heat(grid: pd.DataFrame, unit: str, *, most: int = 13) -> go.Figure:
    """Rows of ``grid`` against tenors, each number written into its cell; row sums beside."""
    if grid.empty or not grid.to_numpy().any():
        return empty(340, "Nothing held has this exposure.")
    shown = folded(grid, most)
    tenors = [tenor(float(years)) for years in shown.columns]
    names = [str(name) for name in shown.index]
    labels = [plain_text(name.removeprefix("VOL."), 22) for name in names]
    values = shown.to_numpy()
    figure = plain(52 + 24 * max(len(shown), 4))
    # The colour grows like the root: one large cell must not make all others white.
    figure.add_heatmap(
        x=tenors, y=names, z=np.sign(values) * np.sqrt(np.abs(values)), zmid=0.0,
        colorscale=palette.DIVERGING, showscale=False, xgap=1, ygap=1,
        customdata=values, hovertext=[[label] * len(tenors) for label in labels],
        text=[[short(value) for value in row] for row in values],
        texttemplate="%{text}", textfont={"size": 11},
        hovertemplate=f"%{{hovertext}}, %{{x}}: %{{customdata:,.0f}} {unit}<extra></extra>",
    )  # fmt: skip
    for name, total in zip(names, values.sum(axis=1), strict=True):
        figure.add_annotation(
            x=1.0, xref="paper", xanchor="right", y=name, text=short(total), showarrow=False,
            xshift=62, font={"size": 11.5, "color": palette.INK},
        )  # fmt: skip
    figure.add_annotation(
        x=1.0, xref="paper", xanchor="right", y=1.0, yref="paper", yanchor="bottom", xshift=62,
        text="Sum", showarrow=False, font={"size": 11.5, "color": palette.MUTED},
    )  # fmt: skip
    figure.update_xaxes(showgrid=False, type="category", side="top", ticks="")
    figure.update_yaxes(
        showgrid=False, type="category", autorange="reversed", ticks="", ticklabelstandoff=5,
        tickvals=names, ticktext=labels, tickfont={"color": palette.INK, "size": 11.5},
    )  # fmt: skip
    figure.update_layout(margin={"l": 4, "r": 70, "t": 24, "b": 4})
    return figure
