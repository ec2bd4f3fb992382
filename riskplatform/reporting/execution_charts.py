"""Charts of trading: planned against done, fills among prices, and what trading cost in parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from riskplatform.reporting import numbers, palette
from riskplatform.reporting.bars import short
from riskplatform.reporting.charts import empty, plain, plain_text

PART_COLOURS: Mapping[str, str] = {
    "delay": palette.CATEGORIES[4],
    "timing": palette.CATEGORIES[1],
    "impact": palette.ACCENT,
    "opportunity": palette.CATEGORIES[6],
    "fees": palette.CATEGORIES[7],
}
_SIDES = {"buy": ("Bought", "triangle-up", palette.GAIN), "sell": ("Sold", "triangle-down",
          palette.LOSS)}  # fmt: skip
_LEAST_DOT, _LARGEST_DOT = 8.0, 15.0


def planned_and_done(
    plan: pd.DataFrame, done: pd.DataFrame, now: pd.Timestamp, words: str, height: int = 330
) -> go.Figure:
    """Units by time. ``plan`` and ``done`` have ``at`` and ``total``: a plan grows evenly between
    its points, what is done by steps."""
    if plan.empty:
        return empty(height, "Nothing is planned.")
    figure = plain(height)
    figure.add_scatter(
        x=plan["at"], y=plan["total"], mode="lines", name="Planned",
        line={"color": palette.FAINT, "width": 2, "dash": "dot"},
        hovertemplate="%{x|%H:%M:%S}: %{y:,.0f} planned<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=done["at"], y=done["total"], mode="lines", name="Done",
        line={"color": palette.ACCENT, "width": 2.2, "shape": "hv"}, fill="tozeroy",
        fillcolor="rgba(31,78,140,0.08)",
        hovertemplate="%{x|%H:%M:%S}: %{y:,.0f} done<extra></extra>",
    )  # fmt: skip
    figure.add_vline(x=now, line={"color": palette.MUTED, "width": 1})
    figure.update_layout(showlegend=True, margin={"t": 26}, hovermode="x")
    figure.update_xaxes(showgrid=False, title_text="Time of the venue, UTC; the line is its now")
    figure.update_yaxes(title_text=words, rangemode="tozero")
    return figure


def fills_in_time(
    fills: pd.DataFrame,
    market: pd.DataFrame,
    levels: Mapping[str, float],
    currency: str,
    height: int = 330,
) -> go.Figure:
    """Fills at their moments, with the market's middle when orders were sent, and price levels.

    ``fills`` have ``at``, ``price``, ``quantity`` and ``side``; ``market`` has ``at`` and
    ``price``; ``levels`` are drawn across the whole picture under their names.
    """
    if fills.empty and market.empty:
        return empty(height, "Nothing of this plan was sent or filled yet.")
    figure = plain(height)
    if len(market):
        figure.add_scatter(
            x=market["at"], y=market["price"], mode="lines", name="Middle when judged",
            line={"color": palette.FAINT, "width": 1.4, "shape": "hv"},
            hovertemplate="%{x|%H:%M:%S}: %{y:,.4f}<extra>middle</extra>",
        )  # fmt: skip
    _add_fills(figure, fills, "%{x|%H:%M:%S}")
    _add_levels(figure, levels, pd.concat([fills["at"], market["at"]]))
    figure.update_layout(showlegend=True, margin={"t": 26}, hovermode="closest")
    figure.update_xaxes(showgrid=False, title_text="Time of the venue, UTC")
    figure.update_yaxes(title_text=currency)
    return figure


def fills_on_closes(
    prices: pd.DataFrame,
    fills: pd.DataFrame,
    levels: Mapping[str, float],
    currency: str,
    height: int = 330,
) -> go.Figure:
    """The closes of the lake with the fills on their days; ``prices`` have ``date`` and ``close``,
    as repaired."""
    if prices.empty and fills.empty:
        return empty(height, "There is no price of this instrument in the span.")
    figure = plain(height)
    figure.add_scatter(
        x=prices["date"], y=prices["close"], mode="lines", name="Close",
        line={"color": palette.ACCENT, "width": 1.5},
        hovertemplate="%{x|%d %b %Y}: %{y:,.4f} " + currency + "<extra>close</extra>",
    )  # fmt: skip
    _add_fills(figure, fills, "%{x|%d %b %Y %H:%M:%S}")
    _add_levels(figure, levels, pd.concat([prices["date"], fills["at"]]))
    figure.update_layout(showlegend=True, margin={"t": 26}, hovermode="closest")
    figure.update_xaxes(showgrid=False)
    figure.update_yaxes(title_text=currency)
    return figure


def _add_fills(figure: go.Figure, fills: pd.DataFrame, moment: str) -> None:
    """A marker for each fill, pointing up for what was bought; the larger, the more it is."""
    most = float(fills["quantity"].max()) if len(fills) else 1.0
    for side, (name, symbol, colour) in _SIDES.items():
        some = fills[fills["side"] == side]
        if some.empty:
            continue
        share = some["quantity"].astype(float) / most
        figure.add_scatter(
            x=some["at"], y=some["price"], mode="markers", name=name,
            marker={
                "symbol": symbol, "color": colour, "opacity": 0.85,
                "size": _LEAST_DOT + (_LARGEST_DOT - _LEAST_DOT) * share**0.5,
                "line": {"color": palette.PAPER, "width": 1},
            },
            customdata=some["quantity"],
            hovertemplate=f"{moment}: %{{customdata:,.0f}} at %{{y:,.4f}}<extra>{name}</extra>",
        )  # fmt: skip


def _add_levels(figure: go.Figure, levels: Mapping[str, float], moments: pd.Series) -> None:
    """Prices that hold for the whole time, each with its figure in its name."""
    colours = (palette.INK, palette.CATEGORIES[4], palette.CATEGORIES[6])
    dashes = ("solid", "dash", "dot")
    at = pd.to_datetime(moments, utc=True)
    for (name, level), colour, dash in zip(levels.items(), colours, dashes, strict=False):
        figure.add_scatter(
            x=[at.min(), at.max()], y=[level, level], mode="lines",
            name=f"{name} {numbers.significant(level)}",
            line={"color": colour, "width": 1.3, "dash": dash},
            hovertemplate=f"{name}: %{{y:,.4f}}<extra></extra>",
        )  # fmt: skip


def shortfall_parts(
    costs: pd.DataFrame, parts: Sequence[str], currency: str, most: int = 12
) -> go.Figure:
    """One bar for each group, split into its parts: what costs to the right, what gains to the
    left; the sum stands behind it. Groups that are not drawn are summed in the words below."""
    moved = costs[costs[list(parts)].abs().sum(axis=1) >= 0.005]
    ordered = moved.iloc[moved["shortfall"].abs().argsort()[::-1]]
    rows, rest = ordered.head(most).iloc[::-1], ordered.iloc[most:]
    height = 74 + 26 * max(len(rows), 4)
    if rows.empty:
        return empty(height, "Nothing was traded that cost or gained anything.")
    figure = plain(height)
    names = [str(name) for name in rows["group"]]
    labels = [plain_text(name, 30) for name in names]
    for part in parts:
        figure.add_bar(
            x=rows[part], y=names, orientation="h", name=part.capitalize(), customdata=labels,
            marker={"color": PART_COLOURS.get(part, palette.MUTED)},
            hovertemplate=f"%{{customdata}}, {part}: %{{x:+,.2f}} {currency}<extra></extra>",
        )  # fmt: skip
    ends = rows[list(parts)].clip(lower=0.0).sum(axis=1)
    figure.add_scatter(
        x=ends, y=names, mode="text", showlegend=False, textposition="middle right",
        text=[f" {short(value) or numbers.amount(value, 2)}" for value in rows["shortfall"]],
        textfont={"size": 11.5, "color": palette.INK}, cliponaxis=False, hoverinfo="skip",
    )  # fmt: skip
    low = float(rows[list(parts)].clip(upper=0.0).sum(axis=1).min())
    high = float(ends.max())
    room = 0.16 * (high - low)
    words = f"Cost in {currency}; behind each bar its sum"
    if len(rest):
        words += f"; {len(rest):,} others sum to {short(float(rest['shortfall'].sum())) or 0}"
    figure.update_layout(barmode="relative", showlegend=True, bargap=0.3, margin={"t": 26})
    figure.update_xaxes(title_text=words, range=[low - 0.03 * (high - low), high + room], nticks=6)
    figure.update_yaxes(
        showgrid=False, type="category", tickvals=names, ticktext=labels, ticklabelstandoff=5,
        tickfont={"color": palette.INK, "size": 12},
    )  # fmt: skip
    return figure
