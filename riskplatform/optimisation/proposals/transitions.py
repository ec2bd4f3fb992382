"""The states of a proposal, and what may happen in each: one table, nothing else decides."""

from __future__ import annotations

from enum import StrEnum

from riskplatform.errors import NotAllowedError


class State(StrEnum):
    """Where a proposal stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    TAKEN = "taken"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    STALE = "stale"


class Happened(StrEnum):
    """What is recorded of it. ``held`` and ``refused`` leave it where it stands: a guard of the
    policy did not hold, or somebody tried what is not allowed."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    TAKEN = "taken"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    STALE = "stale"
    HELD = "held"
    REFUSED = "refused"


TABLE: dict[State | None, dict[Happened, State]] = {
    None: {Happened.PROPOSED: State.PROPOSED},
    State.PROPOSED: {
        Happened.APPROVED: State.APPROVED,
        Happened.REJECTED: State.REJECTED,
        Happened.WITHDRAWN: State.WITHDRAWN,
        Happened.EXPIRED: State.EXPIRED,
        Happened.STALE: State.STALE,
    },
    State.APPROVED: {
        Happened.TAKEN: State.TAKEN,
        Happened.WITHDRAWN: State.WITHDRAWN,
        Happened.EXPIRED: State.EXPIRED,
    },
    State.TAKEN: {},
    State.REJECTED: {},
    State.WITHDRAWN: {},
    State.EXPIRED: {},
    State.STALE: {},
}
_REMARKS = frozenset({Happened.HELD, Happened.REFUSED})

ENDS = frozenset(state for state, onward in TABLE.items() if state is not None and not onward)
"""Nothing changes any more: taken, rejected, withdrawn, expired or stale."""


def after(state: State | None, happened: Happened) -> State:
    """The state after an event; an event that cannot be in this state is refused."""
    if happened in _REMARKS and state is not None:
        return state
    onward = TABLE[state]
    if happened not in onward:
        now = f"is {state}" if state else "does not exist"
        may = ", ".join(each.value for each in onward) or "nothing more"
        raise NotAllowedError(
            f"The proposal {now} and cannot become {happened}.", hint=f"It may become: {may}."
        )
    return onward[happened]
