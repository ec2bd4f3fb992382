"""From instruments to flows: one description each, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from riskplatform.domain.instruments import (
    Cash,
    Coin,
    Equity,
    EquityIndex,
    Future,
    FxSpot,
    Instrument,
    Option,
    Perpetual,
)
from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import RiskPlatformError
from riskplatform.market.lookup import attempt
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.pricing.conventions import PricingConventions
from riskplatform.pricing.rates.describe import PRICED as RATES
from riskplatform.pricing.rates.describe import rates_flows
from riskplatform.pricing.spots.futures import future_flows
from riskplatform.pricing.spots.levels import spot_flows
from riskplatform.pricing.spots.options import option_flows
from riskplatform.pricing.units.flows import UnitFlows

SPOTS = (Cash, Coin, Equity, EquityIndex, FxSpot)


@dataclass(frozen=True, slots=True)
class Describer:
    """Makes flows in one market; ``instruments`` are the terms that others may refer to."""

    market: MarketSnapshot
    conventions: PricingConventions = field(default_factory=PricingConventions)
    instruments: Mapping[str, Instrument] = field(default_factory=dict)

    def describe(self, instrument: Instrument) -> UnitFlows | Failure:
        """What one unit pays after the as-of date."""
        name, expiry = instrument.instrument_id, instrument.expires_on
        if expiry is not None and expiry < self.market.as_of:
            message = (
                f"{name} ended on {expiry} and is still held: record its redemption or expiry."
            )
            return Failure(FailureReason.INVALID_TERMS, message, name)
        try:
            return attempt(lambda: self._flows(instrument), subject=name)
        except RiskPlatformError as error:
            # Data that are absent or bad became values; what is left are terms or names in them.
            return Failure(FailureReason.INVALID_TERMS, f"{name}: {error}", name)

    def describe_all(
        self, instruments: Iterable[Instrument]
    ) -> tuple[list[UnitFlows], list[Failure]]:
        """Those that could be described, in order, and the reasons for the others."""
        found: list[UnitFlows] = []
        failures: list[Failure] = []
        for instrument in instruments:
            outcome = self.describe(instrument)
            if isinstance(outcome, Failure):
                failures.append(outcome)
            else:
                found.append(outcome)
        return found, failures

    def _flows(self, instrument: Instrument) -> UnitFlows | Failure:
        market, conventions = self.market, self.conventions
        match instrument:
            case Option():
                return option_flows(instrument, market, conventions, self.instruments)
            case Future() | Perpetual():
                return future_flows(instrument, market, conventions)
            case _ if isinstance(instrument, SPOTS):
                return spot_flows(instrument, market)
            case _ if isinstance(instrument, RATES):
                return rates_flows(instrument, market, conventions)
        name = instrument.instrument_id
        message = f"{name} is a {instrument.kind}; no model of it is known."
        return Failure(FailureReason.NOT_SUPPORTED, message, name)
