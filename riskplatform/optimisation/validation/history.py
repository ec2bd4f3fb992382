"""The returns that rules are validated on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray, content_hash


@dataclass(frozen=True, eq=False)
class ReturnHistory:
    """Excess ``returns`` [day, asset] in the base currency, oldest first; not a number where there
    is none. What is not held in assets is cash, whose excess return is nothing."""

    asset_ids: tuple[str, ...]
    returns: FloatArray
    days: tuple[date, ...]
    base_currency: str

    def __post_init__(self) -> None:
        table = np.array(self.returns, dtype=np.float64)
        if table.shape != (len(self.days), len(self.asset_ids)) or not table.size:
            raise UserInputError(
                f"Returns of shape {table.shape} do not fit {len(self.days)} days and "
                f"{len(self.asset_ids)} assets."
            )
        if any(later <= day for day, later in zip(self.days, self.days[1:], strict=False)):
            raise UserInputError("The days of a history are in order, and none comes twice.")
        if np.isinf(table).any() or (table < -1.0).any():
            raise UserInputError("A return is below -100 %, or has no end.")
        table.flags.writeable = False
        object.__setattr__(self, "returns", table)

    @cached_property
    def content(self) -> str:
        """The same history has the same name, on any machine."""
        return content_hash(list(self.asset_ids), self.returns, list(self.days))[:16]

    def window(self, days: Sequence[int] | slice | NDArray[np.intp]) -> FloatArray:
        """A copy of some days: whoever gets it cannot see others, not even through ``base``."""
        chosen = np.arange(len(self.days))[days] if isinstance(days, slice) else days
        return np.array(self.returns[np.asarray(chosen, dtype=np.intp)])
