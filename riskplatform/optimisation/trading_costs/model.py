"""The terms of trading: half a spread, impact by a power law, fees, and the borrowing of shorts.

A trade of x units, each worth u, in a market with daily volatility σ, daily volume V and Θ units
outstanding costs in the base currency, with X = u |x|:

* spread: half_spread · X
* temporary impact: temporary · σ · (|x| / (V · days))^exponent · X. An exponent of ½ is the
  square-root law, which makes the whole cost grow with the power 3/2 of the size.
* permanent impact, of which the trade itself pays half: ½ · permanent · σ · |x| / V ·
  (Θ / V)^turnover_power · X
* fees: fee · X + fee_per_unit · |x|, and at least ``least_fee`` where anything is traded
* borrow: a fee on the value held short, actual days over 360.

The form and the coefficients of ``ALMGREN_2005`` are those of Almgren, Thum, Hauptmann and Li,
"Direct estimation of equity market impact" (2005).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from riskplatform.errors import TermsError, UserInputError, nearest
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.trading_costs.liquidity import Liquidity


@dataclass(frozen=True, slots=True, kw_only=True)
class CostModel:
    """``_bp`` are hundredths of a percent of the value (of a year, for borrowing), fees per unit
    and the least fee are in the base currency; ``groups`` hold other terms by group.

    ``days`` is how long a trade takes, and ``temporary`` is 0 where nothing moves a market.
    """

    model_id: str = "costs"
    half_spread_bp: float = 0.0
    temporary: float = 0.0
    exponent: float = 0.5
    permanent: float = 0.0
    turnover_power: float = 0.0
    days: float = 1.0
    fee_bp: float = 0.0
    fee_per_unit: float = 0.0
    least_fee: float = 0.0
    borrow_bp: float = 0.0
    groups: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check(f"Cost model {self.model_id}", {name: getattr(self, name) for name in TERMS})
        for group, terms in self.groups.items():
            _check(f"Cost model {self.model_id}, group {group}", terms)

    def term(self, name: str, markets: Liquidity) -> FloatArray:
        """One term for each instrument: the market's own, else its group's, else the model's."""
        values = np.full(len(markets.instrument_ids), float(getattr(self, name)))
        for place, group in enumerate(markets.groups or ()):
            values[place] = self.groups.get(group, {}).get(name, values[place])
        own = {"half_spread_bp": "half_spreads_bp", "borrow_bp": "borrow_bp"}.get(name)
        if own is not None:
            known = markets.column(own)
            values = np.where(np.isnan(known), values, known)
        return values

    def to_dict(self) -> dict[str, Any]:
        """As in a file; what is left at its default is left out."""
        out: dict[str, Any] = {"model_id": self.model_id}
        usual = {each.name: each.default for each in fields(self)}
        for name in TERMS:
            if getattr(self, name) != usual[name]:
                out[name] = getattr(self, name)
        if self.groups:
            out["groups"] = {group: dict(terms) for group, terms in self.groups.items()}
        return out


TERMS = tuple(each.name for each in fields(CostModel) if each.name not in ("model_id", "groups"))


def _check(where: str, terms: Mapping[str, float]) -> None:
    for name, value in terms.items():
        if name not in TERMS:
            raise TermsError(f"{where}: unknown key {name!r}.", hint=nearest_term(name, TERMS))
        if not (math.isfinite(value) and value >= 0.0):
            raise UserInputError(f"{where}: {name} is {value:g}.", hint="Give a number from 0 on.")
    if not 0.0 < terms.get("exponent", 0.5) <= 1.0:
        raise UserInputError(
            f"{where}: the exponent is {terms['exponent']:g}.",
            hint="Give one above 0 and at most 1; the square-root law has 0.5.",
        )
    if not terms.get("days", 1.0) > 0.0:
        raise UserInputError(f"{where}: days is 0.", hint="Give how many days a trade takes.")


def nearest_term(word: str, known: Sequence[str]) -> str:
    """A hint for a word that is none of these."""
    near = nearest(word, known, limit=1)
    return f"Did you mean {near[0]}?" if near else f"Accepted: {', '.join(known)}."


SQUARE_ROOT = CostModel(
    model_id="square-root", half_spread_bp=3.0, temporary=1.0, exponent=0.5, borrow_bp=50.0
)
"""A day's volatility for a day's volume: what is used where nothing was measured."""

ALMGREN_2005 = CostModel(
    model_id="almgren-2005", temporary=0.142, exponent=0.6, permanent=0.314, turnover_power=0.25
)
"""Impact alone, as measured on trades of large US shares; spread and fees are to be added."""
