"""What the Rebalance page is answered by the desk, remembered while nothing has changed.

A proposal is frozen, so that its pictures are remembered by its digest and not by the state of the
stores: deciding on one proposal does not draw another anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from riskplatform.desk.allocation_ground import Ground, ground_of
from riskplatform.desk.allocation_rules import rule_named
from riskplatform.desk.approving import STREAM as PROPOSALS
from riskplatform.optimisation.constraints.checks import ConstraintChecks, checked_constraints
from riskplatform.ui import rebalance_pictures as pictures
from riskplatform.ui import what_if
from riskplatform.ui.rebalance_constraints import constraints_on, written
from riskplatform.ui.session import Question, open_desk

if TYPE_CHECKING:
    from riskplatform.desk.what_if_session import WhatIfSession
    from riskplatform.optimisation.proposals import Proposal, ProposalRecord
    from riskplatform.optimisation.rules import AllocationRule

_DRAFT_SECONDS = 900


def usual_session(question: Question) -> WhatIfSession:
    """The book of the day held ready, shared with the What-if page."""
    return what_if.session_of(question)


def session_for(question: Question, scenarios: str) -> WhatIfSession:
    """The usual one, or one that has a rule's scenarios too."""
    usual = usual_session(question)
    if scenarios in usual.book.views:
        return usual
    return _session_with(replace(question, node=None), scenarios)


@st.cache_resource(show_spinner="Pricing everything in the rule's scenarios", max_entries=2)
def _session_with(question: Question, scenarios: str) -> WhatIfSession:
    from riskplatform.desk.risk_books import USUAL_SETS

    sets = (*USUAL_SETS, scenarios)
    return question.desk.what_if_session(question.as_of, scenarios=sets)


def checked(question: Question, rule: AllocationRule, text: str) -> ConstraintChecks:
    """The constraints of a text, measured on the portfolio as it is held."""
    session = session_for(question, rule.scenarios)
    return _checked(question, repr(rule), text, rule, session)


@st.cache_resource(show_spinner=False, max_entries=48)
def _checked(
    question: Question, key: str, text: str, _rule: AllocationRule, _session: WhatIfSession
) -> ConstraintChecks:
    found = written(text)
    rule = replace(_rule, constraints=found.constraints)
    ground = ground_of(question.desk, _session.book, question.node or "", rule)
    inputs = ground.inputs
    current = inputs.current
    assert current is not None, "a ground always knows what is held"
    return checked_constraints(constraints_on(ground, found), inputs, current)


def draft(question: Question, rule: AllocationRule, policy: str) -> Proposal:
    """What the rule would trade; the same question within a quarter of an hour has the same
    answer."""
    session = session_for(question, rule.scenarios)
    return _draft(question, repr(rule), policy, rule, session)


@st.cache_resource(show_spinner=False, max_entries=12, ttl=_DRAFT_SECONDS)
def _draft(
    question: Question, key: str, policy: str, _rule: AllocationRule, _session: WhatIfSession
) -> Proposal:
    return question.desk.draft_proposal(
        question.node or "", _rule, question.as_of, policy=policy, session=_session
    )


def all_records(question: Question) -> list[ProposalRecord]:
    """Every proposal of the desk, the newest first, as far as the journal tells of them now."""
    return records(question.version.folder)


def records(folder: str) -> list[ProposalRecord]:
    """The same, read again only when something was said of a proposal: each is digested anew."""
    return _records(folder, open_desk(folder).ledger.journal.position(PROPOSALS))


@st.cache_resource(show_spinner=False, max_entries=4)
def _records(folder: str, position: int) -> list[ProposalRecord]:
    return open_desk(folder).proposals()


def rule_behind(question: Question, proposal: Proposal) -> AllocationRule:
    """The rule as it is registered, with the constraints that the proposal was made under."""
    import json

    rule = rule_named(question.desk, proposal.rule_id)
    terms: tuple[Mapping[str, Any], ...] = tuple(json.loads(each) for each in proposal.constraints)
    return replace(rule, constraints=terms)


def its_session(question: Question, proposal: Proposal) -> WhatIfSession:
    """The book on the day and in the currency of a proposal."""
    return session_for(_of(question, proposal), rule_behind(question, proposal).scenarios)


def _of(question: Question, proposal: Proposal) -> Question:
    return replace(
        question, node=proposal.node, as_of=proposal.as_of, base_currency=proposal.base_currency
    )


@st.cache_resource(show_spinner=False, max_entries=3)
def _ground(folder: str, digest: str, _question: Question, _proposal: Proposal) -> Ground:
    session = its_session(_question, _proposal)
    rule = rule_behind(_question, _proposal)
    desk = _of(_question, _proposal).desk
    return ground_of(desk, session.book, _proposal.node, rule)


def ground(question: Question, proposal: Proposal) -> Ground:
    """What the proposal stands on, as it is known now."""
    return _ground(question.version.folder, proposal.digest, question, proposal)


def is_other_ground(question: Question, proposal: Proposal) -> bool:
    """Whether returns come from other cubes now than when the proposal was made."""
    made = {each.name: each.value for each in proposal.inputs}
    now = ground(question, proposal).inputs.sources
    return any(made.get(name) != value for name, value in now.items())


@st.cache_resource(show_spinner="Walking the efficient frontier", max_entries=12)
def _frontier(
    folder: str, digest: str, _question: Question, _proposal: Proposal
) -> pictures.FrontierPicture:
    return pictures.frontier_of(ground(_question, _proposal), _proposal)


def frontier(question: Question, proposal: Proposal) -> pictures.FrontierPicture:
    return _frontier(question.version.folder, proposal.digest, question, proposal)


@st.cache_resource(show_spinner="Growing the tree of likeness", max_entries=12)
def _clusters(
    folder: str, digest: str, _question: Question, _proposal: Proposal
) -> pictures.ClusterPicture:
    return pictures.clusters_of(ground(_question, _proposal))


def clusters(question: Question, proposal: Proposal) -> pictures.ClusterPicture:
    return _clusters(question.version.folder, proposal.digest, question, proposal)


@st.cache_resource(show_spinner="Taking the risk apart, before and after", max_entries=12)
def _parts(
    folder: str, digest: str, _question: Question, _proposal: Proposal
) -> pictures.RiskParts:
    scenarios = rule_behind(_question, _proposal).scenarios
    return pictures.parts_of(its_session(_question, _proposal), _proposal, scenarios)


def parts(question: Question, proposal: Proposal) -> pictures.RiskParts:
    return _parts(question.version.folder, proposal.digest, question, proposal)
