"""Builds behind the page: shared by sessions, stopped at a block, one at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from riskplatform.errors import MissingDataError
from riskplatform.ui import session
from riskplatform.ui.simulation_build import duration, outcome_words, progress_words
from riskplatform.ui.simulation_jobs import Build, Builds, State, Tell, View, build_on_desk
from riskplatform.ui.simulation_makers import Asked
from tests.ui.small_desk import AS_OF, build

PATIENCE_SECONDS = 60


def asked(maker: str = "historical", days: int = 50) -> Asked:
    return Asked("some/desk", date(2024, 3, 20), maker, (("days", days), ("horizon_days", 1)))


class Steps:
    """Work that goes on a block each time it is let."""

    def __init__(self, blocks: int = 3) -> None:
        self.blocks, self.let = blocks, threading.Semaphore(0)
        self.made: list[int] = []
        self.told = threading.Semaphore(0)

    def __call__(self, asked: Asked, tell: Tell) -> str:
        tell(10 * len(self.made), 10 * self.blocks)
        self.told.release()
        for block in range(len(self.made), self.blocks):
            assert self.let.acquire(timeout=PATIENCE_SECONDS)
            self.made.append(block)
            tell(10 * len(self.made), 10 * self.blocks)
            self.told.release()
        return "f" * 64

    def go(self) -> None:
        self.let.release()

    def wait_told(self) -> None:
        assert self.told.acquire(timeout=PATIENCE_SECONDS)


@pytest.fixture
def steps() -> Iterator[Steps]:
    work = Steps()
    yield work
    for _ in range(20):  # whatever still waits comes to its end
        work.go()


def test_two_sessions_that_ask_for_the_same_watch_one_build(steps: Steps) -> None:
    builds = Builds(steps)
    one = builds.start(asked())
    steps.wait_told()
    other = builds.start(asked())
    assert other is one
    steps.go()
    steps.wait_told()
    assert (other.view().done, other.view().total) == (10, 30)
    assert builds.running("some/desk") == [one]
    assert builds.running("another/desk") == []
    for _ in range(2):
        steps.go()
    assert one.wait(PATIENCE_SECONDS)
    view = other.view()
    assert (view.state, view.built, view.cube_id) == (State.DONE, 30, "f" * 64)
    assert builds.running("some/desk") == []


def test_a_stop_keeps_what_is_done_and_the_next_goes_on(steps: Steps) -> None:
    builds = Builds(steps)
    first = builds.start(asked())
    steps.wait_told()
    first.stop()
    assert "stops after this block" in progress_words(first.view())
    steps.go()
    assert first.wait(PATIENCE_SECONDS)
    assert first.view().state is State.STOPPED
    assert "10 of 30 rows are done and kept" in outcome_words(first.view())
    second = builds.start(asked())
    assert second is not first
    for _ in range(2):
        steps.go()
    assert second.wait(PATIENCE_SECONDS)
    assert second.view().built == 20
    assert steps.made == [0, 1, 2]


def test_another_request_waits_and_can_be_stopped_while_it_does(steps: Steps) -> None:
    builds = Builds(steps)
    first = builds.start(asked())
    steps.wait_told()
    waiting = builds.start(asked("gaussian"))
    assert waiting is not first
    assert progress_words(waiting.view()) == "waits for another build to end"
    waiting.stop()
    assert waiting.wait(PATIENCE_SECONDS)
    assert "before any row was priced" in outcome_words(waiting.view())
    assert first.view().state is State.PRICING


def test_a_failure_is_kept_with_its_reason(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(asked: Asked, tell: Tell) -> str:
        raise MissingDataError("There is no history.", hint="Import prices.")

    failed = Builds(refuse).start(asked())
    assert failed.wait(PATIENCE_SECONDS)
    problem = failed.view().problem
    assert problem is not None
    assert str(problem) == "There is no history. Import prices."

    def break_down(asked: Asked, tell: Tell) -> str:
        raise ZeroDivisionError

    broken = Builds(break_down).start(asked())
    assert broken.wait(PATIENCE_SECONDS)
    assert "ZeroDivisionError" in str(broken.view().problem)
    assert "Traceback" in caplog.text


def test_time_left_is_by_the_speed_so_far() -> None:
    now = [100.0]
    build = Build(asked(), clock=lambda: now[0])
    build.tell(256, 1280)
    assert build.view().seconds_left is None
    now[0] = 110.0
    build.tell(512, 1280)
    assert build.view().seconds_left == pytest.approx(30.0)
    now[0] = 115.0
    assert build.view().seconds_left == pytest.approx(25.0)
    assert progress_words(build.view()) == "512 of 1,280 rows priced, about 25 s left"
    assert build.view().share == pytest.approx(0.4)
    now[0] = 1000.0
    assert build.view().seconds_left == 0.0


@pytest.mark.parametrize(("seconds", "words"), [(0.4, "0 s"), (119, "119 s"), (150.1, "3 min")])
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_words_of_a_view() -> None:
    def view(state: State, *, stopping: bool = False, built: int = 5) -> View:
        return View(state, stopping, 5, 9, built, 12.0, None, None, None)

    assert progress_words(view(State.SCENARIOS)) == "making the scenarios, 12 s so far"
    assert progress_words(view(State.SCENARIOS, stopping=True)).endswith("when they are made")
    assert outcome_words(view(State.DONE)) == "Built in 12 s: 5 of 9 rows priced."
    assert "was there already" in outcome_words(view(State.DONE, built=0))


@pytest.mark.slow
def test_a_build_on_a_desk_is_stopped_and_gone_on_with(tmp_path: Path) -> None:
    build(tmp_path / "desk").close()
    request = Asked(str(tmp_path / "desk"), AS_OF, "historical", (("days", 60),))
    builds = Builds()
    stopped = Build(request)
    stopped.stop()
    stopped.run(build_on_desk, threading.Lock())
    assert stopped.view().state is State.STOPPED
    desk = session.open_desk(request.folder)
    assert list(desk.cubes_table()["status"]) == ["interrupted"]
    went_on = builds.start(request)
    assert went_on.wait(PATIENCE_SECONDS)
    assert went_on.view().built == went_on.view().total > 0
    again = builds.start(request)
    assert again.wait(PATIENCE_SECONDS)
    assert (again.view().built, again.view().total) == (0, 0)
    assert again.view().cube_id == went_on.view().cube_id
    table = desk.cubes_table()
    assert list(table["status"]) == ["done"]
    assert list(table["cube_id"]) == [went_on.view().cube_id]
