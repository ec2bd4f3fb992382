"""Charts of a proposal: the frontier with the portfolio on it, and risk before and after."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from riskplatform.reporting import palette
from riskplatform.reporting.bars import short
from riskplatform.reporting.charts import empty, plain, plain_text

BEFORE, AFTER = palette.FAINT, palette.ACCENT
_CURVES = (
    {"color": palette.CATEGORIES[1], "width": 1.4, "dash": "dot"},
    {"color": palette.ACCENT, "width": 2.2},
)
_POINTS = (
    {"color": palette.INK, "size": 15, "symbol": "circle-open", "line": {"width": 2.4}},
    {
        "color": palette.SHORT,
        "size": 10,
        "symbol": "diamond",
        "line": {"color": palette.PAPER, "width": 1},
    },
)
_ROOM = 1.1


def frontier(
    curves: Mapping[str, pd.DataFrame], points: pd.DataFrame, lines: pd.DataFrame, height: int = 420
) -> go.Figure:
    """Return against volatility, both per year: the curves, the portfolios on them, the lines.

    All have ``volatility`` and ``expected``; ``points`` and ``lines`` are named by their index.
    The last curve is the one that counts; lines far off are left outside the picture and counted.
    """
    if points.empty:
        return empty(height, "There is no portfolio to draw.")
    figure = plain(height)
    across, up = _span(curves, points, lines)
    inside = lines[lines["volatility"].between(*across) & lines["expected"].between(*up)]
    figure.add_scatter(
        x=inside["volatility"], y=inside["expected"], mode="markers", name="Single lines",
        marker={"color": palette.CATEGORIES[1], "size": 5, "opacity": 0.4},
        text=[plain_text(str(name)) for name in inside.index],
        hovertemplate="%{text}: %{y:.1%} a year, volatility %{x:.1%}<extra></extra>",
    )  # fmt: skip
    styles = _CURVES[-len(curves) :] if curves else ()
    for (label, curve), style in zip(curves.items(), styles, strict=True):
        figure.add_scatter(
            x=curve["volatility"], y=curve["expected"], mode="lines", name=label, line=style,
            hovertemplate=f"{label}: %{{y:.2%}} a year, volatility %{{x:.2%}}<extra></extra>",
        )  # fmt: skip
    for (name, point), style in zip(points.iterrows(), _POINTS, strict=False):
        title = plain_text(str(name))
        figure.add_scatter(
            x=[point["volatility"]], y=[point["expected"]], mode="markers", name=title,
            marker=style,
            hovertemplate=f"{title}: %{{y:.2%}} a year, volatility %{{x:.2%}}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(showlegend=True, hovermode="closest", margin={"t": 26})
    left_out = len(lines) - len(inside)
    more = f"; {left_out} single lines lie outside" if left_out else ""
    figure.update_xaxes(title_text=f"Volatility a year{more}", tickformat=".0%", nticks=8,
                        range=list(across))  # fmt: skip
    figure.update_yaxes(title_text="Expected excess return a year", tickformat=".1%", nticks=7,
                        range=list(up))  # fmt: skip
    return figure


def _span(
    curves: Mapping[str, pd.DataFrame], points: pd.DataFrame, lines: pd.DataFrame
) -> tuple[tuple[float, float], tuple[float, float]]:
    """From where to where, across and up: what matters is the end of low risk, so that a frontier
    which ends in one wild asset does not press everything else into a corner."""
    left = min(float(each["volatility"].min()) for each in (points, *curves.values()))
    right = float(points["volatility"].max())
    for curve in curves.values():
        right = max(right, 2.2 * float(curve["volatility"].min()))
    if len(lines):
        right = max(right, float(lines["volatility"].median()))
    right *= _ROOM
    low, high = float(points["expected"].min()), float(points["expected"].max())
    for curve in curves.values():
        seen = curve[curve["volatility"] <= right]["expected"]
        low, high = min(low, float(seen.min())), max(high, float(seen.max()))
    near = lines[lines["volatility"] <= right]["expected"]
    if len(near):
        low, high = min(low, float(near.min())), max(high, float(near.max()))
    margin = 0.06 * max(high - low, 1e-4)
    return (0.85 * left, right), (low - margin, high + margin)


def contributions(before: pd.Series, after: pd.Series, unit: str, most: int = 14) -> go.Figure:
    """Two bars for each item, before and after, those that matter most on top.

    What is not drawn is summed in the words below, so that nothing is lost.
    """
    table = pd.DataFrame({"before": before, "after": after}).fillna(0.0)
    table = table[(table.abs() >= 0.5).any(axis=1)]
    if table.empty:
        return empty(260, "Nothing held adds to this risk.")
    order = table.abs().max(axis=1).sort_values(ascending=False).index
    rows, rest = table.loc[order[:most]].iloc[::-1], table.loc[order[most:]]
    labels = [plain_text(str(name), 26) for name in rows.index]
    places = list(range(len(rows)))
    figure = plain(70 + 30 * max(len(rows), 4))
    for name, colour in (("after", AFTER), ("before", BEFORE)):
        values = rows[name].to_numpy(dtype=float)
        figure.add_bar(
            x=values, y=places, orientation="h", name=name.capitalize(),
            marker={"color": colour}, customdata=labels, text=[short(each) for each in values],
            textposition="outside", cliponaxis=False, constraintext="none",
            textfont={"size": 10.5, "color": palette.INK},
            hovertemplate=f"%{{customdata}}, {name}: %{{x:,.0f}} {unit}<extra></extra>",
        )  # fmt: skip
    low, high = min(float(rows.min().min()), 0.0), max(float(rows.max().max()), 0.0)
    margin = 0.18 * (high - low)
    words = unit
    if len(rest):
        sums = [short(float(rest[name].sum())) or "0" for name in ("before", "after")]
        words = f"{unit}; {len(rest):,} others sum to {sums[0]} before and {sums[1]} after"
    figure.update_layout(showlegend=True, barmode="group", bargap=0.28, bargroupgap=0.04,
                         legend={"traceorder": "reversed"}, margin={"t": 26})  # fmt: skip
    figure.update_xaxes(range=[low - margin * (low < 0), high + margin * (high > 0)],
                        showticklabels=False, showgrid=False, title_text=words)  # fmt: skip
    figure.update_yaxes(
        showgrid=False, tickvals=places, ticktext=labels, ticklabelstandoff=5,
        tickfont={"color": palette.INK, "size": 12}, range=[-0.6, len(rows) - 0.4],
    )  # fmt: skip
    return figure


def thinned(curve: pd.DataFrame, most: int = 400) -> pd.DataFrame:
    """As many points as a picture shows; the ends stay."""
    if len(curve) <= most:
        return curve
    return curve.iloc[np.unique(np.linspace(0, len(curve) - 1, most).round().astype(int))]
