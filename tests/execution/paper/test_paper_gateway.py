"""The paper venue passes what every gateway must, in this process and in one of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.execution.gateway_acceptance import GatewayAcceptance, Stage
from tests.execution.paper.paper_stages import PaperProcess, PaperWithin


class TestWithin(GatewayAcceptance):
    @pytest.fixture
    def stage(self, tmp_path: Path) -> Stage:
        return PaperWithin(tmp_path / "venue")


@pytest.mark.slow
class TestOverASocket(GatewayAcceptance):
    @pytest.fixture
    def stage(self, running: PaperProcess) -> Stage:
        return running

    @pytest.fixture
    def running(self, tmp_path: Path) -> Iterator[PaperProcess]:
        made = PaperProcess(tmp_path / "venue")
        yield made
        made.stop()
