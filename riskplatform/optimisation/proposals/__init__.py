"""From weights to a decision: proposals, who may approve them, and what they become."""

from riskplatform.optimisation.proposals.proposal import (
    LimitMove,
    Number,
    Proposal,
    ProposedLine,
)
from riskplatform.optimisation.proposals.record import ProposalRecord, record_of
from riskplatform.optimisation.proposals.transitions import Happened, State, after

__all__ = [
    "Happened",
    "LimitMove",
    "Number",
    "Proposal",
    "ProposalRecord",
    "ProposedLine",
    "State",
    "after",
    "record_of",
]
