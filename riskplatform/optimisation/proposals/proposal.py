"""A proposal: what shall be traded and all that one must know to say yes or no to it.

It is frozen, and its id is the hash of all of it: who changes a digit has another proposal, which
nobody approved.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

import pandas as pd

from riskplatform.domain.codec import from_terms, to_terms
from riskplatform.domain.targets import TargetTrade

ID_LENGTH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A name and what it says: an input and its hash, a choice and its value."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedLine:
    """An instrument of the universe in the node as a whole; values are in the base currency.

    ``wanted`` is the value that the method asks for, which whole lots only come near to.
    """

    instrument_id: str
    held: Decimal
    proposed: Decimal
    unit_value: float
    wanted: float
    cost: float = 0.0
    weight_low: float | None = None
    weight_high: float | None = None

    @property
    def value_before(self) -> float:
        return float(self.held) * self.unit_value

    @property
    def value_after(self) -> float:
        return float(self.proposed) * self.unit_value


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number of the node as it is and as it would be; None where it cannot be told."""

    group: str
    measure: str
    unit: str
    before: float | None = None
    after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitMove:
    """A limit that the proposal moves, judged by the code that judges limits every day."""

    limit_id: str
    node: str
    measure: str
    unit: str
    light_before: str
    light_after: str
    hard: float
    before: float | None = None
    after: float | None = None

    @property
    def is_new_breach(self) -> bool:
        return self.light_after == "red" and self.light_before != "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A constraint that holds the answer back, in words, with its shadow price."""

    constraint: str
    shadow_price: float
    words: str


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """``value`` is that of the universe, which weights are shares of; ``cash_left`` is what whole
    lots and costs leave of it. ``constraints`` are as written, in canonical JSON."""

    node: str
    as_of: date
    base_currency: str
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime
    rule_id: str
    method: str
    policy_id: str
    value: float
    cash_left: float
    expected_cost: float
    choices: tuple[Named, ...] = ()
    inputs: tuple[Named, ...] = ()
    constraints: tuple[str, ...] = ()
    objective: float | None = None
    certificate: tuple[Named, ...] = ()
    binding: tuple[Price, ...] = ()
    lines: tuple[ProposedLine, ...] = ()
    trades: tuple[TargetTrade, ...] = ()
    numbers: tuple[Number, ...] = ()
    limits: tuple[LimitMove, ...] = ()
    breaches_before: int = 0
    breaches_after: int = 0
    limits_not_measured: int = 0
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything in it, as it is read back: 1 and 1.0 are the same number."""
        read = from_terms(Proposal, self.to_dict())
        text = json.dumps(read.to_dict(), sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def proposal_id(self) -> str:
        return self.digest[:ID_LENGTH]

    @property
    def traded(self) -> float:
        """What is bought and what is sold, together, in the base currency."""
        return sum(abs(line.value_after - line.value_before) for line in self.lines)

    @property
    def turnover(self) -> float:
        """Of the universe's value; buying and selling all of it is 2."""
        return self.traded / self.value if self.value else 0.0

    @property
    def cost_bp(self) -> float:
        """Expected cost of the universe's value."""
        return self.expected_cost / self.value * 1e4 if self.value else 0.0

    @property
    def distance(self) -> float:
        """Half the sum of what weights after trading are off those wanted: lots and caps."""
        if not self.value:
            return 0.0
        return 0.5 * sum(abs(line.value_after - line.wanted) for line in self.lines) / self.value

    @property
    def new_breaches(self) -> tuple[str, ...]:
        return tuple(each.limit_id for each in self.limits if each.is_new_breach)

    def number(self, measure: str) -> Number:
        """By its measure, such as ``historical var``."""
        for each in self.numbers:
            if each.measure == measure:
                return each
        from riskplatform.errors import UnknownNameError

        raise UnknownNameError("number of the proposal", measure, [n.measure for n in self.numbers])

    def to_frame(self) -> pd.DataFrame:
        """One row per instrument of the universe, the largest trade first."""
        share = 1.0 / self.value if self.value else float("nan")
        rows = [
            {
                "instrument_id": line.instrument_id,
                "held": line.held,
                "trade": line.proposed - line.held,
                "proposed": line.proposed,
                "weight_before": line.value_before * share,
                "weight_wanted": line.wanted * share,
                "weight_after": line.value_after * share,
                "weight_low": line.weight_low,
                "weight_high": line.weight_high,
                "trade_value": line.value_after - line.value_before,
                "cost": line.cost,
            }
            for line in self.lines
        ]
        frame = pd.DataFrame(rows)
        if frame.empty:
            return frame
        return frame.sort_values("trade_value", key=abs, ascending=False, ignore_index=True)

    def trades_frame(self) -> pd.DataFrame:
        """One row per portfolio and instrument."""
        return pd.DataFrame([to_terms(trade) for trade in self.trades])

    def to_dict(self) -> dict[str, Any]:
        found: dict[str, Any] = to_terms(self)
        return found

    @classmethod
    def from_dict(cls, terms: Mapping[str, Any]) -> Proposal:
        """From what :meth:`to_dict` gave; an unknown key is an error."""
        return from_terms(cls, terms)

    def _repr_html_(self) -> str:
        head = (
            f"<p><b>{self.proposal_id}</b> {self.node} by {self.rule_id}, as of {self.as_of}: "
            f"{len(self.trades)} trades, turnover {self.turnover:.1%}, cost {self.cost_bp:.1f} bp "
            f"of {self.value:,.0f} {self.base_currency}</p>"
        )
        return head + str(self.to_frame().head(20).to_html(index=False))
