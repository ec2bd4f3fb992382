"""The benchmark of a node: what it holds, brought onto the axis of a book of risk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskplatform.desk.holdings import holdings_of
from riskplatform.domain.outcome import Coverage, Failure, FailureReason
from riskplatform.risk.benchmarks import Benchmark, benchmark_of
from riskplatform.risk.book import RiskBook

if TYPE_CHECKING:
    import pandas as pd

    from riskplatform.desk.desk import Desk


def benchmark(desk: Desk, book: RiskBook, node: str | None) -> Benchmark | Failure | None:
    """Of a node or the nearest one above it that has a benchmark; none where there is none.

    Only what the book itself holds somewhere is in its cubes: the rest of a benchmark is named in
    the coverage, and its share of the value is not part of the tracking error.
    """
    name = benchmark_of(book.tree, book.named(book.row(node)))
    if name is None:
        return None
    if name not in book.tree:
        message = f"The benchmark {name} is no portfolio of this desk"
        return Failure(FailureReason.MISSING_DATA, message, name)
    cube = book.view().cube
    lines = desk.ledger.positions(book.as_of, portfolio_ids=book.tree.leaves(name)).to_frame()
    if lines.empty:
        message = f"The benchmark {name} holds nothing on {book.as_of}"
        return Failure(FailureReason.MISSING_DATA, message, name)
    # Money that it owes or is owed in a currency of which the book has none has no row.
    lines = lines[lines["instrument_id"].isin(cube.instrument_ids) | (lines["balance"] == 0.0)]
    matrix, _, missing = holdings_of(lines, cube, dict.fromkeys(lines["portfolio_id"], name))
    held = np.asarray(matrix.sum(axis=0)).ravel()
    broken = {cube.instrument_ids[place] for place in cube.not_covered(matrix)}
    lost = sorted({*missing, *broken})
    failures = tuple(
        Failure(FailureReason.MISSING_DATA, f"{each} of {name} is not in the cube.", each)
        for each in lost
    )
    share = _covered_share(desk, book, name, lines, lost) if lost else 1.0
    return Benchmark(name, held, Coverage(int((held != 0.0).sum()), failures), share)


def _covered_share(
    desk: Desk, book: RiskBook, name: str, lines: pd.DataFrame, lost: list[str]
) -> float | None:
    """By marks, of the gross value; not known where something lost has no mark either."""
    found = desk.value(book.as_of, node=name).lines.set_index("instrument_id")["value"].abs()
    total, without = float(found.sum()), found[found.index.isin(lost)]
    if total <= 0.0 or without.isna().any():
        return None
    return float(1.0 - without.sum() / total)
