"""Rows that failed: computed again, in the same build and in every other, and copied by none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from riskplatform.domain.instruments import Instrument
from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.pricing.exotics import values
from riskplatform.pricing.exotics.tasks import Answer, PricingTask
from riskplatform.pricing.exotics.values import ExoticEngine
from riskplatform.pricing.exotics.workers import WorkerPool
from riskplatform.simulation.cube_build import CubeRequest
from riskplatform.store.cubes import CubeStore
from tests.pricing.units.listed_market import AS_OF
from tests.pricing.units.test_exotics import asian
from tests.simulation.cube_world import (
    EVERYTHING,
    WHOLE,
    bonds,
    book_of,
    built,
    falling,
    request_of,
    rows_by_name,
    scenarios_for,
    sha256,
)

TEN = scenarios_for(WHOLE, 10)


class SickPool(WorkerPool):
    """Its workers die in the first ``sick`` calls."""

    sick = 0

    def run(self, tasks: Sequence[PricingTask]) -> list[Answer]:
        if self.sick == 0:
            return super().run(tasks)
        self.sick -= 1
        return [Failure(FailureReason.CALCULATION_FAILED, "died", "X") for _ in tasks]


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[SickPool]:
    """Those of a new engine, without grids, in the place of the engine of the process."""
    pool = SickPool(1)
    engine = ExoticEngine(pool)
    monkeypatch.setattr(values, "shared_engine", lambda: engine)
    yield pool
    pool.close()


def average() -> Instrument:
    """The cheapest unit that needs a worker."""
    days = (AS_OF + timedelta(30), AS_OF + timedelta(60))
    return asian(averaging_dates=days, expiry=days[-1], instrument_id="AVERAGE")


@pytest.mark.slow
def test_a_failed_row_is_computed_again_and_not_copied(
    store: CubeStore, tmp_path: Path, workers: SickPool
) -> None:
    workers.sick = 1000
    before, _ = built(store, request_of([*bonds()[:-1], average()], TEN))
    assert [failure.subject for failure in before.failures] == ["AVERAGE"]
    assert np.isnan(rows_by_name(before)["AVERAGE"]).all()
    workers.sick = 0
    request = request_of([*bonds(), average()], TEN)
    found, engine = built(store, request)
    assert engine.units == [bonds()[-1].instrument_id, "AVERAGE"]
    assert found.coverage.is_complete
    assert np.isfinite(found.units("USD")).all()
    other = CubeStore(tmp_path / "other")
    assert sha256(store, found) == sha256(other, built(other, request)[0])
    # Now that it is whole it is a source again.
    _, engine = built(store, request_of([*bonds()[1:], average()], TEN))
    assert engine.units == []


@pytest.mark.slow
def test_what_failed_in_passing_has_its_numbers_when_the_build_ends(
    store: CubeStore, tmp_path: Path, workers: SickPool
) -> None:
    request = request_of([*bonds(), average()], TEN)
    workers.sick = 1
    found, _ = built(store, request, block_rows=5)
    assert found.failures == ()
    assert found.coverage.is_complete
    other = CubeStore(tmp_path / "other")
    assert sha256(store, found) == sha256(other, built(other, request)[0])


def test_a_row_that_fails_for_good_has_its_reason_in_every_cube(
    store: CubeStore, tmp_path: Path
) -> None:
    built(store, request_of(EVERYTHING[:-1], falling()))
    request = CubeRequest(book_of(EVERYTHING), falling(), 1)
    found, engine = built(store, request)
    failed = {failure.subject for failure in found.failures}
    assert "SHARE" in failed
    assert set(engine.units) == failed | {EVERYTHING[-1].instrument_id}
    scratch, _ = built(CubeStore(tmp_path / "other"), request)
    assert found.failures == scratch.failures
