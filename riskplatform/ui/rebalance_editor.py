"""Choosing a rule, a policy and constraints, and drafting what the rule would trade."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from riskplatform.errors import MissingDataError, RiskPlatformError
from riskplatform.pricing.attributes import SLICES
from riskplatform.reporting import numbers
from riskplatform.reporting.columns import Column
from riskplatform.ui import cards, rebalance_data, rebalance_shown
from riskplatform.ui.markdown import literal
from riskplatform.ui.overview import remark
from riskplatform.ui.problems import fragment, show_problem
from riskplatform.ui.rebalance_constraints import (
    EACH,
    LINES,
    is_simple,
    of_rows,
    rows_of,
    text_of,
    written,
)
from riskplatform.ui.session import Question
from riskplatform.ui.tables import table

if TYPE_CHECKING:
    from riskplatform.optimisation.proposals import Proposal
    from riskplatform.optimisation.rules import AllocationRule

AS_TEXT, AS_TABLE = "Text", "Table"
_GROUPINGS = [name for name in SLICES if name != "instrument_id"]
_ENDINGS = ("-allocation", "-approval")


@fragment
def editor_block(question: Question) -> None:
    """Rule, policy and constraints at the left; what they ask of the book as it is at the right."""
    cards.heading(
        "Draft",
        f"what a rule would trade in {question.node or 'a portfolio'}, {remark(question)}; nothing "
        f"is recorded; you act as {question.desk.settings.actor}",
    )
    if question.node is None:
        raise MissingDataError(
            "All portfolios together have no rule.", hint="Choose one portfolio above."
        )
    desk = question.desk
    rules, policies = desk.allocation_rules(), desk.approval_policies()
    if not rules or not policies:
        raise MissingDataError(
            "The desk registers no rule of allocation, or no policy of approval.",
            hint="Put them into models/; `riskplatform init` writes a desk that has some.",
        )
    left, right = st.columns([1, 1], gap="medium")
    with left:
        rule, policy = _choices(rules, list(policies))
        text = _constraints(rule)
        is_asked = st.button("Draft", type="primary", key="rebalance-draft")
        told = st.empty()
    with right:
        try:
            _checks(question, rule, text)
        except RiskPlatformError as error:
            show_problem(error)
            return
    draft = rebalance_shown.drafted(question)
    if draft is not None and not is_asked and not _is_of(draft, rule, policy, text):
        told.caption("The draft below is of other choices than these: draft again.")
    if is_asked:
        _draft(question, rule, policy, text)


def _choices(
    rules: Mapping[str, AllocationRule], policies: list[str]
) -> tuple[AllocationRule, str]:
    one, two = st.columns(2)
    with one:
        name = st.selectbox(
            "Rule", list(rules), key="rebalance-rule",
            format_func=lambda each: _title(each, rules[each].status),
        )  # fmt: skip
    rule = rules[name]
    own = policies.index(rule.policy) if rule.policy in policies else 0
    with two:
        policy = st.selectbox(
            "Policy of approval", policies, own, key=f"rebalance-policy-{name}",
            format_func=_title,
        )  # fmt: skip
    return rule, policy


def _title(name: str, status: str = "approved") -> str:
    words = name
    for ending in _ENDINGS:
        words = words.removesuffix(ending)
    words = words.replace("-", " ").capitalize()
    return words if status == "approved" else f"{words} ({status})"


def _constraints(rule: AllocationRule) -> str:
    """The text, however it is edited; each rule keeps its own."""
    kept = f"rebalance-kept-{rule.rule_id}"
    st.session_state.setdefault(kept, text_of(rule.constraints))
    names = {mode: f"rebalance-{mode}-{rule.rule_id}" for mode in ("how", "text", "table")}
    how = st.segmented_control(
        "Constraints", [AS_TEXT, AS_TABLE], default=AS_TEXT, key=names["how"],
        on_change=partial(_keep, kept, f"{kept}-now"),
        help="The table has bounds of lines and of groups; other kinds are written as text.",
    )  # fmt: skip
    begun = st.session_state[kept]
    text = _by_table(names["table"], begun) if how == AS_TABLE else _by_text(names["text"], begun)
    st.session_state[f"{kept}-now"] = text
    return text


def _keep(kept: str, now: str) -> None:
    """What was written one way is what the other way begins with."""
    if now in st.session_state:
        st.session_state[kept] = st.session_state[now]


def _by_text(key: str, text: str) -> str:
    # The begin changes only when the way of writing does, so that typing is never overwritten.
    return st.text_area(
        "Constraints as text", text, height=150, key=f"{key}-{hash(text)}",
        label_visibility="collapsed",
        help="Kinds: box, group, exposure, net, gross, leverage, turnover, participation, "
        "restricted, holdings, volatility, tracking error, VaR, ES and stress loss; as in models/.",
    ) or ""  # fmt: skip


def _by_table(key: str, text: str) -> str:
    found = written(text).constraints
    others = [each for each in found if not is_simple(each)]
    rows = st.data_editor(
        rows_of(found), num_rows="dynamic", hide_index=True, key=f"{key}-{hash(text)}",
        width="stretch",
        column_config={
            "about": st.column_config.SelectboxColumn(
                "About", options=[EACH, LINES, *_GROUPINGS], width=100, required=True
            ),
            "which": st.column_config.TextColumn(
                "Which", help="A group, such as Energy; or ids of lines with commas", width=130
            ),
            "low": st.column_config.NumberColumn("At least", format="%g %%", width=75),
            "high": st.column_config.NumberColumn("At most", format="%g %%", width=75),
            "label": st.column_config.TextColumn("Called", width=150),
        },
    )  # fmt: skip
    if others:
        kinds = ", ".join(str(each.get("kind")) for each in others)
        st.caption(f"Kept as text: {literal(kinds)}.")
    return text_of([*of_rows(rows.to_dict("records")), *others])


def _checks(question: Question, rule: AllocationRule, text: str) -> None:
    """Each constraint as it is understood, and whether the portfolio as held keeps it."""
    found = rebalance_data.checked(question, rule, text)
    rows = found.to_frame()
    if rows.empty:
        st.caption("No constraints: weights are long and sum to one.")
        return
    rows["kept"] = ["yes" if holds else "no" for holds in rows["holds"]]
    for name in ("value", "room"):
        rows[name] = [in_its_unit(*each) for each in zip(rows["kind"], rows[name], strict=True)]
    table(rows, _CHECK_COLUMNS, key="rebalance-checks", rows_shown=7)
    broken = len(found.broken)
    verb = "keeps all of them" if not broken else f"does not keep {broken} of them"
    count = "1 constraint" if len(rows) == 1 else f"{len(rows)} constraints"
    st.caption(f"Understood: {count}. The portfolio as it is held {verb}.")


_NO_SHARES = ("exposure", "holdings", "lots")


def in_its_unit(kind: str, value: float) -> str:
    """Nearly all constraints are of shares of the value; a few are of something else."""
    if not math.isfinite(value):
        return ""
    return numbers.significant(value) if kind in _NO_SHARES else numbers.percent(value, 2)


_CHECK_COLUMNS = [
    Column("constraint", "Constraint", width=146),
    Column("kind", "Kind", width=72),
    Column(
        "value", "As held", "text", "Of the value, or in its own unit; of many lines the worst", 74
    ),
    Column("room", "Room", "text", "What is left to its end, negative where it does not hold", 74),
    Column("kept", "Kept", width=44),
    Column("words", "Which", width=144),
]


def _is_of(draft: Proposal, rule: AllocationRule, policy: str, text: str) -> bool:
    """Whether a draft was made from what is chosen now."""
    asked = tuple(json.dumps(dict(each), sort_keys=True) for each in written(text).constraints)
    return (draft.rule_id, draft.policy_id, draft.constraints) == (rule.rule_id, policy, asked)


def _draft(question: Question, rule: AllocationRule, policy: str, text: str) -> None:
    changed = replace(rule, constraints=written(text).constraints)
    with st.status("Opening the book", expanded=True) as status:
        rebalance_data.session_for(question, rule.scenarios)
        status.update(label="Allocating, rounding to whole lots, measuring risk and limits")
        proposal = rebalance_data.draft(question, changed, policy)
        status.update(label=f"{len(proposal.trades):,} trades", state="complete")
    rebalance_shown.show_draft(proposal)
    st.rerun()
