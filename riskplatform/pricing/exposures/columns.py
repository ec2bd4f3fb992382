"""Collects sensitivities of units as columns (measure, factor, years) of one sparse matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from riskplatform.market.interpolation import FloatArray

Key = tuple[str, str, float]
NO_TENOR = float("nan")


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Dense values [unit, column] of one measure with the factor and years of each column."""

    measure: str
    factors: Sequence[str]
    years: Sequence[float] | FloatArray
    values: FloatArray


def joined(blocks: Sequence[Block], units: int) -> tuple[pd.DataFrame, sparse.csr_matrix]:
    """(measure, factor_id, years) of each column, and the matrix; columns of zeros are left out."""
    frames, parts = [], []
    for block in blocks:
        if not block.values.size:
            continue
        used = np.flatnonzero((block.values != 0).any(axis=0))
        frames.append(
            pd.DataFrame(
                {
                    "measure": [block.measure] * len(used),
                    "factor_id": [block.factors[i] for i in used.tolist()],
                    "years": np.asarray(block.years, dtype=np.float64)[used],
                }
            )
        )
        parts.append(sparse.csr_matrix(block.values[:, used]))
    if not parts:
        empty = pd.DataFrame({"measure": [], "factor_id": [], "years": []})
        return empty, sparse.csr_matrix((units, 0))
    return pd.concat(frames, ignore_index=True), sparse.hstack(parts, format="csr")


def scattered(
    measure: str, rows: np.ndarray, factors: Sequence[str], values: FloatArray, units: int
) -> Block:
    """Entries (row, factor) as a block; entries of one row and factor add up."""
    names = sorted(set(factors))
    place = {name: i for i, name in enumerate(names)}
    dense = np.zeros((units, len(names)))
    places = np.array([place[name] for name in factors], dtype=np.int64)
    np.add.at(dense, (rows, places), values)
    return Block(measure, names, [NO_TENOR] * len(names), dense)
