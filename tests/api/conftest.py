"""A small desk with its cubes, and the application that serves it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from riskplatform.desk import Desk
from tests.desk.conftest import now
from tests.desk.risk_desk import LAST, make

pytest.importorskip("fastapi")


@pytest.fixture(scope="session")
def served_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("api") / "desk"
    with make(folder) as desk:
        desk.save_query("fall", "gain of growth in {equity: {country: US}, move: -20 %}")
        desk.run_scenarios(as_of=LAST)
    return folder


@pytest.fixture
def served(served_folder: Path) -> Iterator[Desk]:
    with Desk.open(served_folder, clock=now) as desk:
        yield desk


@pytest.fixture
def client(served: Desk) -> Iterator[Any]:
    """Callers on this machine, without a token."""
    from fastapi.testclient import TestClient

    from riskplatform.api.app import create_app

    with TestClient(
        create_app(served), base_url="http://127.0.0.1", raise_server_exceptions=False
    ) as found:
        yield found
