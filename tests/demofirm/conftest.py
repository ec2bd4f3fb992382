"""One demo desk for all tests of the demo, and the story it was made from, told once more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from riskplatform.demofirm import create_demo
from riskplatform.demofirm.cast import Cast
from riskplatform.demofirm.create import stage_of, tell_story
from riskplatform.demofirm.stage import Stage
from riskplatform.desk import Desk
from riskplatform.domain.transactions import Transaction

AS_OF = date(2026, 7, 17)
SEED = 7


def _clock() -> datetime:
    # A Saturday: the demo must fall back to the Friday before.
    return datetime(2026, 7, 18, 6, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The demo desk as of a Friday."""
    folder: Path = tmp_path_factory.mktemp("demo") / "desk"
    with create_demo(folder, seed=SEED, clock=_clock) as desk:
        yield desk


@dataclass(frozen=True)
class Story:
    """What the desk was made from."""

    stage: Stage
    cast: Cast
    transactions: list[Transaction]


@pytest.fixture(scope="session")
def story() -> Story:
    """Made a second time, without the desk."""
    stage = stage_of(AS_OF, SEED)
    return Story(stage, *tell_story(stage))
