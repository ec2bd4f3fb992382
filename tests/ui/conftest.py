"""The small desk, made once for all tests of the workbench."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from riskplatform.desk import Desk
from tests.ui.small_desk import build


@pytest.fixture(scope="session")
def small_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Open; its clock stands at the end of its last day with prices."""
    desk = build(tmp_path_factory.mktemp("ui") / "small")
    yield desk
    desk.close()


@pytest.fixture
def desk_folder(small_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the small desk, named as the command line names it."""
    monkeypatch.setenv("RISKPLATFORM_DESK", str(small_desk.settings.desk))
    return small_desk.settings.desk
