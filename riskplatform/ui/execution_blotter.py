"""The Execution page: every order, and one of them with all that was said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from riskplatform.execution.order_journal import DECISIONS
from riskplatform.execution.order_state import Status
from riskplatform.reporting import numbers, palette
from riskplatform.reporting.columns import Column
from riskplatform.reporting.export import csv_text
from riskplatform.ui import cards, execution_data
from riskplatform.ui.asking import ask_for, show_refused
from riskplatform.ui.execution_replace import replace_block
from riskplatform.ui.markdown import literal
from riskplatform.ui.problems import fragment
from riskplatform.ui.session import Question
from riskplatform.ui.tables import MOST_ROWS, table

if TYPE_CHECKING:
    from riskplatform.desk import Desk
    from riskplatform.desk.order_tables import OrderHistory

_ORDER, _SAID = "execution-order", "execution-cancel-said"
_ALL, _OPEN, _ANY = "All", "Open", "All instruments"
_BAD = (Status.REJECTED.value, Status.EXPIRED.value, Status.UNKNOWN.value)
_COLUMNS = [
    Column("last_at", "Last, UTC", "moment", width=138),
    Column("client_order_id", "Order", width=164),
    Column("status", "Status", width=96),
    Column("side", "Side", width=44),
    Column("quantity", "Quantity", "quantity", width=78),
    Column("filled", "Filled", "quantity", width=78),
    Column("average_price", "Average", "price", width=90),
    Column("currency", "", width=44),
    Column("instrument_id", "Instrument", width=112),
    Column("portfolio_id", "Portfolio", width=150),
    Column("reason", "Reason", width=180),
    Column("slice", "Slice", "count", width=46),
    Column("attempt", "Attempt", "count", width=58),
    Column("type", "Type", width=60),
    Column("limit_price", "Limit", "price", width=80),
]
_EVENT_COLUMNS = [
    Column("at", "At the venue, UTC", "moment", width=134),
    Column("event", "Event", width=80),
    Column("said", "What was said", width=340),
    Column("audit_entry", "Audit", "count", "Its entry in the audit trail", 58),
    Column("recorded_at", "Recorded, UTC", "moment", width=138),
]
_CHECK_COLUMNS = [
    Column("check", "Check", width=86),
    Column("found", "Found", width=58),
    Column("figure", "Figure", "rate", width=78),
    Column("bound", "Bound", "rate", width=78),
    Column("unit", "Unit", width=98),
    Column("subject", "Of", width=90),
    Column("reason", "Reason", width=300),
]


@fragment
def blotter_block(question: Question) -> None:
    """Orders, the newest first; clicking on one opens it below."""
    left, state, name, download = st.columns([3, 1, 2, 1], vertical_alignment="bottom")
    known = sorted({each.instrument_id for each in execution_data.plans_of(question)})
    with state:
        which = st.segmented_control(
            "Orders", [_ALL, _OPEN], default=_ALL, key="execution-which",
            label_visibility="collapsed",
        )  # fmt: skip
    with name:
        wanted = st.selectbox(
            "Instrument", [_ANY, *known], key="execution-instrument", label_visibility="collapsed"
        )
    rows = orders_frame(question, is_open=which == _OPEN,
                        instrument_id=None if wanted == _ANY else wanted)  # fmt: skip
    with left:
        shown = f"{MOST_ROWS} of " if len(rows) > MOST_ROWS else ""
        cards.heading("Blotter", f"{shown}{len(rows):,} orders, the newest first; click on one")
    with download:
        st.download_button(
            "Download CSV", lambda: csv_text(rows).encode(), key="execution-orders-csv",
            mime="text/csv", file_name="orders.csv", on_click="ignore", width="stretch",
        )  # fmt: skip
    if rows.empty:
        st.caption("No order is open." if which == _OPEN else "No order was sent.")
        return

    def choose(place: int) -> None:
        st.session_state[_ORDER] = str(rows["client_order_id"].iloc[place])

    css = [f"color: {palette.LOSS}" if each in _BAD else "" for each in rows["status"]]
    table(rows, _COLUMNS, key="execution-orders", rows_shown=10, on_row=choose, row_css=css)
    chosen = st.session_state.get(_ORDER)
    if chosen not in set(rows["client_order_id"]):
        chosen = rows["client_order_id"].iloc[0]
    _one_order(question.desk, str(chosen))


def orders_frame(question: Question, *, is_open: bool, instrument_id: str | None) -> pd.DataFrame:
    """The desk's orders of the portfolios asked about, the newest first."""
    trading = execution_data.trading(question.version)
    found = execution_data.orders(trading, is_open, instrument_id).to_frame()
    inside = execution_data.leaves_of(question)
    if inside is not None:
        found = found[found["portfolio_id"].isin(inside)]
    return found.iloc[::-1].reset_index(drop=True)


def _one_order(desk: Desk, name: str) -> None:
    """What it is, its events, what the gate checked, and wishes to cancel or change it."""
    history = desk.order(name)
    state, asked = history.state, history.state.order
    cards.heading(
        f"Order {name}",
        f"{asked.side} {numbers.quantity(float(state.quantity))} {asked.key.instrument_id} for "
        f"{asked.key.portfolio_id}: {state.status.value.replace('_', ' ')}, "
        f"{numbers.quantity(float(state.filled))} filled",
    )
    if state.is_working:
        _cancel(desk, name)
        replace_block(desk, history)
    left, right = st.columns([1.25, 1], gap="medium")
    with left:
        table(history.to_frame(), _EVENT_COLUMNS, key="execution-events", rows_shown=10)
    with right:
        checks = checks_frame(history)
        if checks.empty:
            st.caption("The gate's checks of this order were not kept.")
        else:
            table(checks, _CHECK_COLUMNS, key="execution-checks", rows_shown=10)


def checks_frame(history: OrderHistory) -> pd.DataFrame:
    """Each check of the gate's last decision, those that did not simply pass first."""
    decisions = [each.body for each in history.events if each.stream == DECISIONS]
    outcomes: list[dict[str, Any]] = list(decisions[-1].get("outcomes", ())) if decisions else []
    ordered = sorted(outcomes, key=lambda each: each["found"] == "passed")
    return pd.DataFrame(ordered, columns=[column.name for column in _CHECK_COLUMNS])


def _cancel(desk: Desk, name: str) -> None:
    reason_key = f"execution-cancel-reason-{name}"
    with st.form(f"execution-cancel-{name}", border=False, enter_to_submit=False):
        words, button = st.columns([5, 1], vertical_alignment="bottom")
        with words:
            st.text_input(
                f"Reason to cancel it, for the audit trail (acting as {desk.settings.actor})",
                key=reason_key,
            )
        with button:
            st.form_submit_button(
                "Cancel order", key="execution-cancel", width="stretch", on_click=_ask,
                args=(desk, name, reason_key),
            )  # fmt: skip
    show_refused(_SAID, name)
    wish = execution_data.wishes(desk).get(name)
    if wish is not None:
        st.caption(
            f"{literal(str(wish['person']))} asked the engine to cancel it: "
            f"{literal(str(wish['reason']))}. Its plan goes on; to stop that, pause or kill."
        )


def _ask(desk: Desk, name: str, reason_key: str) -> None:
    reason = st.session_state.get(reason_key) or ""
    ask_for(_SAID, name, lambda: desk.cancel_order(name, reason=reason))
