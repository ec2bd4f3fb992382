"""Factor exposures: what a unit's delta to a share or index means for the factors behind it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import sparse

from riskplatform.pricing.exposures.columns import NO_TENOR, Block, joined
from riskplatform.pricing.exposures.units import UnitExposures


def with_factor_exposures(units: UnitExposures, betas: pd.DataFrame) -> UnitExposures:
    """The same with a column for each factor; ``betas`` is [share or index, factor].

    A delta to something without betas adds nothing to any factor.
    """
    is_delta = (units.columns["measure"] == "delta") & units.columns["factor_id"].isin(betas.index)
    places = np.flatnonzero(is_delta)
    names = units.columns["factor_id"].iloc[places]
    by_factor = np.asarray(units.matrix[:, places] @ betas.loc[names].to_numpy())
    block = Block("beta", list(betas.columns), [NO_TENOR] * betas.shape[1], by_factor)
    columns, matrix = joined([block], len(units.instrument_ids))
    return replace(
        units,
        columns=pd.concat([units.columns, columns], ignore_index=True),
        matrix=sparse.hstack([units.matrix, matrix], format="csr"),
    )
