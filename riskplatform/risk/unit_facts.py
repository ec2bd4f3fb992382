"""What risk knows of one unit besides its gains: value, sensitivities, daily volume."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from riskplatform.market.content import FloatArray
from riskplatform.pricing.exposures.measures import measure_named


@dataclass(frozen=True, slots=True, eq=False)
class UnitFacts:
    """On the instrument axis of a book, in its base currency.

    ``values`` are by marks (of a future: its whole price), not a number where there is none.
    ``exposures`` [instrument, column] with ``columns`` measure, factor_id and years.
    ``daily_volumes`` are units a day, not a number where no volume is known.
    """

    values: FloatArray
    exposures: sparse.csr_matrix
    columns: pd.DataFrame
    daily_volumes: FloatArray

    def places(self, measure: str, factor_id: str | None = None) -> NDArray[np.intp]:
        """The columns of a measure; of one factor if it is named."""
        chosen = self.columns["measure"] == measure_named(measure).name
        if factor_id is not None:
            chosen &= self.columns["factor_id"] == factor_id
        return np.flatnonzero(chosen)

    def per_unit(self, measure: str, factor_id: str | None = None) -> FloatArray:
        """A measure of each unit, summed over its factors."""
        places = self.places(measure, factor_id)
        return np.asarray(self.exposures[:, places].sum(axis=1)).ravel()
