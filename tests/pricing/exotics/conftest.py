"""One pool of workers for all these tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from riskplatform.pricing.exotics.workers import WorkerPool


@pytest.fixture(scope="session")
def pool() -> Iterator[WorkerPool]:
    workers = WorkerPool(2)
    yield workers
    workers.close()
