"""The Execution page: how far each approved trade is, and one of them among prices."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from riskplatform.execution.parents import Line, Parent
from riskplatform.reporting import execution_charts, numbers, palette
from riskplatform.reporting.charts import CONFIG
from riskplatform.reporting.columns import Column
from riskplatform.reporting.export import csv_text
from riskplatform.ui import cards, execution_data, session
from riskplatform.ui.data_prices import SPANS
from riskplatform.ui.execution_data import Trading
from riskplatform.ui.markdown import literal
from riskplatform.ui.problems import fragment
from riskplatform.ui.session import Question
from riskplatform.ui.tables import MOST_ROWS, table

if TYPE_CHECKING:
    from riskplatform.execution.gateways.gateway import Filled

_PLAN = "execution-plan"
_COLUMNS = [
    Column("portfolio_id", "Portfolio", width=150),
    Column("instrument_id", "Instrument", width=112),
    Column("side", "Side", width=44),
    Column("quantity", "Approved", "quantity", "Units", 80),
    Column("planned", "Planned", "quantity", "What fits into the schedule", 80),
    Column("filled", "Done", "quantity", width=80),
    Column("share", "Of planned", "percent", width=76),
    Column("due", "Due by now", "amount", "By the schedule, at the venue's last moment", 82),
    Column("ahead", "Ahead", "signed", "Done less due: negative is behind", 72),
    Column("state", "State", width=82),
    Column("expires_at", "Good until, UTC", "moment", width=138),
    Column("open", "Open", "quantity", width=62),
    Column("orders", "Orders", "count", width=54),
    Column("algorithm", "By", width=48),
    Column("approval_id", "Approval", width=100),
]
_NOTHING_BEHIND = 1e-9


@fragment
def progress_block(question: Question) -> None:
    """One row per approved trade; one of them drawn against its schedule and among prices."""
    found, plans = execution_data.trading(question.version), execution_data.plans_of(question)
    left, right = st.columns([5, 1], vertical_alignment="bottom")
    rows = progress_frame(found, plans)
    with left:
        shown = f"{MOST_ROWS} of " if len(rows) > MOST_ROWS else ""
        at = "" if found.at is None else f"; venue's last moment {found.at:%Y-%m-%d %H:%M:%S} UTC"
        cards.heading(
            "Progress", f"{shown}{len(rows):,} plans, those furthest behind first; click on one{at}"
        )
    if rows.empty:
        st.caption("Nothing of the portfolio chosen above is or was traded.")
        return
    with right:
        st.download_button(
            "Download CSV", lambda: csv_text(rows).encode(), key="execution-plans-csv",
            mime="text/csv", file_name="plans.csv", on_click="ignore", width="stretch",
        )  # fmt: skip
    lines: list[Line] = list(
        zip(rows["approval_id"], rows["portfolio_id"], rows["instrument_id"], strict=True)
    )

    def choose(place: int) -> None:
        st.session_state[_PLAN] = lines[place]

    css = [f"color: {palette.LOSS}" if each == "expired" else "" for each in rows["state"]]
    table(rows, _COLUMNS, key="execution-plans", rows_shown=8, on_row=choose, row_css=css)
    if st.session_state.get(_PLAN) not in lines:
        st.session_state[_PLAN] = lines[0]
    titles = {each.line: title_of(each) for each in plans}
    line: Line = st.selectbox("Plan", lines, key=_PLAN, format_func=titles.__getitem__)
    _one_plan(question, found, found.blotter.parents[line])


def progress_frame(found: Trading, plans: list[Parent]) -> pd.DataFrame:
    """What is done of each plan, and how its schedule is kept."""
    blotter, rows = found.blotter, []
    for parent in plans:
        kept, planned = execution_data.tracked(found, parent), blotter.planned[parent.line]
        filled = blotter.filled[parent.line]
        states = [blotter.states[name] for name in blotter.children.get(parent.line, ())]
        rows.append(
            {
                "approval_id": parent.approval_id,
                "portfolio_id": parent.portfolio_id,
                "instrument_id": parent.instrument_id,
                "side": parent.side.value,
                "quantity": parent.quantity,
                "planned": planned,
                "filled": filled,
                "share": float(filled / planned) if planned else None,
                "due": float(kept.due),
                "ahead": _ahead(float(kept.ahead)),
                "state": state_of(found, parent, float(kept.ahead)),
                "open": sum(state.remaining for state in states),
                "orders": len(states),
                "algorithm": parent.algorithm,
                "expires_at": parent.expires_at,
                "_order": kept.ahead_share,
            }
        )
    columns = [column.name for column in _COLUMNS]
    table = pd.DataFrame(rows, columns=[*columns, "_order"])
    is_done = table["state"] == "done"
    ordered = table.assign(_done=is_done).sort_values(["_done", "_order"], kind="stable")
    return ordered[columns].reset_index(drop=True)


def _ahead(units: float) -> float:
    return 0.0 if abs(units) < _NOTHING_BEHIND else units


def state_of(found: Trading, parent: Parent, ahead: float) -> str:
    """In a word, where a plan stands."""
    blotter, line = found.blotter, parent.line
    if blotter.filled[line] >= blotter.planned[line]:
        return "done"
    if found.at is not None and found.at >= parent.expires_at:
        return "expired"
    if _ahead(ahead) == 0.0:
        return "on schedule"
    return "ahead" if ahead > 0 else "behind"


def title_of(parent: Parent) -> str:
    """As a person says it."""
    return (
        f"{parent.side} {numbers.quantity(float(parent.quantity))} {parent.instrument_id} for "
        f"{parent.portfolio_id}, approval {parent.approval_id}"
    )


def _one_plan(question: Question, found: Trading, parent: Parent) -> None:
    kept = execution_data.tracked(found, parent)
    fills = fills_frame(parent, found.fills.get(parent.line, []))
    levels = levels_of(found, parent)
    left, right = st.columns(2, gap="medium")
    with left:
        cards.heading("Planned against done", _kept_words(found, parent))
        points, now = kept.schedule.slices, found.at or parent.approved_at
        plan = pd.DataFrame(
            [(points[0].start, 0.0)]
            + [
                (at, float(kept.schedule.due(at)))
                for each in points
                for at in dict.fromkeys((each.start, each.end))
            ]
            + [(max(now, points[-1].end), float(kept.schedule.planned))],
            columns=["at", "total"],
        )
        st.plotly_chart(
            execution_charts.planned_and_done(
                plan, done_frame(parent, fills, now), pd.Timestamp(now),
                f"Units of {parent.instrument_id}",
            ),
            config=CONFIG, theme=None, key="execution-progress",
        )  # fmt: skip
        _gate_words(found, parent)
    with right:
        cards.heading("Fills", f"{len(fills):,} executions, {parent.currency}")
        st.plotly_chart(
            execution_charts.fills_in_time(
                fills, market_frame(found, parent), levels, parent.currency
            ),
            config=CONFIG, theme=None, key="execution-fills",
        )  # fmt: skip
    _closes(question, parent, fills, levels)


def _kept_words(found: Trading, parent: Parent) -> str:
    blotter, line = found.blotter, parent.line
    planned, filled = blotter.planned[line], blotter.filled[line]
    ahead = float(execution_data.tracked(found, parent).ahead)
    state = state_of(found, parent, ahead)
    words = f"{filled:,f} of {planned:,f} planned, {state}"
    if state in ("ahead", "behind"):
        words += f" by {numbers.amount(abs(ahead))}"
    left = parent.quantity - planned
    return words + (f"; {left:,f} of the approval had no room in the volume" if left else "")


def _gate_words(found: Trading, parent: Parent) -> None:
    """What the gate said last, where it was no plain yes: why a plan is behind."""
    said = found.decisions
    mine = said[
        (said["portfolio_id"] == parent.portfolio_id)
        & (said["instrument_id"] == parent.instrument_id)
    ]
    if mine.empty:
        return
    last = mine.iloc[-1]
    if last["verdict"] != "allow":
        st.caption(
            f"The gate last said {last['verdict']}, at {last['at']:%H:%M:%S}: "
            f"{literal(str(last['reason']))}"
        )


def fills_frame(parent: Parent, fills: list[Filled]) -> pd.DataFrame:
    """Executions of a plan in the order of time."""
    rows = [(fill.at, float(fill.price), float(fill.quantity), parent.side.value)
            for fill in sorted(fills, key=lambda each: each.at)]  # fmt: skip
    return pd.DataFrame(rows, columns=["at", "price", "quantity", "side"])


def done_frame(parent: Parent, fills: pd.DataFrame, now: object) -> pd.DataFrame:
    """What was done until each fill, from the start of the plan until now."""
    totals = fills["quantity"].cumsum()
    last = float(totals.iloc[-1]) if len(totals) else 0.0
    rows = [(parent.slices[0].at, 0.0), *zip(fills["at"], totals, strict=True), (now, last)]
    found = pd.DataFrame(rows, columns=["at", "total"])
    return found.sort_values(["at", "total"], kind="stable")


def market_frame(found: Trading, parent: Parent) -> pd.DataFrame:
    """The middle of the market whenever the gate judged an order of a plan."""
    said = found.decisions
    names = set(found.blotter.children.get(parent.line, ()))
    mine = said[said["client_order_id"].isin(names)].dropna(subset=["at", "middle"])
    return pd.DataFrame({"at": mine["at"], "price": mine["middle"].astype(float)})


def levels_of(found: Trading, parent: Parent) -> dict[str, float]:
    """The prices that a plan is measured by, where they are known."""
    known = {
        "Average": found.average(parent.line),
        "Arrival": found.arrival(parent.line),
        "Decided on": parent.reference_price,
    }
    return {name: float(price) for name, price in known.items() if price is not None}


def _closes(
    question: Question, parent: Parent, fills: pd.DataFrame, levels: dict[str, float]
) -> None:
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        span = st.segmented_control(
            "Span", list(SPANS), default="3M", key="execution-span", label_visibility="collapsed"
        )
    with left:
        cards.heading("Fills among the lake's prices", f"{parent.instrument_id}, {parent.currency}")
    days = timedelta(days=SPANS[span or "3M"])
    end = max([question.as_of, *(at.date() for at in fills["at"])])
    prices = session.price_history(question.version, parent.instrument_id, end - days, end)
    repaired = prices.assign(close=prices["repaired_close"].fillna(prices["close"]))
    st.plotly_chart(
        execution_charts.fills_on_closes(repaired, fills, levels, parent.currency),
        config=CONFIG, theme=None, key="execution-closes",
    )  # fmt: skip
