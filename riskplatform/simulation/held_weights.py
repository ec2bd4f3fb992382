"""Weighed sums of units' gains, only for the pairs of instrument and column that are wanted.

A tree of 93 nodes holds a tenth of all pairs of node and instrument, and the weights of VaR and ES
are nothing in most scenarios: this reads each row of the cube once and skips what is not there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from riskplatform.market.content import FloatArray
from riskplatform.simulation.compiled import compiled

Places = NDArray[np.int32]


@compiled
def weigh_rows(
    table: NDArray[np.float32],
    leading: int,
    rows: NDArray[np.intp],
    growth: FloatArray,
    codes: NDArray[np.intp],
    first: Places,
    columns: Places,
    ends: Places,
    scenarios: Places,
    weights: FloatArray,
    out: FloatArray,
) -> None:
    """Rows of the cube in another currency, times ``weights``: one number of ``out`` for each pair.

    Row i is ``rows[i]`` of ``table``, from column ``leading`` on, times ``growth`` of its currency.
    ``columns[first[i] : first[i + 1]]`` are wanted of it; column c has ``weights`` at ``scenarios``
    from ``ends[c]`` to ``ends[c + 1]``.
    """
    local = np.empty(growth.shape[1])
    for i in range(rows.size):
        for scenario in range(local.size):
            local[scenario] = table[rows[i], leading + scenario] * growth[codes[i], scenario]
        for place in range(first[i], first[i + 1]):
            column = columns[place]
            total = 0.0
            for at in range(ends[column], ends[column + 1]):
                total += local[scenarios[at]] * weights[at]
            out[place] = total
