"""Has the risk been right: the strip of exceptions, the scorecard of models, the alert."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from riskplatform.reporting import numbers, risk_charts
from riskplatform.reporting.charts import CONFIG
from riskplatform.reporting.columns import Column
from riskplatform.ui import cards
from riskplatform.ui.overview import remark
from riskplatform.ui.problems import fragment
from riskplatform.ui.risk_data import Choice
from riskplatform.ui.session import Question
from riskplatform.ui.tables import table

if TYPE_CHECKING:
    from riskplatform.risk.backtests.result import BacktestResult

KINDS = {"Today's book on past days": "hypothetical", "What the node made": "actual"}
# Beyond 99 % there are too few days for a test to say anything.
_HIGHEST = 0.99


@st.cache_resource(show_spinner="Rolling every model over the history", max_entries=12)
def backtest(question: Question, confidence: float, of: str) -> BacktestResult:
    """All registered models on the node's P&L."""
    return question.desk.backtest(
        question.node, question.as_of, confidence=confidence, of=of, with_attribution=False
    )


@fragment
def backtest_block(question: Question, choice: Choice) -> None:
    """The model in use or any other, day by day, and all of them ranked."""
    confidence = min(choice.confidence, _HIGHEST)
    left, right = st.columns([1.6, 1.4], vertical_alignment="bottom")
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        kind = st.segmented_control(
            "P&L", list(KINDS), default=next(iter(KINDS)), key="backtest-of",
            label_visibility="collapsed",
        )  # fmt: skip
    with left:
        cards.heading(
            "Backtest",
            f"{numbers.percent(confidence, 1)}, 1 day, no look-ahead, {remark(question)}",
        )
    if not st.toggle("Run the backtest", key="backtest-on", value=False):
        st.caption("Rolls every registered model over the history of this portfolio.")
        return
    found = backtest(question, confidence, KINDS[kind or next(iter(KINDS))])
    if found.alert is not None:
        st.error(found.alert.message)
    st.caption(found.recommendation)
    names = [score.name for score in found.card.scores]
    used = found.card.champion or found.card.best.name
    model = st.selectbox(
        "Model", names, index=names.index(used), key="backtest-model", width=320,
        format_func=lambda name: f"{name} (in use)" if name == found.card.champion else name,
    )  # fmt: skip
    strip = found.strip(model)
    st.plotly_chart(
        risk_charts.backtest_strip(
            list(strip["date"]), strip["pnl"], strip["value_at_risk"], strip["is_exception"],
            question.base_currency,
        ),
        config=CONFIG, theme=None, key="backtest-strip",
    )  # fmt: skip
    table(found.to_frame(), _COLUMNS, key="scorecard", rows_shown=12)
    with st.expander("Remarks and tests in words"):
        for note in found.notes:
            st.caption(note)
        table(found.tests(model), _TEST_COLUMNS, key="backtest-tests", rows_shown=14)


_COLUMNS = [
    Column("rank", "Rank", "count", width=50),
    Column("model", "Model", width=150),
    Column("exceptions", "Exceptions", "count", "Days with a loss beyond VaR", 80),
    Column("expected", "Expected", "amount_2", width=75),
    Column("light", "Basel light", "text", "Of the last 250 days", 80),
    Column("pof_p", "POF p", "rate", "Kupiec: is the number of exceptions right?", 85),
    Column("cc_p", "Coverage p", "rate", "Christoffersen: right, and not in bunches?", 85),
    Column("dq_p", "DQ p", "rate", "Engle and Manganelli: can exceptions be foreseen?", 85),
    Column("es_p", "ES p", "rate", "Acerbi and Szekely: is the ES large enough?", 85),
    Column("quantile_score", "Score", "amount", "Mean quantile score; less is better", 100),
    Column("mcs_p", "Best set p", "rate", "Model confidence set", 85),
    Column("rejected_by", "Rejected by"),
]
_TEST_COLUMNS = [
    Column("name", "Test", width=230),
    Column("statistic", "Statistic", "rate", width=90),
    Column("p_value", "p", "rate", "How odd the days are if the null is true", 80),
    Column("is_rejected", "Rejected", width=75),
    Column("null", "The null: what is true if the model is right", width=330),
    Column("alternative", "The alternative", width=330),
    Column("method", "How p was found"),
]
