"""Contracts and markets, chosen and random, and QuantLib to hold them against."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import QuantLib as ql

from riskplatform.pricing.exotics.contracts import AmericanBarrier, AverageOption
from riskplatform.pricing.exotics.flat_market import FlatMarket

MARKET = FlatMarket(0.25, 0.05, 0.02)
UP_OUT = AmericanBarrier("UP_OUT", 1.0, 100.0, 130.0, 0.0, True, True, True)
DOWN_IN = AmericanBarrier("DOWN_IN", 0.5, 100.0, 85.0, 2.0, False, False, False)
# Two fixings to come: the cheapest contract that needs a worker.
SHORT_AVERAGE = AverageOption("AVERAGE", 0.1, 100.0, True, True, (0.05, 0.1), 3, 99.0)


def monthly(count: int = 12, **changes: Any) -> AverageOption:
    """A call on the average of equally spaced fixings of one year."""
    times = tuple((i + 1) / count for i in range(count))
    return replace(AverageOption("MONTHLY", 1.0, 100.0, True, True, times), **changes)


def random_barriers(count: int, seed: int, **fixed: Any) -> list[tuple[Any, ...]]:
    """(contract, market, spots on its live side)."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        is_up = fixed.get("is_up", bool(rng.random() < 0.5))
        away = float(np.exp(rng.uniform(0.02, 0.4)))
        contract = AmericanBarrier(
            contract_id="RANDOM",
            time=float(np.exp(rng.uniform(np.log(0.02), np.log(3.0)))),
            strike=float(rng.uniform(80.0, 125.0)),
            barrier=100.0 * away if is_up else 100.0 / away,
            rebate=float(rng.choice([0.0, 3.0])),
            is_call=bool(rng.random() < 0.5),
            is_up=is_up,
            is_out=bool(rng.random() < 0.5),
        )
        contract = replace(contract, **fixed)
        rate, carry_yield = rng.uniform(-0.01, 0.08, 2).tolist()
        market = FlatMarket(float(rng.uniform(0.08, 0.6)), rate, carry_yield)
        away_from = rng.uniform(0.0, 0.5, 20) * (-1.0 if is_up else 1.0)
        found.append((contract, market, contract.barrier * np.exp(away_from)))
    return found


def quantlib_barrier(
    contract: AmericanBarrier,
    market: FlatMarket,
    spots: np.ndarray[Any, Any],
    *,
    rebate: float | None = None,
) -> np.ndarray[Any, Any]:
    """QuantLib's closed form of the European barrier; it counts whole days, hence the scaling."""
    today = ql.Settings.instance().evaluationDate
    kinds = {
        (False, False): ql.Barrier.DownIn,
        (False, True): ql.Barrier.DownOut,
        (True, False): ql.Barrier.UpIn,
        (True, True): ql.Barrier.UpOut,
    }
    side = ql.Option.Call if contract.is_call else ql.Option.Put
    option = ql.BarrierOption(
        kinds[contract.is_up, contract.is_out],
        contract.barrier,
        contract.rebate if rebate is None else rebate,
        ql.PlainVanillaPayoff(side, contract.strike),
        ql.EuropeanExercise(today + 365),
    )
    values = []
    for spot in spots.tolist():
        process = market.process(ql, spot, time_scale=contract.time)
        option.setPricingEngine(ql.AnalyticBarrierEngine(process))
        values.append(option.NPV())
    return np.array(values)


def quantlib_american(
    contract: AmericanBarrier, market: FlatMarket, spots: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """QuantLib's plain American option with the same strike and time."""
    today = ql.Settings.instance().evaluationDate
    side = ql.Option.Call if contract.is_call else ql.Option.Put
    payoff = ql.PlainVanillaPayoff(side, contract.strike)
    option = ql.VanillaOption(payoff, ql.AmericanExercise(today, today + 365))
    values = []
    for spot in spots.tolist():
        process = market.process(ql, spot, time_scale=contract.time)
        option.setPricingEngine(ql.QdFpAmericanEngine(process))
        values.append(option.NPV())
    return np.array(values)
