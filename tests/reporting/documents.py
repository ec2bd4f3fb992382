"""A document with one of everything, and with text that would do harm if it were not escaped."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from riskplatform.reporting.columns import Column
from riskplatform.reporting.document import (
    Document,
    Fact,
    Facts,
    Grid,
    Picture,
    Remark,
    Section,
)

HARM = "<script>alert('x')</script>"


def bars() -> go.Figure:
    return go.Figure(go.Bar(x=["a", f"</script>{HARM}"], y=[1.0, -2.0]))


def frame(rows: int = 3) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": [f"=cmd {HARM}", "plain", None][:rows] + ["more"] * max(rows - 3, 0),
            "pnl": [-1500.5, 20.0, float("nan")][:rows] + [7.0] * max(rows - 3, 0),
            "share": [0.25, 0.5, 0.25][:rows] + [0.0] * max(rows - 3, 0),
        }
    )


COLUMNS = (
    Column("name", "Name"),
    Column("pnl", "P&L, USD", "signed"),
    Column("share", "Share", "percent"),
)


def document() -> Document:
    return Document(
        title=f"Firm {HARM}",
        subtitle="Friday, amounts in USD",
        sections=(
            Section(
                "Breaches",
                (
                    Remark("One limit is breached.", "bad"),
                    Facts((Fact("Value", "1,000", "USD"), Fact("P&L", "−5", tone="bad"))),
                    Grid("Lines", frame(), COLUMNS, tones=("bad", "", "good")),
                ),
                note="first things first",
            ),
            Section(
                "Pictures",
                (
                    Picture("Tail", bars, "99%", ("2024 ▁▂", "2025 ▂▁")),
                    Grid("lines", frame(30), COLUMNS, most=5),
                ),
            ),
        ),
        footer=("as of 2026-11-27, in USD",),
    )
