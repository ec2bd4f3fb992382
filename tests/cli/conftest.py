"""What tests of commands may use."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from riskplatform.cli.cube_progress import Watch


@pytest.fixture
def ctrl_c_at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Ctrl-C is pressed at the first sign of progress, until the patch is undone."""
    # A shell that starts the tests in the background has the signal ignored; a terminal has not.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with monkeypatch.context() as patched:
        patched.setattr(Watch, "tell", lambda *_: signal.raise_signal(signal.SIGINT))
        yield patched
    signal.signal(signal.SIGINT, before)
