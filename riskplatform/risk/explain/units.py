"""What time and the market did to one unit of each instrument, term by term."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskplatform.domain.outcome import Failure
from riskplatform.market.content import FloatArray
from riskplatform.pricing.units.book import UnitBook
from riskplatform.pricing.units.flows import NodeKind, UnitFlows
from riskplatform.pricing.units.layout import StateLayout


def no_factors() -> pd.DataFrame:
    """A table of factors without any."""
    return pd.DataFrame({"term": [], "factor": [], "years": [], "move": []})


@dataclass(frozen=True, slots=True, eq=False)
class UnitTerms:
    """``terms`` by name, each [unit], per unit of the earlier day in ``base_currency``.

    ``by_factor`` [unit, factor] with ``factors`` (term, factor, years, move) says which factor
    gave the first-order terms; it is empty where they were not taken apart.
    """

    instrument_ids: tuple[str, ...]
    base_currency: str
    terms: Mapping[str, FloatArray]
    is_known: NDArray[np.bool_]
    failures: tuple[Failure, ...]
    factors: pd.DataFrame = field(default_factory=no_factors)
    by_factor: FloatArray = field(default_factory=lambda: np.empty((0, 0)))

    @property
    def total(self) -> FloatArray:
        """All terms together: what the model says a unit gained."""
        return np.asarray(sum(self.terms.values(), np.zeros(len(self.instrument_ids))))


def rates_into(
    layout: StateLayout, currencies: Sequence[str], base_currency: str, states: FloatArray
) -> FloatArray:
    """Units of the base for one of each unit's currency, [unit, state]."""
    base = states[:, layout.place(NodeKind.FX, base_currency).start]
    own = states[:, [layout.place(NodeKind.FX, currency).start for currency in currencies]]
    return np.asarray(np.exp(own - base[:, None]).T)


def is_option(unit: UnitFlows) -> bool:
    """Whether time passing is its theta and not its carry."""
    return bool(unit.options or unit.price_options)


def options_among(book: UnitBook) -> NDArray[np.bool_]:
    """Which units of a book are options."""
    return np.array([is_option(unit) for unit in book.units], dtype=np.bool_)
