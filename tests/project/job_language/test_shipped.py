"""The jobs that come with a new desk: all can be used, every kind is there, and the loop that
trades is off until a person switches it on."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskplatform.project.job_language import JobLibrary, MisfirePolicy, job_library
from riskplatform.project.job_language.kinds import BY_POLICY, KINDS, terms_of
from riskplatform.project.models import read_model
from riskplatform.project.template import starter

LOOP = ("rebalance_propose", "execute_targets", "reconcile", "rebalance_report")


@pytest.fixture
def shipped() -> JobLibrary:
    return job_library(starter())


def test_every_file_can_be_used_and_every_kind_has_one(shipped: JobLibrary) -> None:
    assert shipped.problems == ()
    assert {job.kind for job in shipped} == set(KINDS)
    for job in shipped:
        terms_of(job.kind, job.parameters)


def test_what_trades_is_off_and_everything_else_is_on(shipped: JobLibrary) -> None:
    assert {job.job_id for job in shipped if not job.enabled} == set(LOOP)
    trading = {
        job.job_id for job in shipped if job.kind in ("rebalance_propose", "execute_targets")
    }
    assert trading <= set(LOOP)


def test_the_loop_is_a_chain_on_one_clock_in_the_order_of_the_day(shipped: JobLibrary) -> None:
    jobs = [shipped[name] for name in LOOP]
    assert [job.after for job in jobs] == [(), *((name,) for name in LOOP[:-1])]
    assert {(job.schedule.time_zone, job.schedule.calendar) for job in jobs} == {
        ("America/New_York", "XNYS")
    }
    times = [(job.schedule.cron.hours, job.schedule.cron.minutes) for job in jobs  # type: ignore[union-attr]
             ]  # fmt: skip
    assert times == sorted(times)
    # A stale proposal is never made up for; no day stays unmatched.
    assert jobs[0].misfire.policy is MisfirePolicy.SKIP
    assert jobs[2].misfire.policy is MisfirePolicy.RUN_ALL
    # Trades wait for a proposal that came about; what matches them, and what reports, does not.
    assert [job.even_if_failed for job in jobs] == [False, False, True, True]


def test_the_proposal_names_a_rule_and_a_policy_that_are_there(shipped: JobLibrary) -> None:
    said = shipped["rebalance_propose"].parameters
    rule = read_model(starter() / "models" / f"{said['rule']}-allocation")
    policy = read_model(starter() / "models" / f"{said['policy']}-approval")
    assert (rule.status, policy.status) == ("approved", "approved")
    # The policy must be able to do what is asked of it.
    assert said["approval"] == BY_POLICY
    assert policy.parameters["approval_mode"] == "auto_within"
    # A step of the rule fits through the guard, or the loop would stand still.
    limits = {each["kind"]: each["high"] for each in rule.parameters["constraints"]}
    assert limits["turnover"] <= policy.parameters["guards"]["turnover"]


def test_switching_the_loop_on_is_one_line_less_in_each_file(tmp_path: Path) -> None:
    folder = tmp_path / "jobs"
    folder.mkdir()
    for name in LOOP:
        text = (starter() / "jobs" / f"{name}.yaml").read_text(encoding="utf-8")
        assert text.count("\nenabled: false\n") == 1
        (folder / f"{name}.yaml").write_text(text.replace("\nenabled: false\n", "\n"))
    found = job_library(tmp_path)
    assert found.problems == ()
    assert all(job.enabled for job in found)
