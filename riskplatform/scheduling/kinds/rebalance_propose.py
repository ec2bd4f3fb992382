"""Proposes what a rule of allocation would trade; where asked, lets the guards decide."""

from __future__ import annotations

from datetime import date

from riskplatform.desk import Desk
from riskplatform.desk.allocation_rules import rule_named
from riskplatform.optimisation.proposals import Happened, ProposalRecord
from riskplatform.project.job_language.kinds import BY_POLICY, RebalancePropose
from riskplatform.scheduling.context import RunContext


def work(desk: Desk, parameters: RebalancePropose, run: RunContext) -> None:
    """A second attempt goes on with what the first one proposed. One that waits for a person is
    no failure: its reason is in the outputs and in the proposal's history."""
    as_of = run.as_of(desk)
    record = _of_this_run(desk, parameters, as_of, run) or desk.propose(
        parameters.node, parameters.rule, as_of, policy=parameters.policy
    )
    proposal = record.proposal
    run.output("proposal", record.proposal_id)
    run.output("trades", len(proposal.trades))
    run.output("traded", f"{proposal.traded:,.0f} {proposal.base_currency}")
    if parameters.approval == BY_POLICY and record.steps[-1].happened is Happened.PROPOSED:
        record = desk.approve_by_policy(record.proposal_id)
    last = record.steps[-1]
    run.output("state", record.state.value)
    if last.reason:
        run.output("reason", last.reason)
    for limit in proposal.new_breaches:
        run.log(f"it would break the limit {limit}")


def _of_this_run(
    desk: Desk, parameters: RebalancePropose, as_of: date, run: RunContext
) -> ProposalRecord | None:
    """What this job has proposed for this node, rule and day since the scheduled time."""
    rule_id = rule_named(desk, parameters.rule).rule_id
    since = run.scheduled_at.replace(microsecond=0)
    for record in desk.proposals():
        proposal = record.proposal
        asked = (proposal.node, proposal.rule_id, proposal.as_of, proposal.proposed_by)
        wanted = (parameters.node, rule_id, as_of, desk.settings.actor)
        if asked == wanted and proposal.proposed_at >= since:
            return record
    return None
