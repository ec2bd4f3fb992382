"""The Execution page: how things stand, and the switch that stops everything."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from riskplatform.desk.approving import STREAM as PROPOSALS
from riskplatform.desk.executing import engine_of
from riskplatform.execution.controls import CONTROLS, ControlState, Mode
from riskplatform.execution.order_state import Status
from riskplatform.reporting import numbers, palette
from riskplatform.reporting.columns import Column
from riskplatform.ui import cards, execution_data, session
from riskplatform.ui.asking import ask_for, show_refused
from riskplatform.ui.cards import Card
from riskplatform.ui.execution_data import Trading
from riskplatform.ui.markdown import literal
from riskplatform.ui.passphrase import passphrase_field, taken
from riskplatform.ui.problems import guarded
from riskplatform.ui.session import Version
from riskplatform.ui.tables import table

if TYPE_CHECKING:
    from riskplatform.desk import Desk
    from riskplatform.domain.targets import ApprovedTargets

_SECRET = "execution-passphrase"
_REFUSED = "execution-refused"
_POLL_SECONDS, _REDRAW_SECONDS = 5.0, 15.0
_MOST_DIFFERENCES = 8
_TONES = {Mode.RUNNING: "gain", Mode.PAUSED: "caution", Mode.KILLED: "loss"}
_TARGET_COLUMNS = [
    Column("approval_id", "Approval", width=110),
    Column("proposal_id", "Proposal", width=110),
    Column("node", "Portfolio", width=180),
    Column("trades", "Trades", "count", width=70),
    Column("as_of", "As of", "date", width=95),
    Column("approved_by", "Approved by", width=120),
    Column("approved_at", "Approved, UTC", "moment", width=150),
    Column("expires_at", "Good until, UTC", "moment", width=150),
]


def head_block(version: Version) -> None:
    """How things stand; it looks again by itself, and draws the page anew when they changed."""
    desk = session.open_desk(version.folder)
    drawn_at, drawn = time.monotonic(), _state(desk)
    mode = execution_data.control_now(desk).mode

    def look() -> None:
        now = mode
        with guarded():
            now = _head(version).mode
        age = time.monotonic() - drawn_at
        # An engine at work writes all the time: the page is not drawn anew for every word of it.
        is_due = age > _REDRAW_SECONDS and _state(desk) != drawn
        if is_due or (now is not mode and age > _POLL_SECONDS / 2):
            st.rerun()

    st.fragment(look, run_every=_POLL_SECONDS)()


def _state(desk: Desk) -> tuple[Version, int]:
    """What this page is drawn from: the book, and what the journal says of trading, of targets
    and of the switch. What jobs do is none of it."""
    position = desk.ledger.journal.position(*execution_data.SHOWN, PROPOSALS, CONTROLS)
    return session.version_now(session.desk_folder()), position


def _head(version: Version) -> ControlState:
    desk = session.open_desk(version.folder)
    control, found = execution_data.control_now(desk), execution_data.trading(version)
    engine, waiting = engine_of(desk), execution_data.waiting(version)
    cards.strip(headline(control, found, engine, waiting))
    _said_of_the_switch(control)
    _said_of_the_books(found.reconciliations)
    if engine is None and control.may_trade and (waiting or found.blotter.working):
        st.info(
            "Nothing trades: no engine runs on this machine. `riskplatform execute start` starts "
            "one; `riskplatform paper start` serves the paper venue."
        )
    return control


def headline(
    control: ControlState,
    found: Trading,
    engine: str | None,
    waiting: tuple[ApprovedTargets, ...],
) -> list[Card]:
    """The strip. All but the switch is of the whole desk, whatever portfolio is chosen."""
    blotter, day = found.blotter, next(iter(found.days), None)
    done = [fill for some in found.fills.values() for fill in some if fill.at.date() == day]
    filled = {fill.client_order_id for fill in done}
    whole = sum(blotter.filled[line] >= planned for line, planned in blotter.planned.items())
    unknown = sum(state.status is Status.UNKNOWN for state in blotter.states.values())
    trades = sum(len(each.trades) for each in waiting)
    since = "" if control.at is None else f" since {control.at:%Y-%m-%d %H:%M} UTC"
    return [
        Card("Execution", str(control.mode), "",
             f"by {control.person}{since}" if control.person else "nobody has moved the switch",
             control.reason, _TONES[control.mode]),
        Card("Engine", "at work" if engine else "none", "",
             engine.partition(" on ")[0] if engine else "riskplatform execute start",
             engine or "No process on this machine executes for this desk"),
        Card("Orders open", numbers.amount(len(blotter.working)), "",
             f"{unknown} whose fate is not known" if unknown
             else f"{len(blotter.waiting)} await an answer",
             "Sent, and not known to have ended", "caution" if unknown else ""),
        Card("Filled", numbers.amount(len(filled)), "orders",
             f"{len(done):,} executions on {numbers.day(day)}" if day else "nothing yet",
             "On the last day of the venue with executions; an order counts once it has one"),
        Card("Plans done", numbers.amount(whole), f"of {len(blotter.parents):,}",
             "filled as far as they are planned"),
        _books_card(found.reconciliations),
        Card("Targets waiting", numbers.amount(len(waiting)), "",
             f"{trades:,} trades" if waiting else "none is approved and not taken",
             "Approved, in force, and not yet taken by an engine", "caution" if waiting else ""),
    ]  # fmt: skip


def _books_card(said: Mapping[str, Mapping[str, Any]]) -> Card:
    """Whether our books and the venue's say the same, as far as anybody compared them."""
    if not said:
        return Card("Reconciled", numbers.UNKNOWN, "", "never compared with a venue")
    differences = sum(len(each["differences"]) for each in said.values())
    last = max(said, key=lambda name: str(said[name].get("at") or said[name].get("day")))
    note = f"{last}, {str(said[last].get('at') or said[last].get('day'))[:16].replace('T', ' ')}"
    if differences:
        return Card("Reconciled", "no", "", f"{differences} differences", note, "loss")
    return Card("Reconciled", "yes", "", note, "Nothing differed when they were last compared",
                "gain")  # fmt: skip


