"""How much may still be traded, and what says so."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from riskplatform.domain.provenance import Provenance
from riskplatform.errors import UnknownNameError

if TYPE_CHECKING:
    import pandas as pd


class Side(StrEnum):
    """Buying more of something, or selling it, short if need be."""

    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> float:
        return 1.0 if self is Side.BUY else -1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Headroom:
    """``quantity`` is the largest that fits in whole lots, endless where no limit stands in the
    way; ``value`` is what it is worth in the base currency.

    ``binding`` is the limit that is met first. ``cures`` are limits that are breached now, each
    with the quantity that mends it; ``worsened`` are breached limits that forbid this side.
    ``not_judged`` are limits that cannot see this trade.
    """

    instrument_id: str
    node: str
    side: Side
    quantity: float
    lot: float
    value: float
    binding: str | None
    cures: tuple[tuple[str, float], ...] = ()
    worsened: tuple[str, ...] = ()
    not_judged: tuple[str, ...] = ()

    @property
    def is_unlimited(self) -> bool:
        return math.isinf(self.quantity)

    @property
    def note(self) -> str:
        """What a reader must know besides the number."""
        parts = []
        if self.worsened:
            other = "selling" if self.side is Side.BUY else "buying"
            listed = ", ".join(self.worsened)
            parts.append(f"breached already: {listed}; only {other} or another trade reduces it")
        parts += [
            f"breached already: {limit_id}; mended from {quantity:,.10g} on"
            for limit_id, quantity in self.cures
        ]
        if self.not_judged:
            parts.append(f"not judged by {', '.join(self.not_judged)}")
        return "; ".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON; endless is null and ``is_unlimited``."""
        return {
            "instrument_id": self.instrument_id,
            "node": self.node,
            "side": self.side.value,
            "quantity": None if self.is_unlimited else self.quantity,
            "value": self.value if math.isfinite(self.value) else None,
            "is_unlimited": self.is_unlimited,
            "binding": self.binding,
            "lot": self.lot,
            "note": self.note,
        }

    def __str__(self) -> str:
        much = "any quantity" if self.is_unlimited else f"{self.quantity:,.10g}"
        first = f", then {self.binding}" if self.binding else ""
        note = f" ({self.note})" if self.note else ""
        return f"{self.side.value} {much} of {self.instrument_id} in {self.node}{first}{note}"


@dataclass(frozen=True, eq=False)
class HeadroomReport:
    """Trades, in the order asked for; coverage counts the limits that could be asked."""

    lines: tuple[Headroom, ...]
    provenance: Provenance

    def __len__(self) -> int:
        return len(self.lines)

    def of(self, instrument_id: str, side: Side | str) -> Headroom:
        for line in self.lines:
            if line.instrument_id == instrument_id and line.side == side:
                return line
        known = [line.instrument_id for line in self.lines]
        raise UnknownNameError("instrument of this table", instrument_id, known)

    def to_frame(self) -> pd.DataFrame:
        """One row per trade; an endless quantity is not a number."""
        import pandas as pd

        columns = [
            "instrument_id", "node", "side", "quantity", "value", "is_unlimited", "binding", "lot",
            "note",
        ]  # fmt: skip
        frame = pd.DataFrame([line.to_dict() for line in self.lines], columns=columns)
        return frame.astype({"quantity": float, "value": float})

    def to_dict(self) -> dict[str, Any]:
        return {
            "provenance": self.provenance.to_dict(),
            "headroom": [line.to_dict() for line in self.lines],
        }

    def __str__(self) -> str:
        return f"Headroom of {len(self)} trades ({self.provenance})"

    def _repr_html_(self) -> str:
        return f"<p>{self}</p>" + str(self.to_frame().to_html(index=False))
