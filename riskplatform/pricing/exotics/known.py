"""What needs no solving: broken inputs, touched barriers, expired contracts, closed forms."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskplatform.pricing.exotics.contracts import AmericanBarrier, AverageOption, Contract
from riskplatform.pricing.exotics.grid_build import LEAST_VOL
from riskplatform.pricing.options.american import american_price
from riskplatform.pricing.options.asian import fixing_moments, geometric_average
from riskplatform.pricing.options.status import FloatArray, Priced, Status, StatusArray

BoolArray = NDArray[np.bool_]


class Known(NamedTuple):
    """Values and statuses by state, and which states are still open."""

    value: FloatArray
    status: StatusArray
    is_open: BoolArray


class Market(NamedTuple):
    """States of one contract, each an array [state]."""

    spot: FloatArray
    vol: FloatArray
    rate: FloatArray
    carry_yield: FloatArray

    def at(self, chosen: BoolArray) -> Market:
        """Some of the states."""
        return Market(*(column[chosen] for column in self))


def known_values(contract: Contract, market: Market) -> Known:
    """What is known of each state without a worker; open states have the value 0.0."""
    status = _input_status(contract, market)
    value, is_open = np.zeros(status.size), status == 0
    if is_open.any():
        told = market.at(is_open)
        barrier = isinstance(contract, AmericanBarrier)
        found = _barrier(contract, told) if barrier else _average(contract, told)
        value[is_open], status[is_open], is_open[is_open] = found
    # The meshes are made for a spot that moves.
    still = is_open & (market.vol < LEAST_VOL)
    status[still] = Status.OUT_OF_RANGE
    return Known(value, status, is_open & ~still)


def _input_status(contract: Contract, market: Market) -> StatusArray:
    status = np.zeros(market.spot.size, dtype=np.int8)
    status[market.vol < 0.0] = Status.BAD_VOL
    # A spot of zero stays there: no model of ours has a logarithm for it.
    status[market.spot <= 0.0] = Status.BAD_SPOT
    status[~np.isfinite(sum(market))] = Status.NOT_FINITE
    if contract.problems():
        status[:] = Status.BAD_PARAMETER
    return status


def _barrier(contract: Contract, market: Market) -> Known:
    assert isinstance(contract, AmericanBarrier)
    spot, time = market.spot, max(contract.time, 0.0)
    touched = spot >= contract.barrier if contract.is_up else spot <= contract.barrier
    status = np.zeros(spot.size, dtype=np.int8)
    sign = 1.0 if contract.is_call else -1.0
    if contract.is_out:
        value = np.where(touched, contract.rebate, np.maximum(sign * (spot - contract.strike), 0.0))
    else:
        value = np.full(spot.size, contract.rebate)
        plain = american_price(
            spot[touched], contract.strike, time, *market.at(touched)[1:], contract.is_call
        )
        value[touched], status[touched] = plain
    is_open = ~touched & (time > 0.0)
    return Known(np.where(is_open, 0.0, value), status, is_open)


def _average(contract: Contract, market: Market) -> Known:
    assert isinstance(contract, AverageOption)
    time, known_count = max(contract.time, 0.0), contract.count - len(contract.fixing_times)
    closed = np.zeros(market.spot.size, dtype=np.bool_)
    if not contract.is_arithmetic:
        return Known(*_geometric(contract, market, time, known_count), closed)
    if contract.fixing_times:
        return Known(closed.astype(np.float64), closed.astype(np.int8), ~closed)
    sign = 1.0 if contract.is_call else -1.0
    payoff = sign * (contract.known_part(market.spot) / contract.count - contract.strike)
    value = np.exp(-market.rate * time) * np.maximum(payoff, 0.0)
    return Known(value, closed.astype(np.int8), closed)


def _geometric(contract: AverageOption, market: Market, time: float, known_count: int) -> Priced:
    centre, shared = fixing_moments(contract.fixing_times)
    known = np.exp(contract.known_part(market.spot) / max(known_count, 1))
    return geometric_average(
        market.spot, contract.strike, time, market.vol, market.rate, market.carry_yield,
        contract.is_call, mean_time=centre, shared_time=shared,
        past_share=known_count / contract.count, past_average=known,
    )  # fmt: skip
