"""What rounding to whole lots gives back: trades, the cash left, and how far each is off."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from riskplatform.domain.codec import to_terms
from riskplatform.domain.provenance import Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class LotTrade:
    """One line after rounding. Quantities are signed units, money is in the base currency.

    ``deviation`` is the value after trading less the target; ``cash`` what the trade moves of cash
    before its ``cost`` (negative for what is bought). ``held_back`` says why the line is not nearer
    to its target than a lot, and is empty where it is.
    """

    instrument_id: str
    before: Decimal
    quantity: Decimal
    unit_value: Decimal
    target: Decimal
    cash: Decimal
    cost: Decimal
    held_back: str = ""

    @property
    def after(self) -> Decimal:
        return self.before + self.quantity

    @property
    def value(self) -> Decimal:
        """What is held after trading."""
        return self.after * self.unit_value

    @property
    def deviation(self) -> Decimal:
        return self.value - self.target

    @property
    def is_closing(self) -> bool:
        return bool(self.quantity) and not self.after

    def to_dict(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            name: to_terms(getattr(self, name))
            for name in ("instrument_id", "before", "quantity", "after", "unit_value", "target",
                         "value", "deviation", "cash", "cost")
        }  # fmt: skip
        return found | {"is_closing": self.is_closing, "held_back": self.held_back}


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeLots:
    """``lines`` in the order asked; ``cash_left`` is after all trades and their costs.

    ``bought_share`` is how much of what should be bought the cash was enough for; 1 as a rule.
    """

    lines: tuple[LotTrade, ...]
    cash_before: Decimal
    cash_kept: Decimal | None
    bought_share: Decimal
    provenance: Provenance

    @property
    def trades(self) -> tuple[LotTrade, ...]:
        """The lines that trade."""
        return tuple(line for line in self.lines if line.quantity)

    @property
    def cost(self) -> Decimal:
        return sum((line.cost for line in self.lines), Decimal(0))

    @property
    def cash_left(self) -> Decimal:
        moved = sum((line.cash for line in self.lines), Decimal(0))
        return self.cash_before + moved - self.cost

    @property
    def deviation(self) -> Decimal:
        """The sum of the sizes of all deviations from targets."""
        return sum((abs(line.deviation) for line in self.lines), Decimal(0))

    @property
    def run_id(self) -> str:
        return self.provenance.run_id

    def to_frame(self) -> pd.DataFrame:
        """One row per line, in plain numbers; the exact ones are in ``lines``."""
        words = ("instrument_id", "is_closing", "held_back")
        names = list(LOT_COLUMNS)
        rows = [
            [getattr(line, name) if name in words else float(getattr(line, name)) for name in names]
            for line in self.lines
        ]
        return pd.DataFrame(rows, columns=names)

    def to_dict(self) -> dict[str, Any]:
        return {
            **self.provenance.to_dict(),
            "cash_before": to_terms(self.cash_before),
            "cash_kept": to_terms(self.cash_kept),
            "cash_left": to_terms(self.cash_left),
            "cost": to_terms(self.cost),
            "deviation": to_terms(self.deviation),
            "bought_share": to_terms(self.bought_share),
            "lines": [line.to_dict() for line in self.lines],
        }

    def _repr_html_(self) -> str:
        head = f"<p>{len(self.trades):,} trades, {self.cash_left:,.2f} of cash left</p>"
        traded = self.to_frame().query("quantity != 0").head(30)
        body = traded.to_html(index=False, float_format="{:,.2f}".format)
        return f"{head}{body}<p>{self.provenance}</p>"


LOT_COLUMNS = (
    "instrument_id", "before", "quantity", "after", "unit_value", "target", "value", "deviation",
    "cash", "cost", "is_closing", "held_back",
)  # fmt: skip
