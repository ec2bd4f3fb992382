"""The worker pool: what it answers, who may ask, and what happens when a worker is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import RiskPlatformError
from riskplatform.pricing.exotics import workers
from riskplatform.pricing.exotics.quantlib_price import solve
from riskplatform.pricing.exotics.tasks import PricingTask
from riskplatform.pricing.exotics.workers import WorkerPool
from tests.pricing.exotics.samples import DOWN_IN, SHORT_AVERAGE, UP_OUT

SPOTS = (90.0, 101.0, 125.0)


def tasks(count: int) -> list[PricingTask]:
    kinds = (UP_OUT, DOWN_IN, SHORT_AVERAGE)
    return [PricingTask(kinds[i % 3], 0.2 + 0.001 * i, 0.03, 0.01, SPOTS) for i in range(count)]


@pytest.fixture
def own_pool() -> Iterator[WorkerPool]:
    pool = WorkerPool(2)
    yield pool
    pool.close()


@pytest.mark.slow
def test_answers_are_those_of_this_process_to_the_last_digit(pool: WorkerPool) -> None:
    asked = tasks(9)
    for task, answer in zip(asked, pool.run(asked), strict=True):
        expected = solve(task)
        assert isinstance(answer, np.ndarray)
        assert isinstance(expected, np.ndarray)
        assert answer.tolist() == expected.tolist()


@pytest.mark.slow
def test_nothing_is_started_before_the_first_task(own_pool: WorkerPool) -> None:
    assert own_pool.processes() == []
    assert own_pool.run([]) == []
    assert own_pool.processes() == []
    own_pool.run(tasks(1))
    assert len(own_pool.processes()) == 1


@pytest.mark.slow
def test_a_broken_contract_fails_alone(pool: WorkerPool) -> None:
    broken = PricingTask(replace(UP_OUT, strike=float("nan")), 0.2, 0.03, 0.01, SPOTS)
    expired = PricingTask(replace(UP_OUT, time=0.0), 0.2, 0.03, 0.01, SPOTS)
    no_spot = PricingTask(UP_OUT, 0.2, 0.03, 0.01, (100.0, -1.0))
    first, *failed, last = pool.run([*tasks(1), broken, expired, no_spot, *tasks(1)])
    assert isinstance(first, np.ndarray)
    assert isinstance(last, np.ndarray)
    assert first.tolist() == last.tolist()
    words = ("strike nan", "has expired", "a spot is not positive")
    for failure, word in zip(failed, words, strict=True):
        assert isinstance(failure, Failure)
        assert (failure.reason, failure.subject) == (FailureReason.INVALID_TERMS, "UP_OUT")
        assert word in failure.message


def test_what_quantlib_refuses_is_a_failure(pool: WorkerPool) -> None:
    absurd = PricingTask(UP_OUT, 0.2, 1e5, 0.01, SPOTS)
    (answer,) = pool.run([absurd])
    assert isinstance(answer, Failure)
    assert answer.reason is FailureReason.CALCULATION_FAILED


@pytest.mark.slow
def test_many_threads_may_ask(pool: WorkerPool) -> None:
    asked = tasks(4)
    expected = [answer.tolist() for answer in pool.run(asked) if isinstance(answer, np.ndarray)]
    with ThreadPoolExecutor(6) as threads:
        for answers in threads.map(pool.run, [asked] * 12):
            assert [a.tolist() for a in answers if isinstance(a, np.ndarray)] == expected


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_changes_nothing(own_pool: WorkerPool) -> None:
    """Stopped first, so that it surely holds a task when it is killed."""
    asked = tasks(40)
    expected = [solve(task) for task in asked]
    own_pool.run(asked[:2])
    first, second = own_pool.processes()
    os.kill(first, signal.SIGSTOP)
    answers = []
    thread = threading.Thread(target=lambda: answers.extend(own_pool.run(asked)))
    thread.start()
    os.kill(second, signal.SIGKILL)
    os.kill(first, signal.SIGKILL)
    thread.join()
    for answer, known in zip(answers, expected, strict=True):
        assert isinstance(answer, np.ndarray)
        np.testing.assert_array_equal(answer, known)
    assert not {first, second} & set(own_pool.processes())


@pytest.mark.slow
def test_a_task_that_kills_two_workers_is_a_failure(
    own_pool: WorkerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pool survives it; ``/bin/true``-like workers stand for what kills them."""
    real = workers.subprocess.Popen

    def dying(_: list[str], **options: object) -> object:
        return real([sys.executable, "-c", "pass"], **options)

    with monkeypatch.context() as patched:
        patched.setattr(workers.subprocess, "Popen", dying)
        (answer,) = own_pool.run(tasks(1))
    assert isinstance(answer, Failure)
    assert "UP_OUT: the worker process died 2 times" in answer.message
    (again,) = own_pool.run(tasks(1))
    assert isinstance(again, np.ndarray)


@pytest.mark.slow
def test_a_closed_pool_says_so_and_its_workers_are_gone(own_pool: WorkerPool) -> None:
    own_pool.run(tasks(2))
    ids = own_pool.processes()
    own_pool.close()
    for pid in ids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    with pytest.raises(RiskPlatformError, match="was closed"):
        own_pool.run(tasks(1))


SCRIPT = """
import sys, threading
from riskplatform.pricing.exotics.contracts import AverageOption
from riskplatform.pricing.exotics.values import exotic_values
print("started", flush=True)
contract = AverageOption("A", 0.1, 100.0, True, True, (0.05, 0.1))
found = []
thread = threading.Thread(
    target=lambda: found.append(exotic_values([contract], 100.0, 0.0, 0.2, 0.03, 0.0))
)
thread.start()
thread.join()
assert found[0].status.tolist() == [[0]] and found[0].value[0, 0] > 1.0
assert "QuantLib" not in sys.modules
"""


@pytest.mark.slow
def test_quantlib_is_never_loaded_by_the_caller_and_the_script_runs_once() -> None:
    """A script without a guard for its main part: workers do not run it again."""
    done = subprocess.run(
        [sys.executable, "-"], input=SCRIPT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["started"]
