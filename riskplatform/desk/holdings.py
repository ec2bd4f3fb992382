"""What is held as a matrix on a cube's axis: Q."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import sparse

from riskplatform.domain.instruments import cash_id
from riskplatform.simulation.cube import UnitCube


def holdings_of(
    positions: pd.DataFrame, found: UnitCube, groups: Mapping[str, str] | None = None
) -> tuple[sparse.csr_matrix, tuple[str, ...], tuple[str, ...]]:
    """Q [group, instrument] on the cube's axis, the groups, and what is held without a row.

    ``groups`` maps each leaf to its group; without it every leaf is its own.
    """
    place = {name: i for i, name in enumerate(found.instrument_ids)}
    owner = positions["portfolio_id"] if groups is None else positions["portfolio_id"].map(groups)
    codes, names = pd.factorize(owner, sort=True)
    held = positions["instrument_id"].map(place).to_numpy(dtype=np.float64)
    known = np.isfinite(held)
    rows, columns = [codes[known]], [held[known].astype(np.int64)]
    values = [positions["quantity"].to_numpy(dtype=np.float64)[known]]
    balance = positions["balance"].to_numpy(dtype=np.float64)
    owing = np.flatnonzero(known & (balance != 0))
    currency = [found.currencies[int(held[line])] for line in owing]
    rows.append(codes[owing])
    columns.append(np.array([place[cash_id(code)] for code in currency], dtype=np.int64))
    values.append(balance[owing])
    matrix = sparse.csr_matrix(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))),
        (len(names), len(place)),
    )
    missing = tuple(sorted(set(positions["instrument_id"][~known])))
    return matrix, tuple(str(name) for name in names), missing