def _said_of_the_switch(control: ControlState) -> None:
    """Why nothing is sent, by whom, since when, and whether a kill was proved."""
    if control.may_trade:
        return
    when = "" if control.at is None else f", {control.at:%Y-%m-%d %H:%M:%S} UTC"
    words = (
        f"**Execution is {control.mode}**, by {literal(control.person)}{when}: "
        f"{literal(control.reason)}"
    )
    if control.mode is Mode.PAUSED:
        st.warning(f"{words}  \nNothing new is sent; what is open stays open until it is resumed.")
        return
    proof = (
        "A venue was asked after the kill and has nothing open."
        if control.is_proved
        else "No venue has shown yet that nothing is open there: the engine asks it, at once where "
        "one runs, else when the next one starts."
    )
    st.error(f"{words}  \n{proof} It stays so until a person resets it with a reason.")


def _said_of_the_books(said: Mapping[str, Mapping[str, Any]]) -> None:
    lines = [
        f"{venue}: {each['kind']} {each['subject']}: here {each['ours']}, at the venue "
        f"{each['venues']}" + (f" ({each['reason']})" if each.get("reason") else "")
        for venue, found in said.items()
        for each in found["differences"]
    ]
    if not lines:
        return
    more = [f"and {len(lines) - _MOST_DIFFERENCES} more"] if len(lines) > _MOST_DIFFERENCES else []
    shown = [literal(line) for line in lines[:_MOST_DIFFERENCES]] + more
    st.error("  \n".join(["**Our books and the venue's differ**", *shown]))


def switch_block(version: Version) -> None:
    """Kill, pause, resume, reset: each with a reason, in the name of who acts.

    What a button does is its callback, which runs before anything is drawn: a page that is busy
    drawing what an engine does must not be able to lose a kill.
    """
    desk = session.open_desk(version.folder)
    control = execution_data.control_now(desk)
    acts = acts_of(desk, control.mode)
    st.html(_RED)
    # A new reason for every move; one that was typed for another state is never sent with this.
    place = f"{control.mode}-{'' if control.at is None else control.at.isoformat()}"
    with st.form(f"execution-switch-{place}", border=False, enter_to_submit=False):
        columns = st.columns([5, *([1] * len(acts))], vertical_alignment="bottom")
        with columns[0]:
            st.text_input(
                f"Reason, for the audit trail (acting as {desk.settings.actor})",
                key=f"execution-reason-{place}",
            )
            if control.mode is Mode.KILLED:
                passphrase_field(desk, _SECRET)
        for column, (label, act) in zip(columns[1:], acts.items(), strict=True):
            with column:
                st.form_submit_button(
                    label, key=f"execution-{label.lower()}", width="stretch", on_click=_do,
                    args=(act, f"execution-reason-{place}"),
                )  # fmt: skip
    show_refused(_REFUSED, "")


def acts_of(desk: Desk, mode: Mode) -> dict[str, Callable[..., object]]:
    """What can be done from where the switch stands."""
    if mode is Mode.KILLED:
        return {
            "Reset": lambda reason: desk.reset_execution(reason=reason, passphrase=taken(_SECRET))
        }
    if mode is Mode.PAUSED:
        return {"Resume": desk.resume_execution, "Kill": desk.kill_execution}
    return {"Pause": desk.pause_execution, "Kill": desk.kill_execution}


def _do(act: Callable[..., object], reason_key: str) -> None:
    reason = st.session_state.get(reason_key) or ""
    ask_for(_REFUSED, "", lambda: act(reason=reason))


_RED = f"""<style>
.st-key-execution-kill button {{ background: {palette.LOSS}; border-color: {palette.LOSS}; }}
.st-key-execution-kill button p {{ color: {palette.PAPER}; font-weight: 600; }}
.st-key-execution-kill button:hover {{ filter: brightness(.88); border-color: {palette.LOSS}; }}
</style>"""


def targets_block(version: Version) -> None:
    """Approved targets that nobody has taken yet."""
    waiting = execution_data.waiting(version)
    if not waiting:
        return
    cards.heading("Waiting", "approved targets that the next engine takes, the oldest first")
    names = [column.name for column in _TARGET_COLUMNS]
    rows = pd.DataFrame([{name: getattr(each, name) for name in names} for each in waiting])
    rows["trades"] = [len(each.trades) for each in waiting]
    table(rows, _TARGET_COLUMNS, key="execution-targets", rows_shown=4)
