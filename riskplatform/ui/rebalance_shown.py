"""Which proposal is open on the page: a draft of this session, or a recorded one, named in the URL
so that its link can be sent to whoever shall approve it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from riskplatform.ui.session import Question

if TYPE_CHECKING:
    from riskplatform.optimisation.proposals import Proposal, ProposalRecord

_DRAFT, _OPEN, _PARAMETER = "rebalance-drafted", "rebalance-open", "proposal"


@dataclass(frozen=True, eq=False)
class Shown:
    """What is open on the page: a proposal, and its record where it has one."""

    proposal: Proposal
    record: ProposalRecord | None = None


def show_draft(proposal: Proposal) -> None:
    """Open a draft; a recorded one is closed."""
    st.session_state[_DRAFT] = proposal
    st.session_state[_OPEN] = None
    st.query_params.pop(_PARAMETER, None)


def show_recorded(proposal_id: str) -> None:
    """Open a recorded proposal; the draft stays in mind."""
    st.session_state[_OPEN] = proposal_id
    st.query_params[_PARAMETER] = proposal_id


def shown(question: Question) -> Shown | None:
    """What is open, if anything is."""
    if _OPEN not in st.session_state:
        st.session_state[_OPEN] = st.query_params.get(_PARAMETER)
    name = st.session_state[_OPEN]
    if name is not None:
        st.query_params[_PARAMETER] = name
        record = question.desk.proposal(name)
        return Shown(record.proposal, record)
    draft = drafted(question)
    return None if draft is None else Shown(draft)


def drafted(question: Question) -> Proposal | None:
    """The draft, where none is recorded that covers it and it is of what the selectors say."""
    draft: Proposal | None = st.session_state.get(_DRAFT)
    if draft is None or st.session_state.get(_OPEN) is not None:
        return None
    asked = (question.node, question.as_of, question.base_currency)
    return draft if (draft.node, draft.as_of, draft.base_currency) == asked else None
