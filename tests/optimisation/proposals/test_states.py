"""States, policies and freshness of proposals, as pure functions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import DamagedStoreError, NotAllowedError, TermsError
from riskplatform.optimisation.proposals import Happened, LimitMove, State, after, record_of
from riskplatform.optimisation.proposals.freshness import moved_since
from riskplatform.optimisation.proposals.policy import Facts, judged, policy_from
from riskplatform.optimisation.proposals.transitions import ENDS, TABLE
from tests.optimisation.proposals.builders import NOW, proposal

GOOD = Facts(data_age_days=0.0, rule_status="approved", model_status="green")


@dataclass
class Told:
    position: int
    body: dict[str, Any]
    actor: str = "bob"
    recorded_at: datetime = field(default=NOW)


def history(*more: dict[str, Any]) -> list[Told]:
    one = proposal()
    first = {"kind": "proposed", "proposal": one.to_dict(), "digest": one.digest}
    return [Told(i, body) for i, body in enumerate([first, *more])]


def approved(**changes: Any) -> dict[str, Any]:
    until = (NOW + timedelta(hours=48)).isoformat()
    return {
        "kind": "approved", "digest": proposal().digest, "expires_at": until, "reason": "fine",
        **changes,
    }  # fmt: skip


@given(st.lists(st.sampled_from(list(Happened)), max_size=8))
def test_what_is_over_stays_over_and_nothing_is_approved_twice(story: list[Happened]) -> None:
    state: State | None = None
    approvals = 0
    for happened in story:
        before = state
        try:
            state = after(state, happened)
        except NotAllowedError:
            continue
        approvals += happened is Happened.APPROVED
        if before in ENDS:
            assert state is before
    assert approvals <= 1
    if state is State.TAKEN:
        assert approvals == 1


def test_every_state_is_reached_and_ends_somewhere() -> None:
    reached = {state for onward in TABLE.values() for state in onward.values()}
    assert reached == set(State)
    assert {State.TAKEN, State.REJECTED, State.WITHDRAWN, State.EXPIRED, State.STALE} == ENDS


def test_a_record_is_the_fold_of_its_events() -> None:
    found = record_of(history({"kind": "refused", "reason": "no"}, approved()))
    assert found.state is State.APPROVED
    assert [step.happened.value for step in found.steps] == ["proposed", "refused", "approved"]
    targets = found.targets()
    assert targets.trades == found.proposal.trades
    assert targets.approved_by == "bob"
    assert found.state_at(NOW + timedelta(hours=47)) is State.APPROVED
    assert found.state_at(NOW + timedelta(hours=48)) is State.EXPIRED
    other = record_of([*history(), Told(1, approved(), actor="cat")]).targets()
    assert other.approval_id != targets.approval_id


def test_what_is_only_proposed_expires_and_has_no_targets() -> None:
    found = record_of(history())
    assert found.state_at(NOW + timedelta(hours=24)) is State.EXPIRED
    with pytest.raises(NotAllowedError, match="nothing to trade"):
        found.targets()


def test_a_journal_that_cannot_be_is_found() -> None:
    with pytest.raises(NotAllowedError, match="cannot become"):
        record_of(history(approved(), approved()))
    forged = Told(0, {**history()[0].body, "digest": "0" * 64})
    with pytest.raises(DamagedStoreError, match="own digest"):
        record_of([forged])
    with pytest.raises(DamagedStoreError, match="not what was approved"):
        record_of(history(approved(digest="0" * 64))).targets()


def test_guards_say_the_figure_and_the_cap() -> None:
    guards = {"turnover": 0.1, "cost_bp": 5.0, "distance": 0.001, "traded": 1e4, "data_age_days": 1}
    policy = policy_from("auto", {"mode": "auto_within", "guards": guards})
    told = {each.guard: each for each in judged(policy, proposal(), GOOD)}
    assert {name for name, each in told.items() if not each.holds} == {"turnover", "traded"}
    assert told["turnover"].words == "20.0% of the value, at most 10.0% of the value allowed"
    assert told["traded"].words == "20,000 USD, at most 10,000 USD allowed"


@pytest.mark.parametrize(
    ("guard", "changes", "facts"),
    [
        ("approved_rule", {}, replace(GOOD, rule_status="draft")),
        ("green_model", {}, replace(GOOD, model_status="red")),
        ("data_age_days", {}, replace(GOOD, data_age_days=4.0)),
        ("all_limits_measured", {"limits_not_measured": 2}, GOOD),
        (
            "no_new_breaches",
            {"limits": (LimitMove(limit_id="L", node="n", measure="var", unit="USD", hard=1.0,
                                  light_before="amber", light_after="red"),)},
            GOOD,
        ),
    ],
)  # fmt: skip
def test_each_guard_can_fail(guard: str, changes: dict[str, Any], facts: Facts) -> None:
    policy = policy_from("auto", {"guards": {"green_model": True, "data_age_days": 3}})
    assert all(each.holds for each in judged(policy, proposal(), GOOD))
    failed = [each.guard for each in judged(policy, proposal(**changes), facts) if not each.holds]
    assert failed == [guard]


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"mode": "automatic"}, "One of manual, auto_within"),
        ({"guard": {}}, "Did you mean guards"),
        ({"guards": {"turn_over": 1}}, "Did you mean turnover"),
        ({"guards": {"turnover": -1}}, "a number from 0 on"),
        ({"guards": {"no_new_breaches": 1}}, "true or false"),
        ({"valid_hours": "day"}, "a number from 0 on"),
        ({"guards": 3}, "Write a mapping"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(terms: dict[str, Any], said: str) -> None:
    with pytest.raises(TermsError) as caught:
        policy_from("auto", terms)
    assert said in str(caught.value.hint)


def test_a_proposal_is_stale_when_market_or_book_moved() -> None:
    policy = policy_from("p", {"market_band": 0.05, "book_band": 0.001})
    held = {"AAA": Decimal(200), "BBB": Decimal(400)}
    prices = {"AAA": 104.9, "BBB": 190.1}
    assert moved_since(proposal(), policy, held=held, unit_values=prices) == ()
    (market,) = moved_since(proposal(), policy, held=held, unit_values={**prices, "AAA": 94.0})
    assert "AAA moved by -6.0%" in market
    (gone,) = moved_since(proposal(), policy, held=held, unit_values={"BBB": 200.0})
    assert "AAA has no price any more" in gone
    more = {**held, "BBB": Decimal(401)}
    (book,) = moved_since(proposal(), policy, held=more, unit_values=prices)
    assert "holdings differ by 190 USD, 0.19% of the value" in book
    assert moved_since(proposal(), policy, held={**held, "AAA": Decimal("200.5")},
                       unit_values=prices) == ()  # fmt: skip
