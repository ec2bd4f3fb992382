"""The Risk page: what is asked, the headline, methods side by side, the distribution."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from riskplatform.domain.outcome import Failure
from riskplatform.reporting import numbers, risk_charts
from riskplatform.reporting.charts import CONFIG
from riskplatform.reporting.columns import Column
from riskplatform.risk.figures import RiskFigures
from riskplatform.risk.methods import measure
from riskplatform.ui import cards, risk_data
from riskplatform.ui.cards import Card
from riskplatform.ui.overview import remark
from riskplatform.ui.problems import fragment
from riskplatform.ui.risk_data import Choice
from riskplatform.ui.session import Question
from riskplatform.ui.simulation_data import days
from riskplatform.ui.simulation_makers import title_of
from riskplatform.ui.tables import table

CONFIDENCES = {"95%": 0.95, "97.5%": 0.975, "99%": 0.99, "99.9%": 0.999}
HORIZONS = {"1 day": 1.0, "10 days": 10.0, "20 days": 20.0}


def choose(question: Question) -> Choice:
    """Scenarios, confidence and horizon; all of the page follows."""
    views = list(risk_data.book_of(question).views)
    left, middle, right = st.columns([1.4, 1.2, 1], vertical_alignment="bottom")
    with left:
        view = st.segmented_control(
            "Scenarios", views, default=views[0], key="risk-view", format_func=title_of,
        )  # fmt: skip
    with middle:
        confidence = st.segmented_control(
            "Confidence", list(CONFIDENCES), default="99%", key="risk-confidence"
        )
    with right:
        horizon = st.segmented_control(
            "Horizon", list(HORIZONS), default="1 day", key="risk-horizon",
            help="Beyond the days that the scenarios cover, risk is simulated where a method can, "
            "else scaled by the square root of time, and the table says which.",
        )  # fmt: skip
    return Choice(view or views[0], CONFIDENCES[confidence or "99%"], HORIZONS[horizon or "1 day"])


def plain(question: Question, choice: Choice) -> RiskFigures | Failure:
    """The figures that the scenarios themselves say."""
    chosen = risk_data.view_of(question, choice)
    name = "historical" if chosen.is_history else "monte_carlo"
    return measure(name, chosen.sample(risk_data.gains(question, choice.view)), choice.asked)


def words(choice: Choice) -> str:
    """How sure, over how long."""
    return f"{numbers.percent(choice.confidence, 1)}, {days(int(choice.horizon_days))}"


def headline_strip(question: Question, choice: Choice) -> None:
    """VaR, ES and volatility with their intervals, the worst scenario, and what is not in them."""
    found, currency = plain(question, choice), question.base_currency
    whole = risk_data.book_of(question)
    if isinstance(found, Failure):
        st.warning(found.message)
        return
    gains = risk_data.gains(question, choice.view)
    place = int(gains.argmin())
    labels = risk_data.view_of(question, choice).labels
    note = words(choice)

    def card(label: str, value: float, note: str, more: str) -> Card:
        figure, unit = numbers.compact(value)
        return Card(label, figure, f"{unit} {currency}".strip(), note, more)

    def interval(name: str) -> str:
        given = getattr(found, f"{name}_interval")
        if given is None:
            return note
        low, high = ("".join(numbers.compact(each)) for each in (given.low, given.high))
        return f"{low} to {high} at {numbers.percent(given.level, 0)}"

    missing = len(whole.failures)
    cards.strip(
        [
            card("Value at risk", found.var, interval("var"),
                 f"{numbers.amount(found.var)} {currency}, {note}, {found.rule} quantile"),
            card("Expected shortfall", found.es, interval("es"),
                 f"{numbers.amount(found.es)} {currency}, {note}"),
            card("Volatility", found.volatility, f"over {days(int(choice.horizon_days))}",
                 f"{numbers.amount(found.volatility)} {currency}"),
            card("Worst scenario", -float(gains[place]), str(labels[place]),
                 f"A loss of {numbers.amount(-float(gains[place]))} {currency}"),
            Card("Scenarios", numbers.amount(found.scenarios), "",
                 f"{numbers.amount(found.effective_sample_size)} effective",
                 "How many equally weighted scenarios would say as much"),
            Card("Not covered", numbers.amount(missing), "instruments",
                 ", ".join(str(each.subject) for each in whole.failures[:2]) or "all are in",
                 "; ".join(each.message for each in whole.failures[:5]),
                 "caution" if missing else ""),
        ]
    )  # fmt: skip


@fragment
def methods_block(question: Question, choice: Choice) -> None:
    """Every method's VaR and ES with what sampling leaves open; a method without one says why."""
    cards.heading(
        "Methods side by side",
        f"{words(choice)}, {remark(question)}",
    )
    found = risk_data.methods(question, choice).to_frame()
    left, right = st.columns([1, 1.15], gap="medium")
    with left:
        st.plotly_chart(
            risk_charts.methods(found, question.base_currency), config=CONFIG, theme=None,
            key="methods",
        )  # fmt: skip
    with right:
        table(_rows(found), _METHOD_COLUMNS, key="methods-table", rows_shown=12)


_METHOD_COLUMNS = [
    Column("method", "Method", width=136),
    Column("var", "VaR", "amount", "Loss that is not exceeded", 86),
    Column("es", "ES", "amount", "Mean of the losses beyond", 86),
    Column("interval", "Interval of VaR", width=164),
    Column("how", "By", "text", "How the interval was found, and how the horizon", 122),
    Column("notes", "Remarks"),
]


def _rows(found: pd.DataFrame) -> pd.DataFrame:
    rows = found.copy()
    rows["method"] = rows["method"].str.replace("_", " ")
    rows["interval"] = [
        "" if low != low else f"{numbers.amount(low)} to "
        + (numbers.amount(high) if high < float("inf") else "no end")
        for low, high in zip(rows["var_low"], rows["var_high"], strict=True)
    ]  # fmt: skip
    scaling = rows["scaling"].astype(object).fillna("").astype(str)
    how = found["interval"].astype(object).fillna("").astype(str)
    rows["how"] = [
        ", ".join(part for part in pair if part) for pair in zip(how, scaling, strict=True)
    ]
    return rows


def distribution_block(question: Question, choice: Choice) -> None:
    """How often each gain comes, with the tail marked."""
    cards.heading(
        "Distribution of P&L",
        f"{title_of(choice.view)}, over the scenarios' own horizon, {remark(question)}",
    )
    chosen = risk_data.view_of(question, choice)
    own = Choice(choice.view, choice.confidence, float(chosen.horizon_days))
    found = plain(question, own)
    if isinstance(found, Failure):
        st.caption(found.message)
        return
    st.plotly_chart(
        risk_charts.distribution(
            risk_data.gains(question, choice.view), chosen.weights, found.var, found.es,
            question.base_currency,
        ),
        config=CONFIG, theme=None, key="risk-distribution",
    )  # fmt: skip
