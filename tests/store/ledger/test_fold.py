"""Folding movements: exact, and the same in any order and any chunks."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.domain.fixed import NANO
from riskplatform.errors import DataError
from riskplatform.store.ledger.fold import Chunk, Holdings, finish, fold, start
from riskplatform.store.ledger.splits import Splits, exact_ratio

NUMBERS = st.tuples(st.integers(-(10**12), 10**12), st.integers(1 - NANO, NANO - 1))
MOVEMENTS = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(0, 50), NUMBERS, NUMBERS),
    max_size=60,
)
RATIOS = st.sampled_from(["2", "3", "0.5", "0.333333333", "1.5", "0.1", "0.142857143"])
SPLITS = st.lists(
    st.tuples(st.integers(1, 3), st.integers(0, 50), RATIOS.map(Decimal)), max_size=5
).map(lambda found: sorted(found, key=lambda split: split[1]))

Row = tuple[int, int, int, tuple[int, int], tuple[int, int]]


def chunk(rows: list[Row]) -> Chunk:
    flat = [(p, i, at, *quantity, *balance) for p, i, at, quantity, balance in rows]
    return Chunk.of(np.array(flat, dtype=np.int64).reshape(-1, 7))


def as_dict(held: Holdings) -> dict[tuple[int, int], tuple[int, int]]:
    """Exact quantities and balances in billionths, by portfolio and instrument."""
    found = {}
    for p, i, sums in zip(held.portfolio, held.instrument, held.sums, strict=True):
        units, nanos, balance_units, balance_nanos = (int(x) for x in sums)
        found[int(p), int(i)] = (units * NANO + nanos, balance_units * NANO + balance_nanos)
    return found


def one_by_one(
    rows: list[Row], splits: list[tuple[int, int, Decimal]]
) -> dict[tuple[int, int], tuple[int, int]]:
    """The same told row after row in the order of time, with Python's whole numbers."""
    quantity: dict[tuple[int, int], int] = defaultdict(int)
    balance: dict[tuple[int, int], int] = defaultdict(int)
    happened = [(at, 0, ("split", i, exact_ratio(ratio))) for i, at, ratio in splits]
    happened += [(row[2], 1, ("move", row, None)) for row in rows]
    for _, _, (what, thing, ratio) in sorted(happened, key=lambda event: event[:2]):
        if what == "split":
            for line, held in quantity.items():
                if line[1] == thing:
                    quantity[line] = round(Fraction(held) * ratio)
        else:
            p, i, _, (units, nanos), (balance_units, balance_nanos) = thing
            quantity[p, i] += units * NANO + nanos
            balance[p, i] += balance_units * NANO + balance_nanos
    lines = {line: (quantity[line], balance[line]) for line in quantity}
    return {line: sums for line, sums in lines.items() if any(sums)}


@given(rows=MOVEMENTS, splits=SPLITS)
def test_the_fold_is_what_happened_one_by_one(
    rows: list[Row], splits: list[tuple[int, int, Decimal]]
) -> None:
    held = finish(fold(start(Splits.of(splits)), chunk(rows)))
    assert as_dict(held) == one_by_one(rows, splits)


@given(rows=MOVEMENTS, splits=SPLITS, data=st.data())
def test_any_order_and_any_chunks_give_the_same(
    rows: list[Row], splits: list[tuple[int, int, Decimal]], data: st.DataObject
) -> None:
    whole = finish(fold(start(Splits.of(splits)), chunk(rows)))
    shuffled = data.draw(st.permutations(rows))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=6)))
    state = start(Splits.of(splits))
    for begin, end in zip([0, *cuts], [*cuts, len(rows)], strict=True):
        state = fold(state, chunk(shuffled[begin:end]))
    assert as_dict(finish(state)) == as_dict(whole)


def test_nothing_folds_to_nothing() -> None:
    assert as_dict(finish(start())) == {}
    assert as_dict(finish(fold(start(), chunk([])))) == {}


def test_a_line_that_returns_to_zero_is_left_out() -> None:
    rows: list[Row] = [(1, 1, 5, (3, 500), (0, 0)), (1, 1, 9, (-3, -500), (0, 0))]
    assert as_dict(finish(fold(start(), chunk(rows)))) == {}


def test_a_state_does_not_change_when_it_is_folded_on() -> None:
    before = fold(start(), chunk([(1, 1, 5, (3, 0), (0, 0))]))
    fold(before, chunk([(1, 1, 6, (4, 0), (0, 0))]))
    assert as_dict(finish(before)) == {(1, 1): (3 * NANO, 0)}


def test_a_sum_that_64_bits_do_not_hold_is_refused() -> None:
    large: Row = (1, 1, 5, (9 * 10**18, 0), (0, 0))
    with pytest.raises(DataError, match="too large"):
        fold(start(), chunk([large, large]))
