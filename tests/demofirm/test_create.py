"""Making the demo: where it may be made, as of when, and what an interruption leaves."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from riskplatform.demofirm import create, create_demo
from riskplatform.demofirm.create import weekday_on_or_before
from riskplatform.errors import UserInputError


@pytest.mark.parametrize(
    ("day", "weekday"),
    [
        (date(2026, 7, 17), date(2026, 7, 17)),
        (date(2026, 7, 18), date(2026, 7, 17)),
        (date(2026, 7, 19), date(2026, 7, 17)),
        (date(2026, 7, 20), date(2026, 7, 20)),
    ],
)
def test_weekends_fall_back_to_friday(day: date, weekday: date) -> None:
    assert weekday_on_or_before(day) == weekday


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UserInputError, match="not empty"):
        create_demo(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_day_before_the_market_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserInputError, match="2019-06-03"):
        create_demo(tmp_path / "desk", as_of=date(2017, 1, 3))


def test_an_interrupted_build_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(create, "stage_of", interrupted)
    with pytest.raises(KeyboardInterrupt):
        create_demo(tmp_path / "desk", clock=lambda: datetime(2026, 7, 17, tzinfo=UTC))
    assert list(tmp_path.iterdir()) == []
