"""Positions as of a moment: frozen columns, exact in units and billionths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskplatform.domain.fixed import NANO, join
from riskplatform.store.ledger.fold import SUMS, IntArray


@dataclass(frozen=True)
class PositionTable:
    """One row per leaf portfolio and instrument, ordered by both names.

    ``recorded_at`` is the last moment of recording that the table knows of: asking again with it
    gives the same table for ever. It is None for a ledger in which nothing is recorded.
    """

    effective_at: datetime
    recorded_at: datetime | None
    portfolio_id: NDArray[np.str_]
    instrument_id: NDArray[np.str_]
    units: IntArray
    nanos: IntArray
    balance_units: IntArray
    balance_nanos: IntArray

    @classmethod
    def of(
        cls,
        effective_at: datetime,
        recorded_at: datetime | None,
        portfolio_id: list[str],
        instrument_id: list[str],
        sums: IntArray,
    ) -> PositionTable:
        """From columns in any order."""
        portfolios = np.array(portfolio_id, dtype=np.str_)
        instruments = np.array(instrument_id, dtype=np.str_)
        order = np.lexsort((instruments, portfolios))
        sums = sums.reshape(-1, SUMS)[order]
        columns = [portfolios[order], instruments[order], *np.ascontiguousarray(sums.T)]
        for column in columns:
            column.flags.writeable = False
        return cls(effective_at, recorded_at, *columns)

    def __len__(self) -> int:
        return len(self.units)

    def __iter__(self) -> Iterator[tuple[str, str, Decimal, Decimal]]:
        """(portfolio_id, instrument_id, quantity, balance), exact."""
        for i in range(len(self)):
            yield (
                str(self.portfolio_id[i]),
                str(self.instrument_id[i]),
                self.decimal(i),
                self.balance_decimal(i),
            )

    @property
    def quantity(self) -> NDArray[np.float64]:
        """Quantities as floats, for valuation."""
        return self.units + self.nanos / NANO

    @property
    def balance(self) -> NDArray[np.float64]:
        """Unsettled balances as floats, in the currency of each instrument."""
        return self.balance_units + self.balance_nanos / NANO

    def decimal(self, i: int) -> Decimal:
        """The exact quantity of row ``i``."""
        return join(self.units[i], self.nanos[i])

    def balance_decimal(self, i: int) -> Decimal:
        """The exact unsettled balance of row ``i``."""
        return join(self.balance_units[i], self.balance_nanos[i])

    def to_frame(self) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "portfolio_id": self.portfolio_id,
                "instrument_id": self.instrument_id,
                "quantity": self.quantity,
                "balance": self.balance,
            }
        )
