"""The What-if page: trades in a grid and changes in words, answered while they are typed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from riskplatform.desk.what_if_session import written
from riskplatform.errors import RiskPlatformError
from riskplatform.reporting import numbers
from riskplatform.reporting.columns import Column
from riskplatform.reporting.export import csv_text
from riskplatform.risk.what_if import Change, Trade, WhatIfResult
from riskplatform.ui import cards
from riskplatform.ui.cards import Card
from riskplatform.ui.markdown import literal
from riskplatform.ui.overview import remark
from riskplatform.ui.problems import fragment, show_problem
from riskplatform.ui.session import Question
from riskplatform.ui.tables import table

if TYPE_CHECKING:
    from riskplatform.desk.what_if_session import WhatIfSession

_HELP = (
    'One a line, after the trades: "BOOK: AAPL -50%", "BOOK: AAPL -> 0", "scale BOOK 0.5", '
    '"scale BOOK sector Energy 2", "remove BOOK".'
)
_MOST_BREACHES = 8
GROUPS = {"Risk": "risk", "Value": "value", "Exposures": "exposures", "Stress": "stress"}


@st.cache_resource(show_spinner="Pricing everything in every scenario", max_entries=3)
def _session(question: Question) -> WhatIfSession:
    return question.desk.what_if_session(question.as_of)


def session_of(question: Question) -> WhatIfSession:
    """The book held ready; all nodes share it."""
    return _session(Question(question.version, None, question.as_of, question.base_currency))


@fragment
def what_if_block(question: Question) -> None:
    """Changes at the left; what they do to the node at the right and below."""
    ready = session_of(question)
    left, right = st.columns([1.1, 1], gap="medium")
    with left:
        cards.heading("Changes", f"nothing is recorded, {remark(question)}")
        changes, problem = _changes(ready)
        paid = st.toggle(
            "Pay for trades from cash", value=True, key="what-if-paid",
            help="At marks, from the cash of the portfolio in the instrument's currency.",
        )  # fmt: skip
    if problem is not None:
        with right:
            show_problem(problem)
        return
    try:
        found = ready.ask(changes, question.node, self_financed=paid)
    except RiskPlatformError as error:
        with right:
            show_problem(error)
        return
    with right:
        cards.heading("Effect", f"on {question.node or 'everything'}, {question.base_currency}")
        cards.strip(headline(found))
        _breaches(found)
        for note in found.notes[1:]:
            st.caption(note)
    _numbers(question, found)
    _limits(found)
    _keep(question, changes, found, paid)


def _changes(ready: WhatIfSession) -> tuple[list[Change], RiskPlatformError | None]:
    book = ready.book
    rows = st.data_editor(
        pd.DataFrame({"node": [None], "instrument": [None], "quantity": [None]}),
        num_rows="dynamic", hide_index=True, key="what-if-trades", width="stretch",
        column_config={
            "node": st.column_config.SelectboxColumn(
                "Portfolio", options=list(book.leaves), width=190
            ),
            "instrument": st.column_config.SelectboxColumn(
                "Instrument", options=list(book.instrument_ids), width=230
            ),
            "quantity": st.column_config.NumberColumn(
                "Units", help="Above zero buys, below sells", width=120
            ),
        },
    )  # fmt: skip
    text = st.text_area("Other changes", key="what-if-text", height=90, help=_HELP,
                        placeholder="scale GEQ 0.9")  # fmt: skip
    try:
        return [*trades_of(rows.to_dict("records")), *written(text or "")], None
    except RiskPlatformError as error:
        return [], error


def trades_of(rows: Iterable[dict[Any, Any]]) -> list[Change]:
    """The rows that are filled in."""
    out: list[Change] = []
    for row in rows:
        name, quantity = row.get("instrument"), row.get("quantity")
        if not isinstance(name, str) or quantity is None or quantity != quantity or not quantity:
            continue
        node = row.get("node")
        out.append(
            Trade(name, quantity=float(quantity), node=node if isinstance(node, str) else None)
        )
    return out


def headline(found: WhatIfResult) -> list[Card]:
    """VaR and ES of each kind of scenarios, value, and what is traded."""
    currency = found.base_currency
    strip = []
    for place, row in enumerate(found.rows):
        if row.group != "risk" or not row.measure.startswith(("VaR", "ES")):
            continue
        change = float(found.difference[place])
        figure, unit = numbers.compact(float(found.scenario[place]))
        strip.append(
            Card(row.measure.split(",")[0] + ", " + row.measure.split(", ")[1], figure,
                 f"{unit} {currency}".strip(), f"{numbers.signed(change)}", row.measure,
                 cards.tone_of(-change) if abs(change) >= 0.5 else "")
        )  # fmt: skip
    figure, unit = numbers.compact(found.traded)
    strip.append(Card("Traded", figure, f"{unit} {currency}".strip(), "bought and sold together"))
    return strip


def _breaches(found: WhatIfResult) -> None:
    new = found.new_breaches
    if new:
        lines = [
            f"{c.limit.limit_id}: {c.limit.measure.replace('_', ' ')} of {c.limit.node} would be "
            f"{numbers.significant(c.value)}, allowed is {numbers.significant(c.limit.hard)}"
            for c in new[:_MOST_BREACHES]
        ]
        more = [f"and {len(new) - len(lines)} more"] if len(new) > len(lines) else []
        words = "1 new breach" if len(new) == 1 else f"{len(new)} new breaches"
        st.error("  \n".join([f"**{words}**", *map(literal, [*lines, *more])]))
    moved = found.moved_limits()
    if found.limits_after is not None and moved and not new:
        st.caption(f"{len(moved)} limits are touched and no new one is breached.")


def _numbers(question: Question, found: WhatIfResult) -> None:
    left, right = st.columns([1, 1.4], vertical_alignment="bottom")
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        group = st.segmented_control(
            "Numbers", list(GROUPS), default="Risk", key="what-if-group",
            label_visibility="collapsed",
        )  # fmt: skip
    with left:
        cards.heading("As it is, as it would be", remark(question))
    frame = found.to_frame()
    rows = frame[frame["group"] == GROUPS[group or "Risk"]]
    if group == "Stress":
        rows = rows.sort_values("scenario")
    table(rows, _NUMBER_COLUMNS, key="what-if-numbers", rows_shown=16)


_NUMBER_COLUMNS = [
    Column("measure", "Number", width=260),
    Column("base", "As it is", "amount", width=150),
    Column("scenario", "As it would be", "amount", width=150),
    Column("difference", "Difference", "change", width=140),
    Column("unit", "Unit"),
]


def _limits(found: WhatIfResult) -> None:
    rows = found.limits_frame()
    if rows.empty:
        return
    cards.heading("Limits that are touched", "new breaches first")
    rows["measure"] = rows["measure"].str.replace("_", " ")
    table(rows, _LIMIT_COLUMNS, key="what-if-limits", rows_shown=8)


_LIMIT_COLUMNS = [
    Column("limit_id", "Limit", width=190),
    Column("node", "Portfolio", width=110),
    Column("measure", "Measure", width=120),
    Column("of", "Of", width=150),
    Column("light_before", "Light now", "light", width=90),
    Column("light_after", "Light then", "light", width=90),
    Column("base", "As it is", "rate", width=130),
    Column("scenario", "As it would be", "rate", width=130),
    Column("hard", "Limit", "rate", width=130),
    Column("utilisation", "Used then", "percent", width=80),
]


def _keep(question: Question, changes: list[Change], found: WhatIfResult, paid: bool) -> None:
    if not changes:
        return
    name, save, load = st.columns([2, 1, 1], vertical_alignment="bottom")
    with name:
        wanted = st.text_input("Keep as", key="what-if-name", placeholder="less_energy")
    with save:
        if st.button("Keep", key="what-if-save", width="stretch", disabled=not wanted):
            try:
                path = question.desk.save_what_if(
                    wanted, changes, node=question.node, self_financed=paid
                )
            except RiskPlatformError as error:
                show_problem(error)
            else:
                st.toast(f"Kept as {path.name}.")
    with load:
        st.download_button(
            "Download", csv_text(found.to_frame()), file_name=f"{wanted or 'what-if'}.csv",
            mime="text/csv", key="what-if-download", on_click="ignore", width="stretch",
        )  # fmt: skip


RISKS = {"ES": "es", "VaR": "var", "Volatility": "volatility", "Delta": "delta", "DV01": "dv01",
         "CS01": "cs01"}  # fmt: skip


@fragment
def hedges_block(question: Question) -> None:
    """Single trades that cut a risk of the node most for what they cost."""
    left, right = st.columns([1, 1.4], vertical_alignment="bottom")
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        risk = st.segmented_control(
            "Risk", list(RISKS), default="ES", key="hedge-risk", label_visibility="collapsed"
        )
    with left:
        cards.heading(
            "Hedges", f"one trade each, within a tenth of gross value, {remark(question)}"
        )
    if not st.toggle("Look for hedges", key="hedges-on", value=False):
        st.caption(
            "Sizes futures, shares, funds, bonds, swaps and forwards of the book in its scenarios."
        )
        return
    found = session_of(question).hedges(question.node, risk=RISKS[risk or "ES"])
    if not found.hedges:
        st.caption("No single trade within the budget cuts this risk.")
        return
    table(found.to_frame(), _HEDGE_COLUMNS, key="hedges", rows_shown=10)
    st.caption("Cost is half a spread and fees, as assumed by kind of instrument.")


_HEDGE_COLUMNS = [
    Column("instrument_id", "Instrument", width=230),
    Column("quantity", "Units", "signed", width=120),
    Column("traded", "Traded", "amount", "Value at marks", 130),
    Column("cost", "Cost", "amount", "Half a spread and fees, assumed", 100),
    Column("before", "Risk now", "amount", width=130),
    Column("after", "Risk then", "amount", width=130),
    Column("cut", "Cut", "amount", width=120),
    Column("cut_per_cost", "Cut per cost", "amount", width=100),
]
