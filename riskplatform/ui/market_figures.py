"""Charts of market data: prices with their quality marks, curves, credit, volatility surfaces."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from riskplatform.reporting import palette
from riskplatform.reporting.charts import empty, plain, plain_text

SEVERITY_COLOURS = {
    "error": palette.LOSS,
    "warning": palette.CAUTION,
    "info": palette.CATEGORIES[2],
}
_TENORS = {1 / 12: "1M", 0.25: "3M", 0.5: "6M", 1.0: "1Y", 2.0: "2Y", 5.0: "5Y", 10.0: "10Y",
           20.0: "20Y", 30.0: "30Y", 50.0: "50Y"}  # fmt: skip


def price_history(
    prices: pd.DataFrame, marks: pd.DataFrame, currency: str, height: int = 380
) -> go.Figure:
    """The close, the repaired close where it differs, and the marks on the days they concern."""
    if prices.empty:
        return empty(height, "There is no price of this instrument in the span.")
    figure = plain(height)
    figure.add_scatter(
        x=prices["date"], y=prices["close"], mode="lines", name="Close as delivered",
        line={"color": palette.ACCENT, "width": 1.5},
        hovertemplate="%{y:,.4f} " + currency + "<extra>close</extra>",
    )  # fmt: skip
    repaired = prices[prices["repaired_close"].notna()]
    if not repaired.empty:
        figure.add_scatter(
            x=prices["date"], y=prices["repaired_close"].fillna(prices["close"]), mode="lines",
            name="Repaired", line={"color": palette.CATEGORIES[4], "width": 1.5, "dash": "dot"},
            hovertemplate="%{y:,.4f} " + currency + "<extra>repaired</extra>",
        )  # fmt: skip
    _add_marks(figure, prices, marks)
    figure.update_layout(showlegend=True, hovermode="closest")
    figure.update_xaxes(showgrid=False)
    figure.update_yaxes(title_text=currency)
    return figure


def _add_marks(figure: go.Figure, prices: pd.DataFrame, marks: pd.DataFrame) -> None:
    """One set of points per severity; a mark on a day without a price sits at the price before."""
    known = prices.dropna(subset=["close"]).sort_values("date")
    for severity, colour in SEVERITY_COLOURS.items():
        some = marks[marks["severity"] == severity].sort_values("date")
        if some.empty or known.empty:
            continue
        placed = pd.merge_asof(
            some.assign(date=pd.to_datetime(some["date"]).astype("datetime64[us]")),
            known[["date", "close"]].assign(date=known["date"].astype("datetime64[us]")),
            on="date",
        )
        figure.add_scatter(
            x=placed["date"], y=placed["close"], mode="markers", name=severity.capitalize(),
            marker={"color": colour, "size": 8, "line": {"color": palette.PAPER, "width": 1}},
            customdata=placed[["rule", "message"]].to_numpy(),
            hovertemplate="%{x|%d %b %Y}<br>%{customdata[0]}: %{customdata[1]}<extra></extra>",
        )  # fmt: skip


def curves(frame: pd.DataFrame, chosen: Sequence[str], height: int = 340) -> go.Figure:
    """Zero rates by maturity; the axis of years grows like a root, so that the front is seen."""
    rows = frame[frame["curve_id"].isin(chosen)]
    return _term_structures(rows, "curve_id", rows["zero_rate"] * 100, "Zero rate, %", "%", height)


def credit(frame: pd.DataFrame, chosen: Sequence[str], height: int = 340) -> go.Figure:
    """Hazard rate times loss given default: roughly the spread, and said so."""
    rows = frame[frame["issuer_id"].isin(chosen)]
    spread = rows["hazard"] * (1 - rows["recovery"]) * 1e4
    return _term_structures(rows, "issuer_id", spread, "Hazard × (1 − recovery), bp", " bp", height)


def _term_structures(
    rows: pd.DataFrame, subject: str, values: pd.Series, title: str, unit: str, height: int
) -> go.Figure:
    if rows.empty:
        return empty(height, "Nothing is chosen.")
    figure = plain(height)
    digits = ".3f" if unit == "%" else ",.1f"
    for name, part in rows.assign(_value=values).groupby(subject, sort=False):
        figure.add_scatter(
            x=np.sqrt(part["years"]), y=part["_value"], mode="lines+markers", name=str(name),
            marker={"size": 5}, line={"width": 1.7}, customdata=part["years"],
            hovertemplate=f"%{{customdata:.2f}} years: %{{y:{digits}}}{unit}<extra>{{name}}</extra>"
            .replace("{name}", plain_text(str(name))),
        )  # fmt: skip
    most = float(rows["years"].max())
    ticks = {years: label for years, label in _TENORS.items() if years <= most * 1.05}
    figure.update_xaxes(
        tickvals=np.sqrt(list(ticks)), ticktext=list(ticks.values()), title_text="Maturity"
    )
    figure.update_yaxes(title_text=title)
    figure.update_layout(showlegend=True)
    return figure


def surface_heat(frame: pd.DataFrame, height: int = 360) -> go.Figure:
    """Implied volatility in per cent, written into each cell."""
    if frame.empty:
        return empty(height, "There is no surface.")
    grid = _grid(frame)
    figure = plain(height)
    figure.add_heatmap(
        x=_points(grid, str(frame["axis"].iloc[0])),
        y=[_expiry(t) for t in grid.index], z=grid.to_numpy() * 100,
        colorscale=[[i / 9, colour] for i, colour in enumerate(palette.SEQUENCE)],
        texttemplate="%{z:.1f}", textfont={"size": 11}, xgap=1, ygap=1,
        hovertemplate="%{y}, %{x}: %{z:.2f}%<extra></extra>", showscale=False,
    )  # fmt: skip
    figure.update_xaxes(showgrid=False, type="category", title_text=str(frame["axis"].iloc[0]))
    figure.update_yaxes(showgrid=False, type="category", title_text="Expiry", autorange="reversed")
    return figure


def surface_shape(frame: pd.DataFrame, height: int = 460) -> go.Figure:
    """The surface in space, to see its shape; numbers are read from the heat map."""
    if frame.empty:
        return empty(height, "There is no surface.")
    grid = _grid(frame)
    figure = plain(height)
    figure.add_surface(
        x=list(range(len(grid.columns))), y=list(range(len(grid.index))), z=grid.to_numpy() * 100,
        colorscale=[[i / 9, colour] for i, colour in enumerate(palette.SEQUENCE)], showscale=False,
        hovertemplate="%{z:.2f}%<extra></extra>",
    )  # fmt: skip
    axis = {"backgroundcolor": palette.PAPER, "gridcolor": palette.LINE, "color": palette.MUTED}
    names = _points(grid, str(frame["axis"].iloc[0]))
    figure.update_layout(
        scene={
            "xaxis": {**axis, "title": str(frame["axis"].iloc[0]), "ticktext": names[::2],
                      "tickvals": list(range(0, len(names), 2))},
            "yaxis": {**axis, "title": "Expiry", "ticktext": [_expiry(t) for t in grid.index],
                      "tickvals": list(range(len(grid.index)))},
            "zaxis": {**axis, "title": "Volatility, %"},
            "camera": {
                "eye": {"x": -1.75, "y": -1.85, "z": 0.85},
                "center": {"x": 0, "y": 0, "z": -0.14},
            },
            "aspectratio": {"x": 1.3, "y": 1.3, "z": 0.7},
        },
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
    )  # fmt: skip
    return figure


def _grid(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.pivot(index="years", columns="point", values="vol").sort_index()


def _points(grid: pd.DataFrame, axis: str) -> list[str]:
    return [_point(float(point), axis) for point in grid.columns.to_numpy()]


def _point(point: float, axis: str) -> str:
    if axis == "moneyness":
        return f"{point:.0%}"
    return f"{point:.2f}" if axis == "delta" else f"{point:,.4g}"


def _expiry(years: float) -> str:
    if years < 1 / 13:
        return f"{round(years * 365)}D"
    months = round(years * 12)
    return f"{months}M" if months % 12 else f"{months // 12}Y"
