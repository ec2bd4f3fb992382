"""The waterfall of a P&L explain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskplatform.reporting import numbers, palette

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from riskplatform.risk.explain import ExplainResult

HEIGHT = 360


def waterfall(found: ExplainResult, *, height: int = HEIGHT) -> go.Figure:
    """From nothing to the actual P&L, one bar per term that is not zero, the unexplained last.

    Values before and after are left out: beside them no term could be seen.
    """
    from riskplatform.reporting.bars import short
    from riskplatform.reporting.charts import empty, plain

    steps = [(title, amount) for title, amount, is_total in found.waterfall()[1:-1] if not is_total]
    steps = [(title, amount) for title, amount in steps if title != "Flows"]
    if not steps:
        return empty(height, "Nothing was gained or lost.")
    figure = plain(height)
    titles = [*(title for title, _ in steps), "Actual P&L"]
    amounts = [*(amount for _, amount in steps), found.actual]
    figure.add_waterfall(
        x=titles,
        y=amounts,
        measure=[*("relative" for _ in steps), "total"],
        text=[short(amount) for amount in amounts],
        textposition="outside",
        cliponaxis=False,
        increasing={"marker": {"color": palette.GAIN}},
        decreasing={"marker": {"color": palette.LOSS}},
        totals={"marker": {"color": palette.ACCENT}},
        connector={"line": {"color": palette.LINE, "width": 1}},
        customdata=[numbers.amount(amount) for amount in amounts],
        hovertemplate=f"%{{x}}: %{{customdata}} {found.base_currency}<extra></extra>",
    )
    figure.update_xaxes(showgrid=False, tickangle=-35)
    figure.update_yaxes(title_text=f"P&L in {found.base_currency}")
    return figure
