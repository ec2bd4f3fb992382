"""A real server of the workbench on the small desk, for tests that drive it in Chromium."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from riskplatform.ui.launch import command
from tests.checks.workbench_answers import PATIENCE_SECONDS, PAUSE_SECONDS, answers, stop
from tests.ui.small_desk import build


@pytest.fixture(scope="session")
def served_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the desk that the server shows."""
    folder = tmp_path_factory.mktemp("browser") / "small"
    build(folder).close()
    return folder


@pytest.fixture(scope="session")
def workbench_url(served_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running workbench."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = tmp_path_factory.mktemp("server") / "words.txt"
    with words.open("wb") as out:
        server = subprocess.Popen(
            command(port=port, address="127.0.0.1", headless=True),
            env={**os.environ, "RISKPLATFORM_DESK": str(served_folder)},
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health", server, words)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(server)


def wait_for(url: str, server: subprocess.Popen[bytes], words: Path) -> None:
    """Return when the server answers; fail with its own words when it does not."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not answers(url):
        if server.poll() is not None or time.monotonic() > until:
            pytest.fail(f"The workbench did not start:\n{words.read_text(errors='replace')}")
        time.sleep(PAUSE_SECONDS)
