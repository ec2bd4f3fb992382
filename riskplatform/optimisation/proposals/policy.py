"""Who may approve: two people, or nobody as long as every guard holds. Policies are content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any

from riskplatform.errors import TermsError, nearest
from riskplatform.optimisation.proposals.proposal import Proposal

MANUAL, AUTO_WITHIN = "manual", "auto_within"
MODES = (MANUAL, AUTO_WITHIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """What must hold; None where nothing is asked. Turnover is both sides as a share of the value,
    distance half the sum of what lots leave weights off their targets."""

    turnover: float | None = None
    cost_bp: float | None = None
    distance: float | None = None
    traded: float | None = None
    data_age_days: float | None = None
    no_new_breaches: bool = True
    all_limits_measured: bool = True
    approved_rule: bool = True
    green_model: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalPolicy:
    """A proposal is good for ``valid_hours`` and, once approved, for ``execution_hours`` more.

    It is stale when a price of a line has moved by more than ``market_band`` since, or the holdings
    of its lines by more than ``book_band`` of the value.
    """

    policy_id: str
    mode: str = MANUAL
    valid_hours: float = 24.0
    execution_hours: float = 24.0
    market_band: float = 0.05
    book_band: float = 0.001
    guards: Guards = field(default_factory=Guards)

    @property
    def validity(self) -> timedelta:
        return timedelta(hours=self.valid_hours)

    @property
    def time_to_execute(self) -> timedelta:
        return timedelta(hours=self.execution_hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What guards ask of the world and not of the proposal."""

    data_age_days: float
    rule_status: str
    model_status: str


@dataclass(frozen=True, slots=True)
class GuardOutcome:
    """One guard, whether it holds, and the figure in words."""

    guard: str
    holds: bool
    words: str

    def to_dict(self) -> dict[str, Any]:
        return {"guard": self.guard, "holds": self.holds, "words": self.words}


def judged(policy: ApprovalPolicy, proposal: Proposal, facts: Facts) -> tuple[GuardOutcome, ...]:
    """Every guard that the policy has."""
    guards, out = policy.guards, []
    caps = (
        ("turnover", guards.turnover, proposal.turnover, "{:.1%} of the value"),
        ("cost_bp", guards.cost_bp, proposal.cost_bp, "{:.1f} bp of the value"),
        ("distance", guards.distance, proposal.distance, "{:.2%} of the value off target"),
        ("traded", guards.traded, proposal.traded, "{:,.0f} " + proposal.base_currency),
        ("data_age_days", guards.data_age_days, facts.data_age_days, "{:.1f} days"),
    )
    for name, cap, value, form in caps:
        if cap is not None:
            words = f"{form.format(value)}, at most {form.format(cap)} allowed"
            out.append(GuardOutcome(name, value <= cap, words))
    breaches = ", ".join(proposal.new_breaches)
    truths = (
        ("no_new_breaches", not breaches, f"new breaches: {breaches or 'none'}"),
        (
            "all_limits_measured",
            proposal.limits_not_measured == 0,
            f"{proposal.limits_not_measured} limits could not be measured",
        ),
        ("approved_rule", facts.rule_status == "approved", f"the rule is {facts.rule_status}"),
        ("green_model", facts.model_status == "green", f"the VaR model is {facts.model_status}"),
    )
    out += [GuardOutcome(name, holds, words) for name, holds, words in truths
            if getattr(guards, name)]  # fmt: skip
    return tuple(out)


def policy_from(policy_id: str, terms: Mapping[str, Any]) -> ApprovalPolicy:
    """A policy as it is written in a file."""
    given = _checked(f"policy {policy_id}", terms, ApprovalPolicy, leave={"policy_id"})
    if given.get("mode", MANUAL) not in MODES:
        raise TermsError(
            f"The mode of policy {policy_id} is {given['mode']!r}.",
            hint=f"One of {', '.join(MODES)}.",
        )
    guards = given.pop("guards", {})
    if not isinstance(guards, Mapping):
        raise TermsError(
            f"The guards of policy {policy_id} are {guards!r}.", hint="Write a mapping."
        )
    read = Guards(**_checked(f"guard of policy {policy_id}", guards, Guards))
    return ApprovalPolicy(policy_id=policy_id, guards=read, **given)


def _checked(
    what: str, terms: Mapping[str, Any], kind: type, leave: frozenset[str] | set[str] = frozenset()
) -> dict[str, Any]:
    known = {each.name: each for each in fields(kind) if each.name not in leave}
    for key, value in terms.items():
        if key not in known:
            near = nearest(str(key), known)
            hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known)}."
            raise TermsError(f"Unknown {what}: {key!r}.", hint=hint)
        is_truth = isinstance(known[key].default, bool)
        if key in ("mode", "guards"):
            continue
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
        if not (isinstance(value, bool) if is_truth else is_number):
            wanted = "true or false" if is_truth else "a number from 0 on"
            raise TermsError(f"{key} of {what} is {value!r}.", hint=f"Give {wanted}.")
    return dict(terms)
