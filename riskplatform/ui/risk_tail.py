"""The tail explorer: the worst scenarios, what drove each, down to instruments and groups."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from riskplatform.reporting import numbers, risk_charts
from riskplatform.reporting.bars import bars
from riskplatform.reporting.charts import CONFIG
from riskplatform.reporting.columns import Column
from riskplatform.risk.tail_scenarios import TailScenario
from riskplatform.ui import cards, risk_data
from riskplatform.ui.overview import remark
from riskplatform.ui.problems import fragment
from riskplatform.ui.risk_data import Choice
from riskplatform.ui.session import Question
from riskplatform.ui.tables import table


@fragment
def tail_block(question: Question, choice: Choice) -> None:
    """The scenarios of the ES, worst first; one of them taken apart."""
    found = risk_data.parts(question, choice.view, choice.confidence, "asset_class").parts
    cards.heading(
        "Tail explorer",
        f"the {len(found.tail)} worst of {found.scenarios:,} scenarios by asset class, "
        f"{remark(question)}",
    )
    if not found.tail:
        st.caption("There is no loss in any scenario.")
        return
    st.plotly_chart(
        risk_charts.tail(found.tail, question.base_currency), config=CONFIG, theme=None, key="tail"
    )
    labels = [scenario.label for scenario in found.tail]
    chosen = st.selectbox("Scenario", labels, key="tail-scenario", width=320)
    scenario = found.tail[labels.index(chosen)]
    _one(question, choice, scenario)


def _one(question: Question, choice: Choice, scenario: TailScenario) -> None:
    whole, view = risk_data.book_of(question), risk_data.view_of(question, choice)
    held = whole.sliced("instrument_id", question.node)
    gains = pd.Series(view.of(held[1])[:, scenario.place], index=list(held[0]))
    attributes = whole.attributes.set_index("instrument_id")
    rows = pd.DataFrame({"instrument_id": gains.index, "pnl": gains.to_numpy()})
    for name in ("name", "asset_class", "sector", "country"):
        rows[name] = attributes[name].reindex(gains.index).to_numpy()
    rows["share"] = rows["pnl"] / -scenario.loss if scenario.loss else np.nan
    st.caption(
        f"{scenario.label}: a loss of {numbers.amount(scenario.loss)} {question.base_currency}, "
        f"{numbers.percent(scenario.weight, 2)} of the ES."
    )
    left, right = st.columns([1, 1.4], gap="medium")
    with left:
        by_class = rows.groupby("asset_class")["pnl"].sum().sort_values(key=abs, ascending=False)
        st.plotly_chart(
            bars(by_class, question.base_currency, nothing="Nothing moves in this scenario."),
            config=CONFIG, theme=None, key="tail-classes",
        )  # fmt: skip
    with right:
        table(rows.sort_values("pnl"), _COLUMNS, key="tail-lines", rows_shown=9)


_COLUMNS = [
    Column("instrument_id", "Instrument", width=136),
    Column("name", "Name", width=178),
    Column("asset_class", "Class", width=80),
    Column("sector", "Sector", width=92),
    Column("pnl", "P&L", "signed", "In this scenario", 90),
    Column("share", "Of the loss", "percent", width=72),
]
