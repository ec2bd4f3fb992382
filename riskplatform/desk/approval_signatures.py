"""Approvals signed by the person who gave them, and checked again before they are traded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riskplatform.desk.allocation_rules import policy_named
from riskplatform.desk.people import People, people_of
from riskplatform.optimisation.proposals import Happened, ProposalRecord
from riskplatform.optimisation.proposals.policy import AUTO_WITHIN

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk


@dataclass(frozen=True, slots=True)
class Decision:
    """Who says yes, why, and what proves that it is them."""

    by: str
    reason: str
    passphrase: str | None = None


def policy_actor(policy_id: str) -> str:
    """The name under which the guards of a policy approve."""
    return f"policy {policy_id}"


def signed(
    desk: Desk, found: ProposalRecord, more: Mapping[str, Any], decision: Decision
) -> dict[str, str]:
    """The proof that an approval carries; nothing on a desk where nobody is registered."""
    statement = _statement(found, len(found.steps), more, decision.by, decision.reason)
    return people_of(desk).sign(decision.by, statement, decision.passphrase)


def why_not_to_execute(desk: Desk, found: ProposalRecord) -> str | None:
    """What is wrong with the approval of a proposal, or nothing; a policy that has stopped
    approving by itself meanwhile has not approved this either."""
    policy_id, approval = found.proposal.policy_id, found.approval
    is_by_policy = approval is not None and approval.by == policy_actor(policy_id)
    if is_by_policy and policy_named(desk, policy_id).mode != AUTO_WITHIN:
        return f"policy {policy_id} approves nothing by itself"
    return _why_not_signed(people_of(desk), found)


def _why_not_signed(people: People, found: ProposalRecord) -> str | None:
    """One by its policy needs no signature, nor one older than the first person of the desk."""
    position, step = next(
        (i, each) for i, each in enumerate(found.steps) if each.happened is Happened.APPROVED
    )
    is_by_policy = step.by == policy_actor(found.proposal.policy_id)
    if is_by_policy or people.since is None or step.at < people.since:
        return None
    statement = _statement(found, position, step.body, step.by, step.reason)
    if people.has_signed(step.by, statement, step.body):
        return None
    return f"its approval was not signed by {step.by}"


def unsigned(desk: Desk) -> dict[str, str]:
    """What is wrong with approvals of the past, by proposal."""
    from riskplatform.desk.approving import records

    people = people_of(desk)
    found = {
        each.proposal_id: _why_not_signed(people, each) for each in records(desk) if each.approval
    }
    return {name: why for name, why in found.items() if why is not None}


def _statement(
    found: ProposalRecord, position: int, body: Mapping[str, Any], by: str, reason: str
) -> dict[str, Any]:
    """What is signed. Its place is part of it, so that it cannot be said again elsewhere."""
    told = ("digest", "policy_id", "expires_at")
    return {
        "act": "approve proposal", "proposal": found.proposal_id, "position": position,
        "by": by, "reason": reason, **{name: body[name] for name in told},
    }  # fmt: skip
