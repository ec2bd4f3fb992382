"""Charts of risk: results in, Plotly figures out. Losses are positive, P&L has its sign."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from riskplatform.reporting import palette
from riskplatform.reporting.bars import short
from riskplatform.reporting.charts import empty, plain, plain_text

if TYPE_CHECKING:
    from riskplatform.risk.tail_scenarios import TailScenario

_BINS = 61


def methods(table: pd.DataFrame, currency: str) -> go.Figure:
    """VaR and ES of several methods one below the other, each with its sampling interval.

    ``table`` has method, var, var_low, var_high and the same of es; without figures no dot.
    """
    rows = table[table["var"].notna()].iloc[::-1]
    height = 70 + 30 * max(len(rows), 3)
    if rows.empty:
        return empty(height, "No method has an answer.")
    figure = plain(height)
    names = [str(name).replace("_", " ") for name in rows["method"]]
    for measure, title, colour, shift in (
        ("var", "VaR", palette.ACCENT, 0.14),
        ("es", "ES", palette.SHORT, -0.14),
    ):
        values = rows[measure].to_numpy(dtype=float)
        high = rows[f"{measure}_high"].to_numpy(dtype=float)
        low = rows[f"{measure}_low"].to_numpy(dtype=float)
        # An interval without an upper end has none to draw; the table says that it is open.
        up = np.where(np.isfinite(high), high - values, 0.0)
        down = np.where(np.isfinite(low), values - low, 0.0)
        figure.add_scatter(
            x=values, y=np.arange(len(rows)) + shift, mode="markers", name=title,
            marker={"color": colour, "size": 8},
            error_x={"type": "data", "symmetric": False, "array": up, "arrayminus": down,
                     "color": colour, "thickness": 1.4, "width": 3},
            customdata=list(zip(names, low, high, strict=True)),
            hovertemplate="%{customdata[0]}: " + title + " %{x:,.0f} " + currency
            + "<br>interval %{customdata[1]:,.0f} to %{customdata[2]:,.0f}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(showlegend=True, hovermode="closest")
    figure.update_xaxes(title_text=f"Loss, {currency}", rangemode="tozero", nticks=7)
    figure.update_yaxes(
        tickvals=list(range(len(rows))), ticktext=names, showgrid=False, zeroline=False,
        tickfont={"color": palette.INK, "size": 12}, range=[-0.6, len(rows) - 0.4],
    )  # fmt: skip
    return figure


def distribution(
    gains: ArrayLike,
    weights: ArrayLike | None,
    var: float,
    es: float,
    currency: str,
    height: int = 300,
) -> go.Figure:
    """How often each P&L comes, the tail in the colour of losses, VaR and ES marked."""
    values = np.asarray(gains, dtype=float)
    if not values.size or not values.any():
        return empty(height, "The P&L is nothing in every scenario.")
    counts, edges = np.histogram(values, _BINS, weights=weights)
    total = counts.sum()
    middle = 0.5 * (edges[1:] + edges[:-1])
    figure = plain(height)
    figure.add_bar(
        x=middle, y=counts / total, width=np.diff(edges),
        marker={"color": [palette.LOSS if x <= -var else palette.CATEGORIES[1] for x in middle],
                "line": {"width": 0}},
        hovertemplate="P&L about %{x:,.0f} " + currency + ": %{y:.2%}<extra></extra>",
    )  # fmt: skip
    for name, place, dash in (("VaR", var, "solid"), ("ES", es, "dot")):
        figure.add_vline(
            x=-place, line={"color": palette.LOSS, "width": 1.4, "dash": dash},
            annotation={"text": f"{name} {short(place)}", "font": {"color": palette.LOSS},
                        "yref": "paper", "y": 1.0 if name == "VaR" else 0.9},
            annotation_position="top left" if name == "ES" else "top right",
        )  # fmt: skip
    figure.update_layout(bargap=0.0)
    figure.update_xaxes(title_text=f"P&L, {currency}")
    figure.update_yaxes(title_text="Share of scenarios", tickformat=".0%", nticks=5)
    return figure


def treemap(
    components: pd.Series, groups: pd.Series, currency: str, height: int = 420
) -> go.Figure:
    """Area is the size of a component, colour its sign: what adds to the risk and what hedges it.

    ``groups`` names the group of each item; both have items as their index.
    """
    shown = components[components.abs() > 0.0]
    if shown.empty:
        return empty(height, "Nothing held adds to this risk.")
    table = _tree_rows(shown, groups.reindex(shown.index).fillna("").astype(str))
    names, parents, sizes, values, labels = (list(column) for column in zip(*table, strict=True))
    total = float(components.sum())
    shares = np.array(values) / total if total else np.zeros(len(values))
    # Groups are frames: only items have the colour of what they do.
    own = np.array([name.startswith("i:") for name in names])
    largest = max(float(np.abs(components).max()), 1e-300)
    figure = plain(height)
    figure.add_treemap(
        ids=names, parents=parents, values=sizes, labels=labels, branchvalues="total",
        customdata=np.stack([values, shares], axis=1),
        marker={"colors": np.where(own, np.array(values) / largest, 0.0), "cmid": 0.0,
                "cmin": -1.0, "cmax": 1.0, "colorscale": _RISK_COLOURS,
                "line": {"width": 1, "color": palette.PAPER}},
        texttemplate="%{label}<br>%{customdata[1]:.1%}",
        hovertemplate="%{label}: %{customdata[0]:,.0f} " + currency
        + ", %{customdata[1]:.2%} of the whole<extra></extra>",
        pathbar={"visible": False}, tiling={"pad": 1}, maxdepth=3,
    )  # fmt: skip
    figure.update_layout(margin={"l": 0, "r": 0, "t": 4, "b": 0})
    return figure


def _tree_rows(shown: pd.Series, keys: pd.Series) -> list[tuple[str, str, float, float, str]]:
    """(id, parent, area, amount, label) of the whole, groups and items; ids keep them apart."""
    rows = [("all", "", float(shown.abs().sum()), float(shown.sum()), "All")]
    for group, part in shown.groupby(keys, sort=False):
        parent, size = f"g:{group}", float(part.abs().sum())
        rows.append((parent, "all", size, float(part.sum()), plain_text(str(group), 24)))
        rows += [
            (f"i:{item}", parent, abs(float(value)), float(value), plain_text(str(item), 24))
            for item, value in part.items()
        ]
    return rows


_RISK_COLOURS = (
    (0.0, palette.GAIN), (0.5, palette.WASH), (0.75, "#e0a89f"), (1.0, palette.LOSS),
)  # fmt: skip


def tail(scenarios: Sequence[TailScenario], currency: str, height: int = 300) -> go.Figure:
    """The worst scenarios, what drove each in its colour; the rest of the book is grey."""
    if not scenarios:
        return empty(height, "There is no scenario in the tail.")
    labels = [plain_text(each.label, 22) for each in scenarios]
    weight: dict[str, float] = {}
    for each in scenarios:
        for item, gain in each.drivers:
            weight[item] = weight.get(item, 0.0) + abs(min(gain, 0.0))
    leading = sorted(weight, key=lambda item: -weight[item])[: len(palette.CATEGORIES) - 1]
    figure = plain(height)
    places = list(range(len(scenarios)))
    rest = np.array([each.loss for each in scenarios])
    for place, item in enumerate(leading):
        losses = np.array([-dict(each.drivers).get(item, 0.0) for each in scenarios])
        rest = rest - losses
        name = plain_text(item, 24)
        figure.add_bar(
            x=places, y=losses, name=name, marker={"color": palette.CATEGORIES[place]},
            hovertemplate=f"{name}: %{{y:,.0f}} {currency}<extra></extra>",
        )  # fmt: skip
    figure.add_bar(
        x=places, y=rest, name="All others", marker={"color": palette.LINE},
        hovertemplate=f"All others: %{{y:,.0f}} {currency}<extra></extra>",
    )  # fmt: skip
    figure.update_layout(barmode="relative", showlegend=True, hovermode="closest", bargap=0.3)
    figure.update_xaxes(tickvals=places, ticktext=labels, tickangle=-40, showgrid=False)
    figure.update_yaxes(title_text=f"Loss, {currency}", nticks=6)
    return figure


def backtest_strip(
    days: Sequence[date],
    pnl: ArrayLike,
    value_at_risk: ArrayLike,
    is_exception: ArrayLike,
    currency: str,
    height: int = 280,
) -> go.Figure:
    """Each day's P&L above the loss that the model allowed for; days beyond it stand out."""
    if not len(days):
        return empty(height, "No day could be forecast.")
    gains, beyond = np.asarray(pnl, dtype=float), np.asarray(is_exception, dtype=bool)
    figure = plain(height)
    figure.add_bar(
        x=list(days), y=gains, name="P&L", marker={"color": palette.CATEGORIES[1]},
        hovertemplate="P&L %{y:+,.0f} " + currency + "<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=list(days), y=-np.asarray(value_at_risk, dtype=float), mode="lines",
        name="VaR, as a loss",
        line={"color": palette.INK, "width": 1.2, "shape": "hv"},
        hovertemplate="VaR %{y:,.0f} " + currency + "<extra></extra>",
    )  # fmt: skip
    hit = [day for day, is_hit in zip(days, beyond, strict=True) if is_hit]
    figure.add_scatter(
        x=hit, y=gains[beyond], mode="markers", name="Exceptions",
        marker={"color": palette.LOSS, "size": 8, "symbol": "circle"},
        hovertemplate="Beyond VaR: %{y:+,.0f} " + currency + "<extra></extra>",
    )  # fmt: skip
    figure.update_layout(showlegend=True, hovermode="x unified", bargap=0.0)
    figure.update_xaxes(showgrid=False, hoverformat="%a %d %b %Y")
    figure.update_yaxes(title_text=f"P&L, {currency}", nticks=6)
    return figure
