"""Builds a cube block by block of instruments: streamed, resumable, and no row computed twice.

A block that is on disk is kept when a build is interrupted. A row whose unit has not changed since
another cube of the same market and scenarios is copied from there, unless it failed: what it failed
for may have passed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import ConflictError, DamagedStoreError, DataError, UnknownNameError
from riskplatform.market.content import content_hash
from riskplatform.pricing.units.book import UnitBook
from riskplatform.simulation.cube import CURRENCY, UnitCube
from riskplatform.simulation.cube_open import open_cube
from riskplatform.simulation.cube_rows import Float32, RowMaker
from riskplatform.simulation.cube_shape import TIME, VALUE, VERSION, WHAT
from riskplatform.simulation.engines import Engine, LocalEngine
from riskplatform.simulation.nodes import state_maker
from riskplatform.simulation.own import numbered
from riskplatform.simulation.plan import ScenarioPlan
from riskplatform.simulation.scenario_set import ScenarioSet
from riskplatform.simulation.weights import normalised
from riskplatform.store.cubes import Cube, CubeStore, PartialCube, cube_id
from riskplatform.store.lock import DEFAULT_TIMEOUT_SECONDS

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class CubeRequest:
    """What a cube is of; ``horizon_days`` 0 lets the clock stand still."""

    book: UnitBook
    scenarios: ScenarioSet | ScenarioPlan
    horizon_days: int
    key: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        units = {unit.instrument_id: content_hash(unit)[:24] for unit in self.book.units}
        if not units:
            raise DataError("No instrument can be priced, so there is nothing to build.")
        key = {
            "what": WHAT,
            "version": VERSION,
            "snapshot_hash": self.book.market.content_hash(),
            "scenario_set": self.scenarios.scenario_set_id,
            "horizon_days": self.horizon_days,
            "conventions": content_hash(self.book.conventions),
            "currencies": list(self.book.market.fx.currencies),
            "terms_hash": content_hash(units),
            "units": units,
            # Who has no unit is part of the answer: coverage must not be that of another day.
            "not_priced": {str(each.subject): each.message for each in self.book.failures},
        }
        object.__setattr__(self, "key", key)

    @property
    def cube_id(self) -> str:
        return cube_id(self.key)

    @property
    def row_ids(self) -> list[str]:
        """Currencies first, then units."""
        return [*(CURRENCY + code for code in self.key["currencies"]), *self.key["units"]]

    def column_labels(self) -> list[str]:
        whole = self.scenarios
        if isinstance(whole, ScenarioSet):
            return [VALUE, TIME, *whole.labels]
        return [VALUE, TIME, *numbered(whole.label, 0, len(whole))]

    def maker(self) -> RowMaker:
        facts = self.scenarios.facts
        return RowMaker(
            self.book, state_maker(self.book.layout, facts.axis), self.scenarios, self.horizon_days
        )


def build_cube(
    store: CubeStore,
    request: CubeRequest,
    *,
    engine: Engine | None = None,
    progress: Progress | None = None,
    block_rows: int = 256,
    lock_timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
) -> UnitCube:
    """The cube of a request: opened if it is there, else built or gone on with.

    ``progress`` is told after each block how many rows are done, of how many; an exception that it
    raises stops the build, and what is done is kept. If another process is building the same cube
    we wait for it, and ``progress`` is told how far that one is.
    """
    if request.cube_id not in store:
        try:
            with store.create(
                request.key,
                request.row_ids,
                request.column_labels(),
                block_rows=block_rows,
                timeout_seconds=lock_timeout_seconds,
                waiting=progress,
            ) as part:
                _fill(store, request, part, engine or LocalEngine(), progress)
        except ConflictError:
            # Another process finished the same cube while we waited for its place.
            if request.cube_id not in store:
                raise
    return open_cube(store, request.cube_id)


def _fill(
    store: CubeStore,
    request: CubeRequest,
    part: PartialCube,
    engine: Engine,
    progress: Progress | None,
) -> None:
    """Every missing block, then the notes."""
    total, missing = part.manifest.rows, part.missing_blocks()
    done = total - sum(_length(part.manifest.block(index)) for index in missing)
    old = _Rows(store, request)
    maker = request.maker()
    jobs = [_job(request, part.manifest.block(index), index, old) for index in missing]
    if progress is not None:
        progress(done, total)
    # Closed at once when something ends the build, so that no engine goes on behind our back.
    with closing(engine.map(compute_rows, maker, jobs)) as results:
        for job, table in results:
            part.write_block(job.index, old.merged(job, table))
            done += job.length
            if progress is not None:
                progress(done, total)
    part.commit(_notes(request, maker, _mended(request, maker, part)))


@dataclass(frozen=True, slots=True)
class Job:
    """One block: its currencies, the units to compute and, by row, the cube to copy from."""

    index: int
    length: int
    currencies: tuple[str, ...]
    units: tuple[int, ...]
    copied: tuple[tuple[int, str, str], ...]


def _length(rows: slice) -> int:
    return int(rows.stop - rows.start)


def _job(request: CubeRequest, rows: slice, index: int, old: _Rows) -> Job:
    codes, names = request.key["currencies"], list(request.key["units"])
    places = range(rows.start, rows.stop)
    units = [place - len(codes) for place in places if place >= len(codes)]
    copied = [
        (offset + len(codes) - rows.start, source, names[offset])
        for offset in units
        if (source := old.source(names[offset])) is not None
    ]
    kept = {name for _, _, name in copied}
    return Job(
        index,
        _length(rows),
        tuple(codes[place] for place in places if place < len(codes)),
        tuple(offset for offset in units if names[offset] not in kept),
        tuple(copied),
    )


def compute_rows(maker: RowMaker, job: Job) -> Float32:
    """The rows that are not copied: currencies, then units."""
    parts = []
    if job.currencies:
        parts.append(maker.currency_rows(job.currencies))
    if job.units:
        parts.append(maker.rows(job.units)[0])
    if len(parts) == 1:
        return parts[0]
    return np.concatenate([*parts, np.empty((0, maker.width), dtype=np.float32)])


class _Rows:
    """Whole rows of earlier cubes of the same market and scenarios, by the hash of their unit."""

    _SAME = ("what", "version", "snapshot_hash", "scenario_set", "horizon_days", "conventions")

    def __init__(self, store: CubeStore, request: CubeRequest) -> None:
        self._wanted: Mapping[str, str] = request.key["units"]
        self._cubes: dict[str, Cube] = {}
        self._of: dict[str, str] = {}
        self._rows: dict[str, Mapping[str, int]] = {}
        for identifier in store.list():
            try:
                key = store.key(identifier)
                if any(key.get(name) != request.key[name] for name in self._SAME):
                    continue
                self._cubes[identifier] = store.open(identifier)
            except (DamagedStoreError, UnknownNameError):
                continue  # damaged, or removed meanwhile: its rows are computed again
            failed = {note["subject"] for note in self._cubes[identifier].notes["failures"]}
            for name, unit in key["units"].items():
                if self._wanted.get(name) == unit and name not in failed:
                    self._of[name] = identifier

    def source(self, instrument_id: str) -> str | None:
        """The cube that has the row, if one has."""
        return self._of.get(instrument_id)

    def merged(self, job: Job, computed: Float32) -> Float32:
        """The block's rows in order: those computed, with the copied ones put between them."""
        if not job.copied:
            return computed
        table = np.empty((job.length, computed.shape[1]), dtype=np.float32)
        is_copied = np.zeros(job.length, dtype=np.bool_)
        for row, source, name in job.copied:
            table[row] = self._cubes[source].values[self._places(source)[name]]
            is_copied[row] = True
        table[~is_copied] = computed
        return table

    def _places(self, identifier: str) -> Mapping[str, int]:
        """The row of each name in an earlier cube."""
        if identifier not in self._rows:
            names = self._cubes[identifier].row_ids
            self._rows[identifier] = {name: row for row, name in enumerate(names)}
        return self._rows[identifier]


