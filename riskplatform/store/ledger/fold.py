"""Positions as a fold over movements: exact, resumable, the same for any order and any chunks.

Sums are of whole numbers, so nothing is rounded but at a split. The splits are known before the
fold starts: movements of an instrument that splits are summed separately between its splits (a
segment), and the segments are multiplied up in order at the end. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskplatform.domain.fixed import NANO
from riskplatform.errors import DataError
from riskplatform.store.ledger.splits import Splits, multiply

IntArray = NDArray[np.int64]

_SEGMENT_BITS = 12
_INSTRUMENT_BITS = 27
_LARGEST = 9.2e18

SUMS = 4
"""Columns that are summed: units, nanos, balance units, balance nanos."""


@dataclass(frozen=True)
class Chunk:
    """Some movements, as columns. Movements that were summed already are movements too."""

    portfolio: IntArray
    instrument: IntArray
    effective_at: IntArray
    sums: IntArray  # rows × SUMS

    @classmethod
    def of(cls, table: IntArray) -> Chunk:
        """From rows of (portfolio, instrument, effective_at, units, nanos, balance …)."""
        table = table.reshape(-1, 3 + SUMS)
        return cls(table[:, 0], table[:, 1], table[:, 2], table[:, 3:])


@dataclass(frozen=True)
class FoldState:
    """Sums so far by (portfolio, instrument, segment), in the order of that key."""

    splits: Splits
    keys: IntArray
    sums: IntArray


@dataclass(frozen=True)
class Holdings:
    """What is held: one row per portfolio and instrument; zero rows are left out."""

    portfolio: IntArray
    instrument: IntArray
    sums: IntArray


def start(splits: Splits | None = None) -> FoldState:
    """Nothing folded yet, with the splits that the movements will meet."""
    empty = np.zeros(0, np.int64)
    return FoldState(splits or Splits(), empty, empty.reshape(0, SUMS))


def fold(state: FoldState, chunk: Chunk) -> FoldState:
    """The state after some more movements."""
    keys = np.concatenate([state.keys, _keys(chunk, state.splits)])
    sums = np.concatenate([state.sums, chunk.sums])
    if not keys.size:
        return state
    order = np.argsort(keys)
    keys, sums = keys[order], sums[order]
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    total = _carried(_summed(sums, first))
    return FoldState(state.splits, keys[first], total)


def finish(state: FoldState) -> Holdings:
    """What is held after all splits."""
    segment = state.keys & ((1 << _SEGMENT_BITS) - 1)
    line = state.keys >> _SEGMENT_BITS
    instrument = line & ((1 << _INSTRUMENT_BITS) - 1)
    split_keys = np.array(sorted(state.splits.by_instrument), dtype=np.int64)
    is_split = np.isin(instrument, split_keys)
    lines, sums = line[~is_split], state.sums[~is_split]
    if is_split.any():
        more_lines, more_sums = _multiplied(
            line[is_split], instrument[is_split], segment[is_split], state, state.sums[is_split]
        )
        lines, sums = np.concatenate([lines, more_lines]), np.concatenate([sums, more_sums])
    held = sums.any(axis=1)
    lines, sums = lines[held], sums[held]
    return Holdings(lines >> _INSTRUMENT_BITS, lines & ((1 << _INSTRUMENT_BITS) - 1), sums)


def _keys(chunk: Chunk, splits: Splits) -> IntArray:
    """One number per movement that sorts by portfolio, instrument and segment."""
    if chunk.instrument.size and int(chunk.instrument.max()) >> _INSTRUMENT_BITS:
        raise DataError(f"More than {1 << _INSTRUMENT_BITS:,} instruments cannot be folded.")
    keys = (chunk.portfolio << _INSTRUMENT_BITS | chunk.instrument) << _SEGMENT_BITS
    for instrument, them in splits.by_instrument.items():
        if len(them) >> _SEGMENT_BITS:
            raise DataError(f"{len(them):,} splits of one instrument cannot be folded.")
        rows = np.flatnonzero(chunk.instrument == instrument)
        moments = np.array([moment for moment, _ in them], dtype=np.int64)
        keys[rows] += np.searchsorted(moments, chunk.effective_at[rows], side="right")
    return keys


def _summed(sums: IntArray, first: IntArray) -> IntArray:
    """Exact sums of the runs that begin at ``first``, refused where 64 bits do not hold them."""
    largest = max(abs(int(sums.min())), abs(int(sums.max())))
    if largest * len(sums) > _LARGEST:
        # Only now is a second sum worth its time: floats do not wrap around.
        rough = np.add.reduceat(sums.astype(np.float64), first, axis=0)
        if float(np.abs(rough).max()) > _LARGEST:
            raise DataError("A position has become too large to be counted.")
    total: IntArray = np.add.reduceat(sums, first, axis=0)
    return total


def _carried(sums: IntArray) -> IntArray:
    """The same numbers with less than one unit in each nanos column."""
    carried = sums.copy()
    for units, nanos in ((0, 1), (2, 3)):
        whole = sums[:, nanos] // NANO
        carried[:, units] += whole
        carried[:, nanos] -= whole * NANO
    return carried


def _multiplied(
    lines: IntArray, instruments: IntArray, segments: IntArray, state: FoldState, sums: IntArray
) -> tuple[IntArray, IntArray]:
    """Segments of each line joined: the total so far times each split's ratio, in order."""
    found: dict[int, list[int]] = {}
    reached: dict[int, int] = {}
    for line, instrument, segment, (units, nanos, *balance) in zip(
        lines.tolist(), instruments.tolist(), segments.tolist(), sums.tolist(), strict=True
    ):
        held = found.setdefault(line, [0, 0])
        ratios = state.splits.by_instrument[instrument]
        for _, ratio in ratios[reached.get(line, 0) : segment]:
            held[0] = multiply(held[0], ratio)
        reached[line] = segment
        held[0] += units * NANO + nanos
        held[1] += balance[0] * NANO + balance[1]
    mask = (1 << _INSTRUMENT_BITS) - 1
    for line, held in found.items():
        for _, ratio in state.splits.by_instrument[line & mask][reached[line] :]:
            held[0] = multiply(held[0], ratio)
    rows = [(*divmod(q, NANO), *divmod(b, NANO)) for q, b in found.values()]
    return (
        np.array(list(found), dtype=np.int64),
        np.array(rows, dtype=np.int64).reshape(-1, SUMS),
    )
