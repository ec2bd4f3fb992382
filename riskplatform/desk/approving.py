"""Recording proposals and deciding on them; what is not allowed is refused and audited too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn

from riskplatform.desk.allocation_rules import allocation_rules, policy_named
from riskplatform.desk.approval_signatures import Decision, policy_actor, signed, why_not_to_execute
from riskplatform.domain.outcome import Failure
from riskplatform.domain.targets import ApprovedTargets
from riskplatform.errors import NotAllowedError, RiskPlatformError, UnknownNameError
from riskplatform.optimisation.proposals import (
    Happened,
    Proposal,
    ProposalRecord,
    State,
    after,
    record_of,
)
from riskplatform.optimisation.proposals.freshness import moved_since
from riskplatform.optimisation.proposals.policy import (
    AUTO_WITHIN,
    ApprovalPolicy,
    Facts,
    GuardOutcome,
    judged,
)
from riskplatform.pricing.marks import unit_value
from riskplatform.store.ledger import Event, Recorded

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

STREAM = "proposal"


def record(desk: Desk, proposal: Proposal) -> ProposalRecord:
    """Put a proposal into the journal; the very same one twice changes nothing."""
    body = {
        "kind": Happened.PROPOSED.value,
        "proposal": proposal.to_dict(),
        "digest": proposal.digest,
    }
    if not desk.ledger.journal.read(STREAM, proposal.proposal_id):
        desk.ledger.journal.append(
            [Event(STREAM, proposal.proposal_id, 0, body)],
            actor=proposal.proposed_by,
            action="propose",
        )
    return the_record(desk, proposal.proposal_id)


def the_record(desk: Desk, proposal_id: str) -> ProposalRecord:
    """One proposal by its id, or by the beginning of it."""
    return record_of(_events(desk, full_id(desk, proposal_id)))


def full_id(desk: Desk, proposal_id: str) -> str:
    known = desk.ledger.journal.subjects(STREAM)
    found = [each for each in known if each.startswith(proposal_id)] if proposal_id else []
    if proposal_id in known:
        return proposal_id
    if len(found) == 1:
        return found[0]
    error = UnknownNameError(
        "proposal", proposal_id, known, see="`riskplatform rebalance history` shows all."
    )
    if found:
        error.hint = f"It is the beginning of {len(found)}: {', '.join(found[:5])}."
    elif not known:
        error.hint = (
            "Nothing has been proposed yet: `riskplatform rebalance propose --node PORTFOLIO "
            "--rule RULE`."
        )
    raise error


def records(desk: Desk) -> list[ProposalRecord]:
    """Every proposal, the newest first."""
    by_subject: dict[str, list[Recorded]] = {}
    for event in desk.ledger.journal.since(stream=STREAM):
        by_subject.setdefault(event.subject, []).append(event)
    return [record_of(events) for events in reversed(by_subject.values())]


def approve(
    desk: Desk,
    proposal_id: str,
    *,
    reason: str,
    given: Mapping[str, Any] | None = None,
    passphrase: str | None = None,
) -> ApprovedTargets:
    """By the person of the desk, under the policy of the proposal.

    ``given`` is the proposal as the approver has seen it (a file, say): it must be the recorded
    one, digit by digit. ``passphrase`` proves the person where people are registered.
    """
    found = the_record(desk, proposal_id)
    proposal, actor = found.proposal, desk.settings.actor
    policy = policy_named(desk, proposal.policy_id)
    _check_same(desk, found, given)
    _check_time(desk, found)
    if found.state is not State.PROPOSED:
        _refuse(desk, found, f"it is {found.state} and cannot be approved (again)")
    if not reason.strip():
        _refuse(desk, found, "an approval needs a reason")
    if actor == proposal.proposed_by:
        _refuse(desk, found, f"{actor} proposed it: somebody else must approve it")
    _check_fresh(desk, found, policy)
    guards = judged(policy, proposal, facts(desk, proposal))
    return _approved(desk, found, policy, guards, Decision(actor, reason, passphrase))


def approve_by_policy(desk: Desk, proposal_id: str) -> ProposalRecord:
    """By the guards of its policy, with nobody watching; where one does not hold it waits."""
    found = the_record(desk, proposal_id)
    policy = policy_named(desk, found.proposal.policy_id)
    if policy.mode != AUTO_WITHIN:
        _refuse(desk, found, f"policy {policy.policy_id} asks for a person")
    _check_time(desk, found)
    if found.state is not State.PROPOSED:
        _refuse(desk, found, f"it is {found.state} and cannot be approved (again)")
    _check_fresh(desk, found, policy)
    guards = judged(policy, found.proposal, facts(desk, found.proposal))
    failed = [each for each in guards if not each.holds]
    if failed:
        words = "; ".join(f"{each.guard}: {each.words}" for each in failed)
        _tell(
            desk,
            found,
            Happened.HELD,
            f"waits for a person: {words}",
            policy_actor(policy.policy_id),
            guards,
        )
    else:
        decision = Decision(policy_actor(policy.policy_id), "every guard holds")
        _approved(desk, found, policy, guards, decision)
    return the_record(desk, found.proposal_id)


def decide(desk: Desk, proposal_id: str, happened: Happened, reason: str) -> ProposalRecord:
    """Reject or withdraw; a reason is needed, and only the proposer withdraws."""
    found = the_record(desk, proposal_id)
    if not reason.strip():
        _refuse(desk, found, f"to be {happened} it needs a reason")
    actor = desk.settings.actor
    if happened is Happened.WITHDRAWN and actor != found.proposal.proposed_by:
        _refuse(desk, found, f"{found.proposal.proposed_by} proposed it: {actor} may reject it")
    try:
        after(found.state, happened)
    except NotAllowedError as error:
        _refuse(desk, found, error.message.rstrip("."), hint=error.hint)
    _tell(desk, found, happened, reason, actor)
    return the_record(desk, found.proposal_id)


def targets(desk: Desk) -> tuple[ApprovedTargets, ...]:
    """What is approved, in force now and not yet taken, the oldest first."""
    return in_force(records(desk), desk.now())


def in_force(found: Sequence[ProposalRecord], now: datetime) -> tuple[ApprovedTargets, ...]:
    """The same of records that were read, the newest first."""
    return tuple(
        each.targets()
        for each in reversed(found)
        if each.state is State.APPROVED and each.state_at(now) is State.APPROVED
    )


def take(desk: Desk, proposal_id: str, by: str) -> ApprovedTargets:
    """For execution: from now on these targets are somebody's to trade, and nobody else's."""
    found = the_record(desk, proposal_id)
    _check_time(desk, found)
    if found.state is not State.APPROVED:
        _refuse(desk, found, f"it is {found.state}: there is nothing to take")
    wrong = why_not_to_execute(desk, found)
    if wrong is not None:
        _refuse(desk, found, wrong, hint="See `riskplatform audit verify`.")
    _tell(desk, found, Happened.TAKEN, "taken for execution", by)
    return the_record(desk, found.proposal_id).targets()


def facts(desk: Desk, proposal: Proposal) -> Facts:
    """What the guards ask of the world."""
    rules = allocation_rules(desk)
    rule = rules.get(proposal.rule_id)
    age = (desk.today() - proposal.as_of).days
    return Facts(
        data_age_days=float(age),
        rule_status=rule.status if rule else "not registered",
        model_status=_model_status(desk, proposal.node),
    )


def _model_status(desk: Desk, node: str) -> str:
    """The light of the VaR model in use, from the last recorded scorecard."""
    from riskplatform.desk.backtest_recording import last_light

    try:
        return last_light(desk, node)
    except RiskPlatformError as error:
        return f"not known ({error.message})"


def _check_same(desk: Desk, found: ProposalRecord, given: Mapping[str, Any] | None) -> None:
    if given is None:
        return
    try:
        theirs = Proposal.from_dict(given).digest
    except RiskPlatformError as error:
        _refuse(desk, found, f"what was shown for approval is no proposal: {error.message}")
    if theirs != found.proposal.digest:
        _refuse(
            desk, found, f"what was shown for approval is not it (it is {theirs[:12]})",
            hint="Approve the recorded proposal, or propose the changed one.",
        )  # fmt: skip


def _check_time(desk: Desk, found: ProposalRecord) -> None:
    """What has run out is recorded as such, once."""
    if found.state_at(desk.now()) is State.EXPIRED:
        if not found.is_over:
            _tell(desk, found, Happened.EXPIRED, "its time ran out", "clock")
        _refuse(desk, the_record(desk, found.proposal_id), "it has expired: propose it again")


def _check_fresh(desk: Desk, found: ProposalRecord, policy: ApprovalPolicy) -> None:
    held, unit_values = _now(desk, found.proposal)
    reasons = moved_since(found.proposal, policy, held=held, unit_values=unit_values)
    if reasons:
        _tell(desk, found, Happened.STALE, "; ".join(reasons), "clock")
        _refuse(
            desk, the_record(desk, found.proposal_id), f"it is stale: {'; '.join(reasons)}",
            hint="Propose it again.",
        )  # fmt: skip


def _now(desk: Desk, proposal: Proposal) -> tuple[dict[str, Decimal], dict[str, float]]:
    """Holdings of the node and values of units, as they are known now."""
    as_of, names = desk.as_of(), {line.instrument_id for line in proposal.lines}
    scope = desk._scope(proposal.node)
    held = dict.fromkeys(names, Decimal(0))
    for _, name, quantity, _ in desk.ledger.positions(as_of, portfolio_ids=scope.leaves):
        if name in names:
            held[name] += quantity
    market, terms = desk.market(as_of), desk.instruments()
    values = {}
    for name in names:
        found = unit_value(terms[name], market)
        if not isinstance(found, Failure):
            rate = market.fx.rate(terms[name].currency, proposal.base_currency)
            values[name] = found.value * rate
    return held, values


def _approved(
    desk: Desk,
    found: ProposalRecord,
    policy: ApprovalPolicy,
    guards: Iterable[GuardOutcome],
    decision: Decision,
) -> ApprovedTargets:
    until: datetime = desk.now() + policy.time_to_execute
    more = {
        "digest": found.proposal.digest,
        "policy_id": policy.policy_id,
        "expires_at": until.isoformat(),
    }
    if decision.by != policy_actor(policy.policy_id):
        try:
            more |= signed(desk, found, more, decision)
        except NotAllowedError as error:
            _refuse(desk, found, error.message.rstrip("."), hint=error.hint)
    _tell(desk, found, Happened.APPROVED, decision.reason, decision.by, guards, more)
    return the_record(desk, found.proposal_id).targets()


def _refuse(desk: Desk, found: ProposalRecord, why: str, hint: str | None = None) -> NoReturn:
    """The attempt is recorded, and raised."""
    actor = desk.settings.actor
    _tell(desk, found, Happened.REFUSED, why, actor)
    raise NotAllowedError(
        f"{actor} asked of proposal {found.proposal_id} what is refused: {why}.", hint=hint
    )


def _tell(
    desk: Desk,
    found: ProposalRecord,
    happened: Happened,
    reason: str,
    actor: str,
    guards: Iterable[GuardOutcome] = (),
    more: Mapping[str, Any] | None = None,
) -> None:
    """Add an event where the history stood when it was read: who decides late is told so."""
    body = {
        "kind": happened.value,
        "reason": reason,
        "guards": [each.to_dict() for each in guards],
        **(more or {}),
    }
    desk.ledger.journal.append(
        [Event(STREAM, found.proposal_id, len(found.steps), body)],
        actor=actor,
        action=f"proposal {happened.value}",
        reason=reason,
    )


def _events(desk: Desk, proposal_id: str) -> list[Recorded]:
    return desk.ledger.journal.read(STREAM, proposal_id)
