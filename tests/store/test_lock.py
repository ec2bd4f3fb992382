"""The writer's lock: exclusive, bounded waiting, named owner, released by death."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from riskplatform.errors import StoreLockedError
from riskplatform.store.lock import (
    FIRST_WAIT_SECONDS,
    LONGEST_WAIT_SECONDS,
    FileLock,
    backoff,
    wait_until,
)

HOLD = """
import sys
from pathlib import Path
from riskplatform.store.lock import FileLock
with FileLock(Path(sys.argv[1]), guards="The thing"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "writer.lock"


def lock(path: Path) -> FileLock:
    return FileLock(path, guards="The thing", timeout_seconds=0.0)


def hold_elsewhere(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_holder_is_told_who_holds_it(path: Path) -> None:
    with lock(path), pytest.raises(StoreLockedError) as refused:
        lock(path).acquire()
    assert f"process {os.getpid()} on " in str(refused.value)
    assert str(path) in str(refused.value)


def test_it_can_be_taken_again_after_release(path: Path) -> None:
    with lock(path):
        pass
    with lock(path) as held:
        assert held.owner() is not None
    assert held.owner() is None


def test_releasing_twice_does_no_harm(path: Path) -> None:
    held = lock(path)
    held.acquire()
    held.release()
    held.release()


def test_another_process_holds_it_and_its_death_frees_it(path: Path) -> None:
    process = hold_elsewhere(path)
    with pytest.raises(StoreLockedError, match=f"process {process.pid} on "):
        lock(path).acquire()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with lock(path):
        pass


def test_an_unreadable_owner_is_still_a_holder(path: Path) -> None:
    with lock(path):
        path.write_text("{torn")
        with pytest.raises(StoreLockedError, match="another process"):
            lock(path).acquire()


def test_the_waits_grow_to_a_ceiling_and_are_jittered() -> None:
    high = list(itertools.islice(backoff(lambda: 1.0), 20))
    low = list(itertools.islice(backoff(lambda: 0.0), 20))
    assert high[0] == FIRST_WAIT_SECONDS
    assert high == sorted(high)
    assert high[-1] == LONGEST_WAIT_SECONDS
    assert low == [0.5 * wait for wait in high]


def test_waiting_is_bounded_and_tries_until_the_end() -> None:
    now = [0.0]
    tries = []

    def attempt() -> bool:
        tries.append(now[0])
        return False

    def sleep(seconds: float) -> None:
        now[0] += seconds

    assert not wait_until(attempt, 10.0, clock=lambda: now[0], sleep=sleep)
    assert now[0] == pytest.approx(10.0)
    assert tries[-1] == pytest.approx(10.0)


def test_waiting_ends_with_success() -> None:
    answers = iter([False, False, True])
    slept: list[float] = []
    assert wait_until(lambda: next(answers), 10.0, clock=lambda: 0.0, sleep=slept.append)
    assert len(slept) == 2
