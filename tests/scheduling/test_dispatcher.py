"""Claims, ends, retries, leases and take-overs, with clocks and workers in the test's hands."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from riskplatform.errors import ConflictError, UserInputError
from riskplatform.scheduling.context import Assignment
from tests.scheduling.world import LEASE, START, Clocks, ManualAttempt, Scheduler, write_python_job

pytestmark = pytest.mark.slow

Make = Callable[..., Scheduler]
FIRST = "job@2026-06-01T09:10:00Z"


def after_first_time(clocks: Clocks) -> None:
    clocks.advance(minutes=9, seconds=40)


def the(attempts: list[ManualAttempt]) -> ManualAttempt:
    (one,) = attempts
    return one


def test_a_run_from_claim_to_end(folder: Path, clocks: Clocks, scheduler: Make) -> None:
    write_python_job(folder, "job", "parameters: {size: 3}")
    one = scheduler()
    one.step()
    assert one.worker.started == []
    after_first_time(clocks)
    one.step()
    attempt = the(one.worker.attempts)
    assert attempt.assignment.run_id == FIRST
    assert attempt.assignment.parameters == {"size": 3}
    assert one.statuses() == {FIRST: "running"}
    clocks.advance(seconds=20)
    attempt.end(log="all well\n", inputs={"as_of": "2026-05-29"}, outputs={"rows": 7})
    one.step()
    story = one.desk.job_run(FIRST)
    assert (story.run.status, story.run.seconds, story.run.attempt) == ("succeeded", 20.0, 1)
    assert (story.run.inputs, story.run.outputs) == ({"as_of": "2026-05-29"}, {"rows": 7})
    assert "all well" in story.log
    assert [one["event"] for one in story.attempts] == ["claimed", "succeeded"]
    assert story.attempts[0]["parameters"] == {"size": 3}
    assert one.desk.ledger.audit.verify().is_intact
    one.step()
    assert one.worker.started == [FIRST]


def test_of_two_schedulers_one_runs_it(folder: Path, clocks: Clocks, scheduler: Make) -> None:
    for number in range(5):
        write_python_job(folder, f"job{number}")
    one, two = scheduler("one"), scheduler("two")
    after_first_time(clocks)
    one.dispatcher.book.refresh()
    two.dispatcher.book.refresh()
    # Both decide on what they know; the second has not read what the first has written.
    one.dispatcher._decide()
    two.dispatcher._decide()
    two.step()
    assert Counter(one.worker.started + two.worker.started) == {
        f"job{number}@2026-06-01T09:10:00Z": 1 for number in range(5)
    }
    assert two.worker.started == []


def test_a_failed_attempt_is_retried_after_its_wait(
    folder: Path, clocks: Clocks, scheduler: Make
) -> None:
    write_python_job(folder, "job", "retries: 1", "retry_wait: 2m")
    one, two = scheduler("one"), scheduler("two")
    after_first_time(clocks)
    one.step()
    one.worker.attempts[0].end("no prices")
    one.step()
    assert one.statuses() == {FIRST: "waiting"}
    clocks.advance(minutes=1)
    two.step()
    assert two.worker.started == []
    clocks.advance(minutes=1)
    two.step()
    assert the(two.worker.attempts).assignment.attempt == 2
    two.worker.attempts[0].end("still no prices")
    two.step()
    assert one.statuses() == {FIRST: "failed"}
    assert one.desk.job_run(FIRST).run.error == "still no prices"
    clocks.advance(minutes=5)
    one.step()
    two.step()
    assert len(one.worker.attempts + two.worker.attempts) == 2


def test_runs_of_one_job_never_overlap(folder: Path, clocks: Clocks, scheduler: Make) -> None:
    write_python_job(folder, "job", "misfire: run_once", "timeout: 2h")
    one, two = scheduler("one"), scheduler("two")
    after_first_time(clocks)
    one.step()
    clocks.advance(seconds=30)
    one.step()
    for _ in range(65):
        clocks.advance(seconds=30)
        one.step()
        two.step()
    assert one.worker.started + two.worker.started == [FIRST]
    one.worker.attempts[0].end()
    one.step()
    # 09:20 and 09:30 came meanwhile and are one run for the later.
    assert one.worker.started == [FIRST, "job@2026-06-01T09:40:00Z"]
    history = one.desk.job_history("job")
    assert history.loc[history.status == "not run", "error"].tolist() == [
        "2 times: a later time was run instead"
    ]


def test_slots_bound_what_runs_at_a_time(folder: Path, clocks: Clocks, scheduler: Make) -> None:
    for number in range(5):
        write_python_job(folder, f"job{number}", "misfire: run_once")
    one = scheduler(slots=2)
    after_first_time(clocks)
    for done in range(5):
        one.step()
        assert len(one.worker.attempts) == min(done + 2, 5)
        one.worker.attempts[done].end()
    one.step()
    assert set(one.statuses().values()) == {"succeeded"}
    assert len(set(one.worker.started)) == 5


def test_a_long_run_extends_its_lease_sparingly(
    folder: Path, clocks: Clocks, scheduler: Make
) -> None:
    write_python_job(folder, "job", "if_killed: run_again", "timeout: 1h")
    one, two = scheduler("one"), scheduler("two")
    after_first_time(clocks)
    for _ in range(300):
        one.step()
        two.step()
        clocks.advance(seconds=1)
    assert two.worker.started == []
    events = one.desk.ledger.journal.read("run", FIRST)
    # Five minutes with a lease of one: a sign of life every 24 seconds.
    assert [event.body["event"] for event in events] == ["claimed"] + ["extended"] * 12


def test_a_dead_scheduler_s_run_is_taken_over_once(
    folder: Path, clocks: Clocks, scheduler: Make
) -> None:
    write_python_job(folder, "job", "if_killed: run_again", "timeout: 1h")
    one, two, three = scheduler("one"), scheduler("two"), scheduler("three")
    after_first_time(clocks)
    one.step()
    for _ in range(89):
        two.step()
        three.step()
        clocks.advance(seconds=1)
    assert two.worker.started + three.worker.started == []
    clocks.advance(seconds=1)
    two.step()
    three.step()
    assert two.worker.started == [FIRST]
    assert three.worker.started == []
    assert two.worker.attempts[0].assignment.attempt == 2
    # The first one was not dead but asleep: it stops its own and keeps nothing of it.
    one.worker.attempts[0].end(log="late")
    one.step()
    assert one.dispatcher.active == {}
    two.worker.attempts[0].end()
    two.step()
    assert one.statuses() == {FIRST: "succeeded"}
    assert one.desk.job_run(FIRST).run.owner == "two"
    assert "late" not in one.desk.job_run(FIRST).log


def test_a_sleeper_that_wakes_stops_its_work(folder: Path, clocks: Clocks, scheduler: Make) -> None:
    write_python_job(folder, "job", "if_killed: run_again", "timeout: 1h")
    one, two = scheduler("one"), scheduler("two")
    after_first_time(clocks)
    one.step()
    two.step()
    clocks.advance(seconds=LEASE.total_seconds() * 1.5)
    two.step()
    one.step()
    assert one.worker.attempts[0].stopped == "another scheduler has taken it over"
    assert two.worker.started == [FIRST]


def test_a_killed_run_that_must_not_be_repeated_is_abandoned(
    folder: Path, clocks: Clocks, scheduler: Make
) -> None:
    write_python_job(folder, "job")
    one, two = scheduler("one"), scheduler("two")
    after_first_time(clocks)
    one.step()
    two.step()
    clocks.advance(minutes=2)
    two.step()
    assert two.worker.started == []
    assert one.statuses()[FIRST] == "abandoned"
    assert "its scheduler one died" in one.desk.job_run(FIRST).run.error


def test_a_job_that_kills_its_scheduler_does_not_kill_all_of_them(
    folder: Path, clocks: Clocks, scheduler: Make
) -> None:
    write_python_job(folder, "job", "if_killed: run_again", "timeout: 1h")
    many = [scheduler(f"s{number}") for number in range(4)]
    after_first_time(clocks)
    many[0].step()
    for alive in (many[1:], many[2:], many[3:]):
        for one in alive:
            one.step()
        clocks.advance(minutes=2)
        alive[0].step()
    assert [len(one.worker.attempts) for one in many] == [1, 1, 0, 0]
    assert many[3].statuses()[FIRST] == "abandoned"


def test_a_clock_that_is_hours_ahead_takes_nothing_over(
    folder: Path, clocks: Clocks, scheduler: Make
) -> None:
    write_python_job(folder, "job", "if_killed: run_again", "timeout: 1h")
    one, two = scheduler("one"), scheduler("two")
    after_first_time(clocks)
    one.step()
    two.step()
    clocks.jump(hours=5)
    for _ in range(50):
        two.step()
        one.step()
        clocks.advance(seconds=1)
    assert two.worker.started == []
    one.worker.attempts[0].end()
    one.step()
    assert one.statuses()[FIRST] == "succeeded"


def test_a_clock_that_jumps_to_and_fro_repeats_nothing(
    folder: Path, clocks: Clocks, scheduler: Make
) -> None:
    write_python_job(folder, "job", "misfire: {policy: run_all, window: 1d}")
    one = scheduler()
    one.worker.at_once = lambda _: ""
    for minutes in (10, 40, -30, 5, 60, -80, 20, 90):
        clocks.jump(minutes=minutes)
        if minutes < 0:
            one.dispatcher.clock_went_back()
        for _ in range(20):
            one.step()
    assert len(one.worker.started) == len(set(one.worker.started))
    # The furthest that the clock has been is 10:55: every time up to there has run.
    assert set(one.statuses()) == {
        f"job@2026-06-01T{hour:02}:{minute:02}:00Z"
        for hour in (9, 10)
        for minute in range(0, 60, 10)
        if (hour, minute) > (9, 0)
    }
    assert set(one.statuses().values()) == {"succeeded"}


def test_a_run_that_takes_too_long_is_stopped(
    folder: Path, clocks: Clocks, scheduler: Make
) -> None:
    write_python_job(folder, "job", "timeout: 90s")
    one = scheduler()
    after_first_time(clocks)
    one.step()
    clocks.advance(seconds=91)
    one.step()
    story = one.desk.job_run(FIRST)
    assert (story.run.status, story.run.error) == (
        "failed",
        "it took longer than its timeout of 90s",
    )
    assert "half done" in story.log


def test_a_process_that_cannot_be_started_is_a_failed_attempt(
    folder: Path, clocks: Clocks, scheduler: Make
) -> None:
    write_python_job(folder, "job", "retries: 1", "retry_wait: 1m")
    one = scheduler()

    def full(assignment: Assignment) -> str:
        raise BlockingIOError("Resource temporarily unavailable")

    one.worker.at_once = full
    after_first_time(clocks)
    one.step()
    one.step()
    assert one.statuses() == {FIRST: "waiting"}
    assert "could not be started" in one.desk.job_run(FIRST).run.error
    one.worker.at_once = lambda _: ""
    clocks.advance(minutes=1)
    one.step()
    one.step()
    assert one.statuses() == {FIRST: "succeeded"}


def test_a_stop_leaves_runs_to_others_where_the_job_allows_it(
    folder: Path, clocks: Clocks, scheduler: Make
) -> None:
    write_python_job(folder, "again", "if_killed: run_again")
    write_python_job(folder, "once")
    one, two = scheduler("one"), scheduler("two")
    after_first_time(clocks)
    one.step()
    one.dispatcher.stop_all("the scheduler was stopped")
    two.step()
    assert two.worker.started == ["again@2026-06-01T09:10:00Z"]
    assert two.statuses() == {
        "again@2026-06-01T09:10:00Z": "running",
        "once@2026-06-01T09:10:00Z": "abandoned",
    }


def test_missed_times_after_a_late_start(folder: Path, clocks: Clocks, scheduler: Make) -> None:
    write_python_job(folder, "skipped")
    write_python_job(folder, "once", "misfire: {policy: run_once, window: 2h}")
    write_python_job(folder, "all", "misfire: {policy: run_all, window: 25m}")
    scheduler("one").step()
    clocks.advance(minutes=45)
    two = scheduler("two")
    two.worker.at_once = lambda _: ""
    for _ in range(6):
        two.step()
    assert sorted(two.worker.started) == [
        "all@2026-06-01T09:30:00Z",
        "all@2026-06-01T09:40:00Z",
        "once@2026-06-01T09:40:00Z",
    ]
    history = two.desk.job_history()
    passed = history[history.status == "not run"].set_index("job_id")["error"]
    assert passed.to_dict() == {
        "skipped": "4 times: no scheduler ran it in time",
        "once": "3 times: a later time was run instead",
        "all": "2 times: older than the window of 25m",
    }


def test_a_new_or_changed_job_counts_from_now(
    folder: Path, clocks: Clocks, scheduler: Make
) -> None:
    terms = ["misfire: {policy: run_all, window: 7d}"]
    write_python_job(folder, "job", *terms, "enabled: false")
    one = scheduler()
    clocks.advance(hours=3)
    one.step()
    write_python_job(folder, "job", *terms)
    one.dispatcher.follow(one.desk.jobs())
    one.step()
    assert one.worker.started == []
    clocks.advance(minutes=10)
    one.step()
    assert one.worker.started == ["job@2026-06-01T12:10:00Z"]
    told = [event.body for event in one.desk.ledger.journal.read("job", "job")]
    assert [(body["event"], body.get("enabled")) for body in told] == [
        ("watched", False),
        ("watched", True),
        ("decided", None),
    ]


def test_a_broken_file_takes_nothing_away_from_the_others(
    folder: Path, clocks: Clocks, scheduler: Make
) -> None:
    write_python_job(folder, "job", "retries: 3", "retry_wait: 1m")
    write_python_job(folder, "other")
    one = scheduler()
    after_first_time(clocks)
    one.step()
    for attempt in one.worker.attempts:
        attempt.end("no luck")
    one.step()
    good = (folder / "jobs" / "job.yaml").read_text()
    (folder / "jobs" / "job.yaml").write_text(good.replace("title", "titel"))
    clocks.advance(minutes=2)
    one.dispatcher.follow(one.desk.jobs())
    one.step()
    # The run waits for its file to be mended.
    assert one.statuses() == {FIRST: "waiting", "other@2026-06-01T09:10:00Z": "failed"}
    (folder / "jobs" / "job.yaml").write_text(good)
    one.dispatcher.follow(one.desk.jobs())
    one.step()
    assert one.worker.attempts[-1].assignment.attempt == 2
    (folder / "jobs" / "job.yaml").unlink()
    (folder / "jobs" / "job.py").unlink()
    one.worker.attempts[-1].end("no luck")
    one.step()
    one.dispatcher.follow(one.desk.jobs())
    clocks.advance(minutes=2)
    one.step()
    assert one.statuses()[FIRST] == "abandoned"


def test_a_run_by_hand(folder: Path, clocks: Clocks, scheduler: Make) -> None:
    write_python_job(folder, "job", "retries: 3", "if_killed: run_again")
    one, two = scheduler("one"), scheduler("two")
    job = one.desk.jobs()["job"]
    run_id = one.dispatcher.start_by_hand(job)
    assert run_id == "job@2026-06-01T09:00:30Z"
    after_first_time(clocks)
    two.step()
    assert two.worker.started == []
    one.worker.attempts[0].end("a mistake")
    one.dispatcher.step(claiming=False)
    # A person sees it fail, and does not want it tried again behind their back.
    assert two.statuses() == {run_id: "failed"}
    two.step()
    assert two.worker.started == [FIRST]
    with pytest.raises(ConflictError, match="is running, in two"):
        one.dispatcher.start_by_hand(job, START.replace(minute=10, second=0))
    two.worker.attempts[0].end()
    two.step()
    with pytest.raises(UserInputError, match="has succeeded"):
        one.dispatcher.start_by_hand(job, START.replace(minute=10, second=0))
    with pytest.raises(UserInputError, match="not due at 2026-06-01T09:11"):
        one.dispatcher.start_by_hand(job, START.replace(minute=11, second=0))
    # A time that is still to come can be run before; it is then not run again.
    one.dispatcher.start_by_hand(job, START.replace(minute=20, second=0))
    one.worker.attempts[-1].end()
    one.dispatcher.step(claiming=False)
    clocks.advance(minutes=10)
    two.step()
    assert two.worker.started == [FIRST]
    clocks.advance(minutes=10)
    two.step()
    assert two.worker.started == [FIRST, "job@2026-06-01T09:30:00Z"]


def test_a_run_by_hand_and_a_scheduled_one_do_not_overlap(
    folder: Path, clocks: Clocks, scheduler: Make
) -> None:
    write_python_job(folder, "job")
    one, two = scheduler("one"), scheduler("two")
    job = one.desk.jobs()["job"]
    after_first_time(clocks)
    two.dispatcher.book.refresh()
    one.dispatcher.start_by_hand(job)
    # The second has not read of it, decides as if nothing ran, and is refused by the journal.
    two.dispatcher._decide()
    assert two.worker.started == []
    with pytest.raises(ConflictError, match="is running, in one"):
        two.dispatcher.start_by_hand(job)
    one.worker.attempts[0].end()
    one.dispatcher.step(claiming=False)
    two.step()
    assert two.worker.started == [FIRST]


def play(make: Make, clocks: Clocks, seed: int) -> tuple[list[Scheduler], Counter[str]]:
    """Schedulers come, step in any order, die, sleep; work ends well, ends badly or never; the
    wall clock jumps. Attempts by run are returned."""
    chance = random.Random(seed)
    everyone: list[Scheduler] = []
    alive: list[Scheduler] = []
    for move in range(120):
        if len(alive) < 3 and (not alive or chance.random() < 0.2):
            everyone.append(make(f"s{move}", slots=3))
            alive.append(everyone[-1])
        one = chance.choice(alive)
        what = chance.random()
        if what < 0.55:
            one.step()
        elif what < 0.75:
            running = [
                active.attempt
                for active in one.dispatcher.active.values()
                if isinstance(active.attempt, ManualAttempt)
            ]
            if running:
                chance.choice(running).end("" if chance.random() < 0.7 else "bad luck")
        elif what < 0.80:
            alive.remove(one)
        elif what < 0.83:
            clocks.jump(minutes=chance.choice([-45, 30]))
            for each in alive:
                each.dispatcher.clock_went_back()
        else:
            clocks.advance(seconds=chance.choice([1, 20, 100]))
    counts: Counter[str] = Counter()
    for one in everyone:
        counts.update(one.worker.started)
    return everyone, counts


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_each_claim_is_made_once(
    folder: Path, clocks: Clocks, scheduler: Make, seed: int
) -> None:
    write_python_job(folder, "plain")
    write_python_job(folder, "all", "misfire: {policy: run_all, window: 1d}")
    write_python_job(folder, "again", "misfire: run_once", "if_killed: run_again", "retries: 1")
    write_python_job(folder, "after", "misfire: run_once", "after: [again]")
    everyone, counts = play(scheduler, clocks, seed)
    journal = everyone[0].desk.ledger.journal
    told: dict[str, list[Any]] = {}
    for event in journal.since(stream="run"):
        told.setdefault(event.subject, []).append(event.body)
    assert set(counts) == set(told)
    assert counts
    for run_id, bodies in told.items():
        claims = [body for body in bodies if body["event"] == "claimed"]
        # Every start has its claim, and every attempt but the last had ended or was left for dead.
        assert counts[run_id] == len(claims)
        assert [body["attempt"] for body in claims] == list(range(1, len(claims) + 1))
        assert len(claims) <= (3 if run_id.startswith("again") else 1)
        ends = [body["event"] for body in bodies if body["event"] in ("succeeded", "failed")]
        assert "succeeded" not in ends[:-1]
    assert everyone[0].desk.ledger.audit.verify().is_intact
