"""A proposal with its history, folded from the events of the journal."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import pandas as pd

from riskplatform.domain.targets import ApprovedTargets
from riskplatform.errors import DamagedStoreError, NotAllowedError
from riskplatform.optimisation.proposals.proposal import ID_LENGTH, Proposal
from riskplatform.optimisation.proposals.transitions import ENDS, Happened, State, after


class RecordedEvent(Protocol):
    """An event as the journal gives it back."""

    @property
    def position(self) -> int: ...
    @property
    def body(self) -> Mapping[str, Any]: ...
    @property
    def recorded_at(self) -> datetime: ...
    @property
    def actor(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a proposal."""

    happened: Happened
    by: str
    at: datetime
    reason: str
    body: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        return {
            "happened": self.happened.value,
            "by": self.by,
            "at": self.at.isoformat(timespec="seconds"),
            "reason": self.reason,
            "guards": list(self.body.get("guards", ())),
        }


@dataclass(frozen=True, slots=True)
class ProposalRecord:
    """``state`` is the recorded one; :meth:`state_at` knows of time that has run out."""

    proposal: Proposal
    state: State
    steps: tuple[Step, ...]

    @property
    def proposal_id(self) -> str:
        return self.proposal.proposal_id

    def state_at(self, now: datetime) -> State:
        """What is proposed or approved expires whether or not anybody wrote that down."""
        if self.state is State.PROPOSED and now >= self.proposal.expires_at:
            return State.EXPIRED
        if self.state is State.APPROVED and now >= self._approval_expires:
            return State.EXPIRED
        return self.state

    @property
    def is_over(self) -> bool:
        return self.state in ENDS

    @property
    def approval(self) -> Step | None:
        return next((step for step in self.steps if step.happened is Happened.APPROVED), None)

    @property
    def _approval_expires(self) -> datetime:
        step = self.approval
        if step is None:
            raise NotAllowedError(f"Proposal {self.proposal_id} is not approved.")
        return datetime.fromisoformat(step.body["expires_at"])

    def targets(self) -> ApprovedTargets:
        """What execution may take."""
        step = self.approval
        if step is None or self.state not in (State.APPROVED, State.TAKEN):
            raise NotAllowedError(
                f"Proposal {self.proposal_id} is {self.state}: there is nothing to trade.",
                hint="Only an approved proposal has targets.",
            )
        if step.body["digest"] != self.proposal.digest:
            raise DamagedStoreError(
                f"Proposal {self.proposal_id} is not what was approved.",
                hint="See `riskplatform audit verify`.",
            )
        return ApprovedTargets(
            approval_id=approval_id(self.proposal.digest, step.by, step.at),
            proposal_id=self.proposal_id,
            digest=self.proposal.digest,
            node=self.proposal.node,
            as_of=self.proposal.as_of,
            base_currency=self.proposal.base_currency,
            approved_by=step.by,
            approved_at=step.at,
            expires_at=self._approval_expires,
            trades=self.proposal.trades,
        )

    def history(self) -> pd.DataFrame:
        """One row per step."""
        rows = [
            {"at": step.at, "happened": step.happened.value, "by": step.by, "reason": step.reason}
            for step in self.steps
        ]
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, Any]:
        return {
            "proposal_id": self.proposal_id,
            "digest": self.proposal.digest,
            "state": self.state.value,
            "proposal": self.proposal.to_dict(),
            "steps": [step.to_dict() for step in self.steps],
        }

    def _repr_html_(self) -> str:
        return f"<p>{self.state}</p>" + self.proposal._repr_html_()


def approval_id(digest: str, by: str, at: datetime) -> str:
    """Of one approval by one person at one moment: it cannot be used for another."""
    text = "\x1f".join((digest, by, at.isoformat()))
    return hashlib.sha256(text.encode()).hexdigest()[:ID_LENGTH]


def record_of(events: Iterable[RecordedEvent]) -> ProposalRecord:
    """The fold; what could not have happened is a damaged journal."""
    state: State | None = None
    proposal: Proposal | None = None
    steps = []
    for event in events:
        happened = Happened(event.body["kind"])
        state = after(state, happened)
        if happened is Happened.PROPOSED:
            proposal = Proposal.from_dict(event.body["proposal"])
            if proposal.digest != event.body["digest"]:
                raise DamagedStoreError(
                    f"Proposal {event.body['digest'][:ID_LENGTH]} does not have its own digest.",
                    hint="See `riskplatform audit verify`.",
                )
        steps.append(
            Step(happened, event.actor, event.recorded_at, event.body.get("reason", ""), event.body)
        )
    if proposal is None or state is None:
        raise NotAllowedError("There is no such proposal.")
    return ProposalRecord(proposal, state, tuple(steps))
