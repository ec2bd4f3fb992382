"""What selling costs: a share of the value of what is held, long or short.

It is not linear in the quantity held, so that it is no column of the unit cube: each leaf of the
tree pays for what it holds, and a node pays the sum.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from scipy import sparse

from riskplatform.market.content import FloatArray
from riskplatform.project.scenario_language.scenario import Scenario
from riskplatform.stress.factor_table import selected
from riskplatform.stress.moves import Haircut


def haircuts_of(scenario: Scenario, weight: float = 1.0) -> Iterator[Haircut]:
    """Those of a scenario and, weighted, of what it combines; a later one replaces an earlier."""
    for part in scenario.parts:
        yield from haircuts_of(part.scenario, weight * part.weight)
    for shock in (*scenario.shocks, *(each for step in scenario.path for each in step.shocks)):
        amount = shock.amount("haircut")
        if amount is not None:
            yield Haircut(shock.selection, weight * amount.fraction)


def shares_lost(haircuts: Sequence[Haircut], attributes: pd.DataFrame) -> FloatArray:
    """The share of value that each instrument loses in a sale."""
    found = np.zeros(len(attributes))
    names = attributes["instrument_id"].to_numpy()
    for each in haircuts:
        found[selected(each.selection, attributes, names)] = each.share
    return found


def costs(holdings: sparse.csr_matrix, unit_values: FloatArray, shares: FloatArray) -> FloatArray:
    """What each leaf [leaf, instrument] loses, zero or negative."""
    worth = np.abs(np.nan_to_num(unit_values)) * shares
    return -np.asarray(abs(holdings) @ worth)
