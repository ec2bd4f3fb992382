"""Lot sizes and smallest trades as data: kept by rounding after the weights are found."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.constraints.contract import Plain, check_positive
from riskplatform.optimisation.convex.draft import Draft
from riskplatform.optimisation.inputs import Inputs


@dataclass(frozen=True)
class LotSizes(Plain):
    """Trades in whole ``lots`` (units, 1 where nothing is said), none worth less than
    ``least_trade``, and no line left that is worth less than ``dust``, in the base currency.

    Weights are numbers without steps, so nothing of this is in the programme: weights are found
    first and ``optimisation.whole_lots`` rounds them by these terms, to at most a lot from each.
    What must hold exactly after rounding, such as a limit, is judged on the rounded book.
    """

    kind: ClassVar[str] = "lots"

    lots: Mapping[str, float] | None = None
    least_trade: float = 0.0
    dust: float = 0.0
    label: str = ""

    def __post_init__(self) -> None:
        for asset, lot in (self.lots or {}).items():
            if not (math.isfinite(lot) and lot > 0.0):
                raise UserInputError(
                    f"{self.name}: the lot of {asset} is {lot:g}.", hint="Give a number above 0."
                )
        check_positive(self.name, "least_trade", self.least_trade)
        check_positive(self.name, "dust", self.dust)

    @property
    def name(self) -> str:
        return self.label or "lots"

    def lot(self, asset: str) -> float:
        """Of one asset, in units."""
        return (self.lots or {}).get(asset, 1.0)

    def add_to(self, draft: Draft) -> None:
        """Nothing: rounding is what keeps it."""

    def note(self, inputs: Inputs, weights: FloatArray) -> str:
        """That it is not yet kept."""
        return f"{self.name}: weights are before rounding to whole lots."
