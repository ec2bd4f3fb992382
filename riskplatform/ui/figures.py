"""Charts of the book: frames in, Plotly figures out. Nothing here computes a number of risk."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from riskplatform.reporting import numbers, palette
from riskplatform.reporting.charts import empty, group_label, plain, plain_text


def value_history(frame: pd.DataFrame, base_currency: str, height: int = 330) -> go.Figure:
    """Value as a line above, P&L of each day as bars below, on one axis of days."""
    if len(frame) < 2:
        return empty(height, "One day of history is not a line yet.")
    figure = make_subplots(
        rows=2, cols=1, shared_xaxes=True, row_heights=[0.68, 0.32], vertical_spacing=0.06
    )
    figure.add_scatter(
        x=frame["date"], y=frame["value"], mode="lines", name="Value", row=1, col=1,
        line={"color": palette.ACCENT, "width": 1.7},
        hovertemplate="Value %{y:,.0f} " + base_currency + "<extra></extra>",
    )  # fmt: skip
    pnl = frame["pnl"].fillna(0.0)
    figure.add_bar(
        x=frame["date"], y=pnl, name="P&L", row=2, col=1,
        marker={"color": _gain_or_loss(pnl), "line": {"width": 0}},
        hovertemplate="P&L %{y:+,.0f} " + base_currency + "<extra></extra>",
    )  # fmt: skip
    plain(height, figure)
    figure.update_layout(hovermode="x unified", bargap=0.1)
    figure.update_xaxes(showgrid=False, hoverformat="%a %d %b %Y")
    figure.update_yaxes(title_text=f"Value, {base_currency}", row=1, col=1)
    figure.update_yaxes(title_text="Daily P&L", row=2, col=1, nticks=4)
    return figure


def allocation(
    table: pd.DataFrame, slice_name: str, base_currency: str, most: int = 11
) -> go.Figure:
    """Long to the right, short to the left, the net value written beside; largest gross first."""
    rows = _largest(table, slice_name, most).iloc[::-1]
    height = 44 + 27 * max(len(rows), 4)
    if rows.empty:
        return empty(height, "Nothing is held.")
    labels = [group_label(str(name)) for name in rows[slice_name]]
    figure = plain(height)
    for column, colour in (("long", palette.ACCENT), ("short", palette.CATEGORIES[5])):
        figure.add_bar(
            x=rows[column], y=labels, orientation="h", name=column.capitalize(),
            marker={"color": colour},
            hovertemplate="%{y}: " + column + " %{x:,.0f} " + base_currency + "<extra></extra>",
        )  # fmt: skip
    figure.update_layout(
        barmode="relative", bargap=0.32, showlegend=bool((rows["short"] < 0).any())
    )
    figure.update_xaxes(nticks=5)
    figure.update_yaxes(showgrid=False, tickfont={"color": palette.INK, "size": 12})
    net = ["{} {}  {}".format(*numbers.compact(v), numbers.percent(s)) for v, s in
           zip(rows["value"], rows["share"], strict=True)]  # fmt: skip
    for label, text in zip(labels, net, strict=True):
        figure.add_annotation(
            x=1.0, xref="paper", xanchor="left", y=label, text=text, showarrow=False, xshift=8,
            font={"size": 12, "color": palette.INK}, align="left",
        )  # fmt: skip
    figure.update_layout(margin={"l": 4, "r": 128, "t": 8, "b": 4})
    return figure


def contributors(table: pd.DataFrame, base_currency: str, each: int = 6) -> go.Figure:
    """The names that made and lost most: ``table`` has name and pnl."""
    moved = table[table["pnl"] != 0].sort_values("pnl")
    rows = pd.concat([moved.head(each), moved.tail(each)]).drop_duplicates()
    height = 44 + 23 * max(len(rows), 5)
    if rows.empty:
        return empty(height, "No line has made or lost anything on this day.")
    figure = plain(height)
    figure.add_bar(
        x=rows["pnl"], y=rows["name"], orientation="h",
        marker={"color": _gain_or_loss(rows["pnl"])},
        customdata=[plain_text(name) for name in rows["name"]],
        text=[numbers.signed(v) for v in rows["pnl"]],
        textposition="outside", cliponaxis=False, textfont={"size": 11.5, "color": palette.INK},
        hovertemplate="%{customdata}<br>%{x:+,.0f} " + base_currency + "<extra></extra>",
    )  # fmt: skip
    low, high = min(rows["pnl"].min(), 0.0), max(rows["pnl"].max(), 0.0)
    margin = 0.45 * (high - low)
    figure.update_xaxes(range=[low - margin * (low < 0), high + margin * (high > 0)],
                        showticklabels=False, showgrid=False)  # fmt: skip
    figure.update_yaxes(
        showgrid=False, tickfont={"color": palette.INK, "size": 12}, tickvals=rows["name"],
        ticktext=[plain_text(name, 24) for name in rows["name"]],
    )  # fmt: skip
    return figure


def _gain_or_loss(values: pd.Series) -> list[str]:
    return [palette.LOSS if value < 0 else palette.GAIN for value in values]


def _largest(table: pd.DataFrame, slice_name: str, most: int) -> pd.DataFrame:
    """The largest groups by gross value; the rest as one row, so that shares still add up."""
    ordered = table.assign(gross=table["long"] - table["short"])
    ordered = ordered.sort_values("gross", ascending=False, ignore_index=True)
    if len(ordered) <= most:
        return ordered
    rest = ordered.iloc[most - 1 :].sum(numeric_only=True).to_frame().T
    rest[slice_name] = f"{len(ordered) - most + 1} others"
    return pd.concat([ordered.head(most - 1), rest], ignore_index=True)
