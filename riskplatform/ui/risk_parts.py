"""What makes the risk: components by slice or instrument as a map, as bars and as a table."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from riskplatform.pricing.attributes import SLICES
from riskplatform.reporting import numbers, risk_charts
from riskplatform.reporting.bars import bars
from riskplatform.reporting.charts import CONFIG
from riskplatform.reporting.columns import Column
from riskplatform.ui import cards, risk_data
from riskplatform.ui.overview import remark
from riskplatform.ui.problems import fragment
from riskplatform.ui.risk_data import Choice
from riskplatform.ui.session import Question
from riskplatform.ui.tables import table

MEASURES = {"ES": "es", "VaR": "var", "Volatility": "volatility"}
_GROUPS = ("portfolio", *(name for name in SLICES if name != "instrument_id"))
GROUPS = {name.replace("_", " ").removesuffix(" id").capitalize(): name for name in _GROUPS}


@fragment
def parts_block(question: Question, choice: Choice) -> None:
    """Components that sum to the whole; red adds to the risk, green takes away."""
    left, right = st.columns([2, 1.6], vertical_alignment="bottom")
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        title = st.selectbox(
            "By", list(GROUPS), key="risk-by", label_visibility="collapsed", width=160
        )
        name = st.segmented_control(
            "Measure", list(MEASURES), default="ES", key="risk-measure",
            label_visibility="collapsed",
        )  # fmt: skip
    measure, by = MEASURES[name or "ES"], GROUPS[title]
    with left:
        cards.heading(
            f"What makes the {name or 'ES'}",
            f"components sum to the whole, {remark(question)}",
        )
    groups = risk_data.parts(question, choice.view, choice.confidence, by).parts
    lines = risk_data.parts(question, choice.view, choice.confidence, "instrument_id").parts
    for failure in groups.failures:
        st.caption(failure.message)
    picture, list_ = st.columns([1.45, 1], gap="medium")
    with picture:
        st.plotly_chart(
            risk_charts.treemap(
                pd.Series(lines.to_frame()[measure]), _group_of(question, by),
                question.base_currency,
            ),
            config=CONFIG, theme=None, key="risk-map",
        )  # fmt: skip
    with list_:
        sums = groups.to_frame()[measure].sort_values(ascending=False, key=abs)
        st.plotly_chart(
            bars(sums, question.base_currency, nothing="Nothing held adds to this risk."),
            config=CONFIG, theme=None, key="risk-bars",
        )  # fmt: skip
    _table(question, choice, by)


def _group_of(question: Question, by: str) -> pd.Series:
    """The group of every instrument; of portfolios the map shows asset classes."""
    whole = risk_data.book_of(question)
    shown = "asset_class" if by == "portfolio" else by
    return whole.attributes.set_index("instrument_id")[shown].fillna("unclassified")


def _table(question: Question, choice: Choice, by: str) -> None:
    found = risk_data.parts(question, choice.view, choice.confidence, by)
    rows = found.to_frame("es").rename(columns={by: "item"})
    rows = rows[rows["item"].isin(found.parts.items)]
    rows["name"] = [_name(question, by, str(item)) for item in rows["item"]]
    table(rows, _COLUMNS, key="risk-parts", rows_shown=8)
    _, var, es = found.parts.totals
    ratio = numbers.multiple(found.diversification["es"]) if es > 0 else numbers.UNKNOWN
    st.caption(
        f"Together: VaR {numbers.amount(var)}, ES {numbers.amount(es)} {question.base_currency}. "
        f"The groups alone have {ratio} that ES: the rest is diversification."
    )


_COLUMNS = [
    Column("item", "Group", width=130),
    Column("name", "Name", width=180),
    Column("es", "ES component", "amount", "Its share of the tail loss; sums to the whole", 110),
    Column("es_share", "Share", "percent", width=70),
    Column("var", "VaR component", "amount", "Smoothed around the quantile, summing to VaR", 110),
    Column("es_alone", "ES alone", "amount", "Without the rest of the book", 110),
    Column("incremental_es", "ES saved", "amount",
           "How much less ES there would be without it, in full revaluation", 110),
    Column("incremental_var", "VaR saved", "amount",
           "How much less VaR there would be without it, in full revaluation", 110),
]  # fmt: skip


def _name(question: Question, by: str, item: str) -> str:
    tree = risk_data.book_of(question).tree
    return tree.node(item).name if by == "portfolio" and item in tree else ""
