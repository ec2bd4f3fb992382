"""Verbs of rebalancing: from a rule to a proposal, from a proposal to targets to trade."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from riskplatform.desk.core import DeskCore

if TYPE_CHECKING:
    from riskplatform.desk.what_if_session import WhatIfSession
    from riskplatform.domain.targets import ApprovedTargets
    from riskplatform.optimisation.proposals import Proposal, ProposalRecord
    from riskplatform.optimisation.proposals.policy import ApprovalPolicy
    from riskplatform.optimisation.rules import AllocationRule
    from riskplatform.optimisation.validation import ValidationReport

    Progress = Callable[[int, int], None]


class RebalanceVerbs(DeskCore):
    """What should be held instead, and who said that it may be."""

    def allocation_rules(self) -> dict[str, AllocationRule]:
        """The rules of allocation that the desk registers, by id."""
        from riskplatform.desk.allocation_rules import allocation_rules

        return allocation_rules(self._me)

    def approval_policies(self) -> dict[str, ApprovalPolicy]:
        """The policies of approval that the desk registers, by id."""
        from riskplatform.desk.allocation_rules import approval_policies

        return approval_policies(self._me)

    def draft_proposal(
        self,
        node: str,
        rule: str | AllocationRule,
        as_of: date | None = None,
        *,
        policy: str | None = None,
        progress: Progress | None = None,
        session: WhatIfSession | None = None,
    ) -> Proposal:
        """What a rule would trade in a portfolio; nothing is recorded.

        ``session`` is a book of that day held ready, with the rule's scenarios, for whom opening
        one for each draft takes too long.
        """
        from riskplatform.desk.proposing import propose

        day = self.as_of(as_of)
        return propose(self._me, node, rule, day, policy=policy, progress=progress, session=session)

    def propose(
        self,
        node: str,
        rule: str | AllocationRule,
        as_of: date | None = None,
        *,
        policy: str | None = None,
        progress: Progress | None = None,
    ) -> ProposalRecord:
        """Record what a rule would trade, for somebody (or the guards of its policy) to approve."""
        proposal = self.draft_proposal(node, rule, as_of, policy=policy, progress=progress)
        return self.record_proposal(proposal)

    def validate_rules(
        self,
        node: str,
        rules: Sequence[str | AllocationRule],
        as_of: date | None = None,
        *,
        days: int = 1_000,
        train: int = 252,
        every: int = 21,
        folds: bool = False,
        progress: Progress | None = None,
    ) -> ValidationReport:
        """Rules walked over the history of a portfolio's lines, after costs, beside 1/N and 60/40.

        ``folds`` give many paths by purged cross-validation. Sharpe ratios are deflated for every
        rule ever tried on this desk, and this adds to the count.
        """
        from riskplatform.desk.validating import validate_rules

        return validate_rules(
            self._me, node, rules, self.as_of(as_of), days=days, train=train, every=every,
            folds=folds, progress=progress,
        )  # fmt: skip

    def record_proposal(self, proposal: Proposal) -> ProposalRecord:
        """Record a proposal as it is."""
        from riskplatform.desk.approving import record

        return record(self._me, proposal)

    def proposal(self, proposal_id: str) -> ProposalRecord:
        """One proposal with its history; the beginning of its id is enough."""
        from riskplatform.desk.approving import the_record

        return the_record(self._me, proposal_id)

    def proposals(self) -> list[ProposalRecord]:
        """Every proposal, the newest first."""
        from riskplatform.desk.approving import records

        return records(self._me)

    def approve(
        self,
        proposal_id: str,
        *,
        reason: str,
        given: Mapping[str, Any] | None = None,
        passphrase: str | None = None,
    ) -> ApprovedTargets:
        """Approve as the desk's actor, who must not be the proposer.

        ``given`` is the proposal as the approver has read it, in a file, say: a digit that differs
        is refused, and audited. Where people are registered (:meth:`register_person`) the approval
        is signed with the ``passphrase`` of the actor.
        """
        from riskplatform.desk.approving import approve

        return approve(self._me, proposal_id, reason=reason, given=given, passphrase=passphrase)

    def approve_by_policy(self, proposal_id: str) -> ProposalRecord:
        """Let the guards of its policy decide; where one does not hold, it waits for a person."""
        from riskplatform.desk.approving import approve_by_policy

        return approve_by_policy(self._me, proposal_id)

    def reject(self, proposal_id: str, *, reason: str) -> ProposalRecord:
        """Say no."""
        from riskplatform.desk.approving import decide
        from riskplatform.optimisation.proposals import Happened

        return decide(self._me, proposal_id, Happened.REJECTED, reason)

    def withdraw(self, proposal_id: str, *, reason: str) -> ProposalRecord:
        """Take back what one proposed oneself."""
        from riskplatform.desk.approving import decide
        from riskplatform.optimisation.proposals import Happened

        return decide(self._me, proposal_id, Happened.WITHDRAWN, reason)

    def targets(self) -> tuple[ApprovedTargets, ...]:
        """What may be traded now: approved, in force, and not yet taken by an execution."""
        from riskplatform.desk.approving import targets

        return targets(self._me)

    def take_targets(self, proposal_id: str) -> ApprovedTargets:
        """For execution: these targets are the caller's to trade, and nobody else's any more."""
        from riskplatform.desk.approving import take

        return take(self._me, proposal_id, self.settings.actor)
