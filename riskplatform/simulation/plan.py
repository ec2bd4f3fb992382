"""A set that is not drawn yet: it can be streamed block by block, or materialised whole.

What comes out does not depend on the order of the blocks or on the number of workers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.simulation.facts import SetFacts
from riskplatform.simulation.own import numbered
from riskplatform.simulation.scenario_set import ScenarioSet
from riskplatform.simulation.weights import equal_weights, normalised

Progress = Callable[[int, int], None]


class Drawn(NamedTuple):
    """Moves [scenario, factor]; ``likelihood`` [scenario] where scenarios do not count the same."""

    moves: FloatArray
    likelihood: FloatArray | None = None


class BlockDraw(Protocol):
    """Draws the first ``rows`` scenarios of a block; a value that can be sent to a process."""

    def __call__(self, block: int, rows: int) -> Drawn: ...


@dataclass(frozen=True, slots=True, eq=False)
class ScenarioBlock:
    """Some scenarios of a plan, from number ``first`` on.

    ``raw_weights`` are in proportion to the set's weights; over all blocks they sum to 1 except
    for the sampling error of the likelihood ratios. ``normalised`` makes weights of them.
    """

    number: int
    first: int
    moves: FloatArray = field(repr=False)
    raw_weights: FloatArray = field(repr=False)
    labels: tuple[str, ...] = field(repr=False)

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ScenarioPlan:
    """Everything that determines a set's numbers, before they are drawn."""

    facts: SetFacts
    scenarios: int
    block_size: int
    label: str
    draw: BlockDraw = field(repr=False)

    @property
    def scenario_set_id(self) -> str:
        return self.facts.scenario_set_id

    @property
    def notes(self) -> tuple[str, ...]:
        return self.facts.notes

    @property
    def block_count(self) -> int:
        return -(-self.scenarios // self.block_size)

    def __len__(self) -> int:
        return self.scenarios

    def block(self, number: int) -> ScenarioBlock:
        """One block, drawn alone."""
        first, rows = self._span(number)
        moves, likelihood = self.draw(number, rows)
        moves.flags.writeable = False
        raw = np.full(rows, 1.0 / self.scenarios)
        if likelihood is not None:
            raw *= likelihood
        return ScenarioBlock(number, first, moves, raw, numbered(self.label, first, rows))

    def blocks(self) -> Iterator[ScenarioBlock]:
        """All blocks in order, one in memory at a time."""
        return (self.block(number) for number in range(self.block_count))

    def materialise(self, *, workers: int = 1, progress: Progress | None = None) -> ScenarioSet:
        """The whole set in memory, drawn by ``workers`` threads.

        ``progress`` is told how many scenarios are drawn, of how many, after each block.
        """
        if workers < 1:
            raise UserInputError(f"{workers} workers were asked for; at least 1 is needed.")
        moves = np.empty((self.scenarios, len(self.facts.axis)))
        likelihood = np.empty(self.scenarios)
        weighted = self._fill(moves, likelihood, workers, progress)
        moves.flags.writeable = False
        weights = normalised(likelihood) if weighted else equal_weights(self.scenarios)
        labels = numbered(self.label, 0, self.scenarios)
        return ScenarioSet(facts=self.facts, moves=moves, weights=weights, labels=labels)

    def _fill(
        self,
        moves: FloatArray,
        likelihood: FloatArray,
        workers: int,
        progress: Progress | None,
    ) -> bool:
        """Draw every block into its rows; whether scenarios count differently."""

        def fill(number: int) -> bool:
            first, rows = self._span(number)
            drawn = self.draw(number, rows)
            moves[first : first + rows] = drawn.moves
            if drawn.likelihood is not None:
                likelihood[first : first + rows] = drawn.likelihood
            return drawn.likelihood is not None

        weighted = False
        with ThreadPoolExecutor(max_workers=workers) as pool:
            numbers = range(self.block_count)
            each = map(fill, numbers) if workers == 1 else pool.map(fill, numbers)
            for number, has_weight in enumerate(each):
                weighted = has_weight
                if progress is not None:
                    progress(sum(self._span(number)), self.scenarios)
        return weighted

    def _span(self, number: int) -> tuple[int, int]:
        """The first scenario of a block, and how many it has."""
        if not 0 <= number < self.block_count:
            raise UserInputError(
                f"There is no block {number}; blocks are 0 to {self.block_count - 1}."
            )
        first = number * self.block_size
        return first, min(self.block_size, self.scenarios - first)
