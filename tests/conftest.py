"""What every test may use. The fixtures live in tests/fixtures/, one subject per file."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

pytest_plugins = [
    "tests.fixtures.hypothesis_profiles",
    "tests.fixtures.own_main",
    "tests.fixtures.postgres",
    "tests.fixtures.quick_folders",
    "tests.fixtures.require_all",
    "tests.fixtures.sharing_out",
    "tests.fixtures.web_browser",
]


@pytest.fixture(scope="session")
def repo_root() -> Path:
    """The top of the repository."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture
def free_port() -> int:
    """A loopback port that nothing listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
