"""One flat market state, and what QuantLib makes of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FlatMarket:
    """One flat market: what QuantLib calls a process, without the spot."""

    vol: float
    rate: float
    carry_yield: float

    def process(self, ql: Any, spot: float, *, time_scale: float = 1.0) -> Any:
        """QuantLib's process; with years worth ``time_scale`` of ours."""
        day, count = ql.Settings.instance().evaluationDate, ql.Actual365Fixed()

        def flat(rate: float) -> Any:
            curve = ql.FlatForward(day, rate * time_scale, count)
            return ql.YieldTermStructureHandle(curve)

        vol = self.vol * math.sqrt(time_scale)
        surface = ql.BlackConstantVol(day, ql.NullCalendar(), vol, count)
        return ql.BlackScholesMertonProcess(
            ql.QuoteHandle(ql.SimpleQuote(spot)),
            flat(self.carry_yield),
            flat(self.rate),
            ql.BlackVolTermStructureHandle(surface),
        )


def plain_payoff(ql: Any, is_call: bool, strike: float) -> Any:
    """QuantLib's payoff of a plain option."""
    return ql.PlainVanillaPayoff(ql.Option.Call if is_call else ql.Option.Put, strike)
