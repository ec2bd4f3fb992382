"""Recorded proposals: the list, recording a draft, and deciding on one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from riskplatform.optimisation.proposals import State
from riskplatform.optimisation.proposals.policy import AUTO_WITHIN
from riskplatform.reporting.columns import Column
from riskplatform.ui import cards, rebalance_data, rebalance_shown
from riskplatform.ui.asking import ask_for, show_refused
from riskplatform.ui.passphrase import passphrase_field, taken
from riskplatform.ui.problems import fragment
from riskplatform.ui.rebalance_shown import Shown
from riskplatform.ui.session import Question
from riskplatform.ui.tables import table

if TYPE_CHECKING:
    from riskplatform.desk import Desk
    from riskplatform.optimisation.proposals import ProposalRecord

_SAID, _ACTED = "rebalance-said", "rebalance-acted"


def list_block(question: Question) -> None:
    """Every proposal and where it stands; clicking on one opens it."""
    cards.heading("Proposals", "of the whole desk, the newest first; click on one to open it")
    found = rebalance_data.all_records(question)
    if not found:
        st.caption("Nothing has been proposed yet.")
        return
    now = question.desk.now()
    rows = pd.DataFrame([_row(each, each.state_at(now)) for each in found])
    table(
        rows, _COLUMNS, key="rebalance-list", rows_shown=5, by="single-cell",
        on_row=lambda place: rebalance_shown.show_recorded(found[place].proposal_id),
    )  # fmt: skip


def _row(record: ProposalRecord, state: State) -> dict[str, object]:
    proposal, last = record.proposal, record.steps[-1]
    return {
        "proposal_id": record.proposal_id, "state": state.value, "node": proposal.node,
        "rule": proposal.rule_id, "as_of": proposal.as_of, "by": proposal.proposed_by,
        "proposed_at": proposal.proposed_at, "trades": len(proposal.trades),
        "turnover": proposal.turnover, "cost": proposal.cost_bp,
        "breaches": len(proposal.new_breaches),
        "last": f"{last.happened.value} by {last.by}" + (f": {last.reason}" if last.reason else ""),
        "digest": proposal.digest,
    }  # fmt: skip


_COLUMNS = [
    Column("proposal_id", "Proposal", width=104),
    Column("state", "State", width=76),
    Column("node", "Portfolio", width=110),
    Column("rule", "Rule", width=136),
    Column("as_of", "As of", "date", width=80),
    Column("by", "Proposed by", width=82),
    Column("proposed_at", "At, UTC", "moment", width=134),
    Column("trades", "Trades", "count", width=52),
    Column("turnover", "Turnover", "percent", width=62),
    Column("cost", "Cost, bp", "amount_2", width=62),
    Column("breaches", "New breaches", "count", width=86),
    Column("last", "Last", width=150),
    Column("digest", "Digest", is_hidden=True),
]


@fragment
def decisions_block(question: Question, open_: Shown) -> None:
    """Record a draft; approve, reject or withdraw what is recorded, with a reason."""
    desk = question.desk
    if open_.record is None:
        _propose(desk, open_)
        return
    record = open_.record
    acted: tuple[str, bool] | None = st.session_state.pop(_ACTED, None)
    if acted is not None:
        if acted[1]:
            st.toast(f"{acted[0]}: done.")
        # A refusal is a step of the proposal too, and the list above tells the last one.
        st.rerun()
    state = record.state_at(desk.now())
    actor = desk.settings.actor
    if state in (State.PROPOSED, State.APPROVED):
        _buttons(desk, record, state, actor)
    show_refused(_SAID, record.proposal_id)
    steps = pd.DataFrame([step.to_dict() for step in record.steps])
    table(steps, _STEP_COLUMNS, key="rebalance-steps", rows_shown=5)
    guards = guards_frame(record)
    if len(guards):
        cards.heading(
            "Guards", f"of {record.proposal.policy_id}, as last asked; what does not hold first"
        )
        table(guards, _GUARD_COLUMNS, key="rebalance-guards", rows_shown=8)


def _propose(desk: Desk, open_: Shown) -> None:
    button, words = st.columns([1, 6], vertical_alignment="center")
    with button:
        is_asked = st.button("Propose", type="primary", key="rebalance-propose", width="stretch")
    with words:
        st.caption(f"Recorded as proposed by {open_.proposal.proposed_by}; somebody else approves.")
    if is_asked:
        record = desk.record_proposal(open_.proposal)
        rebalance_shown.show_recorded(record.proposal_id)
        st.toast(f"Recorded as {record.proposal_id}.")
        st.rerun()


def _buttons(desk: Desk, record: ProposalRecord, state: State, actor: str) -> None:
    name = record.proposal_id
    secret, reason_key = f"rebalance-passphrase-{name}", f"rebalance-reason-{name}"
    acts: dict[str, Callable[[str], object]] = {}
    if state is State.PROPOSED:
        policy = desk.approval_policies().get(record.proposal.policy_id)
        acts["Approve"] = lambda reason: desk.approve(
            name, reason=reason, given=record.proposal.to_dict(), passphrase=taken(secret)
        )
        if policy is not None and policy.mode == AUTO_WITHIN:
            acts["By policy"] = lambda _: desk.approve_by_policy(name)
        acts["Reject"] = lambda reason: desk.reject(name, reason=reason)
    acts["Withdraw"] = lambda reason: desk.withdraw(name, reason=reason)
    columns = st.columns([4, *([1] * len(acts))], vertical_alignment="bottom")
    with columns[0]:
        st.text_input(f"Reason, for the audit trail (acting as {actor})", key=reason_key)
        if "Approve" in acts:
            passphrase_field(desk, secret)
    for column, (label, act) in zip(columns[1:], acts.items(), strict=True):
        key = f"rebalance-{label.lower().replace(' ', '-')}"
        with column:
            st.button(
                label, key=key, width="stretch", on_click=_do, args=(name, label, act, reason_key)
            )


def _do(name: str, label: str, act: Callable[[str], object], reason_key: str) -> None:
    reason = st.session_state.get(reason_key) or ""
    st.session_state[_ACTED] = (label, ask_for(_SAID, name, lambda: act(reason)))


def guards_frame(record: ProposalRecord) -> pd.DataFrame:
    """What the guards of its policy said when somebody last asked them, a row for each."""
    told = [step.body["guards"] for step in record.steps if step.body.get("guards")]
    last = sorted(told[-1], key=lambda each: bool(each["holds"])) if told else []
    rows = [
        (each["guard"].replace("_", " "), "yes" if each["holds"] else "no", each["words"])
        for each in last
    ]
    return pd.DataFrame(rows, columns=["guard", "holds", "words"])


_STEP_COLUMNS = [
    Column("at", "At, UTC", "moment", width=134),
    Column("happened", "What", width=84),
    Column("by", "By", width=190),
    Column("reason", "Reason", width=728),
]
_GUARD_COLUMNS = [
    Column("guard", "Guard", width=134),
    Column("holds", "Holds", width=84),
    Column("words", "What it found", width=918),
]