def _mended(request: CubeRequest, maker: RowMaker, part: PartialCube) -> list[Failure]:
    """Compute rows without a value once more; the reasons of those that still have none.

    Reasons are not kept with blocks, as a build may be interrupted. What failed in passing, say
    because a worker died, gets its numbers here.
    """
    before = len(request.key["currencies"])
    failures: list[Failure] = []
    for index in range(part.manifest.block_count):
        rows = part.manifest.block(index)
        units = range(max(rows.start, before), rows.stop)
        broken = np.array([row for row in units if part.is_missing_number(row)], dtype=np.intp)
        if broken.size:
            table, found = maker.rows((broken - before).tolist())
            failures += found
            if len(found) < broken.size:
                block = part.read_block(index)
                block[broken - rows.start] = table
                part.write_block(index, block)
    return failures


def _notes(request: CubeRequest, maker: RowMaker, failed: Sequence[Failure]) -> dict[str, Any]:
    """What a reader needs beside the numbers."""
    failures = [*request.book.failures, *failed, *_without_rate(request, failed)]
    fx, scenarios = request.book.market.fx, request.scenarios
    weights = scenarios.weights if isinstance(scenarios, ScenarioSet) else _weights(scenarios)
    equal = weights is None or bool((weights == weights[0]).all())
    return {
        "unit_currencies": [unit.currency for unit in request.book.units],
        "rates": [fx.rate(code, fx.pivot) for code in request.key["currencies"]],
        "weights": None if equal or weights is None else weights.tolist(),
        "failures": [failure.to_dict() for failure in failures],
        "still": list(maker.maker.still),
        "scenario_set": scenarios.facts.to_dict(),
        "as_of": request.book.market.as_of.isoformat(),
    }


def _without_rate(request: CubeRequest, failed: Sequence[Failure]) -> Iterator[Failure]:
    """Units whose currency has no exchange rate: their gains cannot be added to others."""
    told = {failure.subject for failure in failed}
    for unit in request.book.units:
        name = unit.instrument_id
        if unit.currency not in request.key["currencies"] and name not in told:
            message = f"{name} is in {unit.currency}, which has no exchange rate."
            yield Failure(FailureReason.MISSING_DATA, message, name)


def _weights(plan: ScenarioPlan) -> Any:
    return normalised(np.concatenate([block.raw_weights for block in plan.blocks()]))
