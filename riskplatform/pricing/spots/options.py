"""Options on shares, indices, futures, currencies and coins as flows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from riskplatform.domain.instruments import (
    AsianOption,
    Average,
    Barrier,
    BarrierOption,
    DigitalOption,
    DigitalPayoff,
    Exercise,
    Future,
    Instrument,
    Option,
    Perpetual,
    Right,
    Underlying,
)
from riskplatform.errors import DataError
from riskplatform.market.curves import DAYS_PER_YEAR
from riskplatform.market.lookup import missing_data
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.pricing.conventions import PricingConventions
from riskplatform.pricing.exotics.contracts import AmericanBarrier, AverageOption
from riskplatform.pricing.spots.futures import contract_level
from riskplatform.pricing.spots.levels import carry_name, days_until, pair_level, quoted_level
from riskplatform.pricing.units.flows import Level, PriceOption, Style, UnitFlows


def option_flows(
    option: Option,
    market: MarketSnapshot,
    conventions: PricingConventions,
    instruments: Mapping[str, Instrument],
) -> UnitFlows:
    """One option; ``instruments`` holds the terms of the futures that underlie."""
    name = option.instrument_id
    market.curve(option.discount_curve_id, needed_by=name)
    below = _Below(option, market, conventions)
    match option.underlying_type:
        case Underlying.FUTURE:
            plain = below.future(instruments)
        case Underlying.FX:
            plain = below.pair()
        case Underlying.CRYPTO:
            plain = below.coin()
        case _:
            plain = below.share()
    match option:
        case BarrierOption():
            plain = _with_barrier(option, plain)
        case DigitalOption():
            plain = replace(plain, style=_DIGITALS[option.payoff], cash=option.cash)
        case AsianOption():
            plain = _on_average(option, plain, market)
    return UnitFlows(name, option.currency, price_options=(plain,))


class _Below:
    """An option on each kind of underlying."""

    def __init__(
        self, option: Option, market: MarketSnapshot, conventions: PricingConventions
    ) -> None:
        self.option, self.market, self.conventions = option, market, conventions

    def future(self, instruments: Mapping[str, Instrument]) -> PriceOption:
        option, market = self.option, self.market
        contract = instruments.get(option.underlying_id)
        if contract is None:
            # Without its terms a future follows its own quote.
            level = quoted_level(option.underlying_id, market)
        elif isinstance(contract, Future | Perpetual):
            level = contract_level(contract, market, self.conventions)
        else:
            raise DataError(
                f"{option.instrument_id} is an option on a future and {option.underlying_id} is a "
                f"{contract.kind}."
            )
        return replace(self._plain(level), is_on_future=True)

    def pair(self) -> PriceOption:
        """The identifier starts with the currency bought; the option is paid in the other."""
        option = self.option
        bought, sold = option.underlying_id[:3], option.currency
        if len(option.underlying_id) != 6 or option.underlying_id[3:] != sold:
            raise DataError(
                f"{option.instrument_id} is on {option.underlying_id}, which is not a pair quoted "
                f"in {sold}.",
                hint=f"Name the pair as CCY{sold}, such as EUR{sold}.",
            )
        level = pair_level(bought, sold, self.market, needed_by=option.instrument_id)
        foreign = self.conventions.discount_curve(bought)
        self.market.curve(foreign, needed_by=option.instrument_id)
        return replace(self._plain(level), foreign=foreign)

    def coin(self) -> PriceOption:
        """A coin yields nothing unless the market says so."""
        name = self.option.underlying_id
        known = [n for n in (f"DIV.{name}", name) if n in self.market.carries]
        level = quoted_level(name, self.market)
        return replace(self._plain(level), carry=known[0] if known else None)

    def share(self) -> PriceOption:
        option, market = self.option, self.market
        name, underlying = option.instrument_id, option.underlying_id
        if underlying not in market.prices:
            raise missing_data(
                "the price of",
                underlying,
                as_of=market.as_of,
                needed_by=name,
                known=market.prices.instrument_ids,
            )
        carry = carry_name(underlying, market, needed_by=name)
        level = quoted_level(underlying, market)
        due = market.carry(carry)
        inside = (due.dividend_times > 0) & (due.dividend_times <= self._years())
        if inside.any():
            # The dividends until expiry are certain: the option is on what is left of the price.
            listed = zip(
                (due.dividend_times[inside] * DAYS_PER_YEAR).tolist(),
                due.dividend_amounts[inside].tolist(),
                strict=True,
            )
            level = replace(
                level, discount=option.discount_curve_id, carry=carry, dividends=tuple(listed)
            )
        return replace(self._plain(level), carry=carry)

    def _years(self) -> float:
        return days_until(self.market.as_of, self.option.expiry) / DAYS_PER_YEAR

    def _plain(self, level: Level) -> PriceOption:
        option = self.option
        is_american = option.exercise is Exercise.AMERICAN
        return PriceOption(
            style=Style.AMERICAN if is_american else Style.EUROPEAN,
            expiry=days_until(self.market.as_of, option.expiry),
            strike=option.strike,
            is_call=option.right is Right.CALL,
            level=level,
            discount=option.discount_curve_id,
            surface=self.market.surface(option.surface_id, needed_by=option.instrument_id),
            rule=self.conventions.smile_rule,
            quantity=float(option.multiplier),
        )


def _with_barrier(option: BarrierOption, plain: PriceOption) -> PriceOption:
    found = replace(
        plain,
        style=Style.BARRIER,
        barrier=option.barrier,
        rebate=option.rebate,
        is_up=option.barrier_type in (Barrier.UP_IN, Barrier.UP_OUT),
        is_out=option.barrier_type in (Barrier.DOWN_OUT, Barrier.UP_OUT),
    )
    if option.exercise is Exercise.EUROPEAN:
        return found
    contract = AmericanBarrier(
        contract_id=option.instrument_id,
        time=plain.expiry / DAYS_PER_YEAR,
        strike=option.strike,
        barrier=found.barrier,
        rebate=found.rebate,
        is_call=found.is_call,
        is_up=found.is_up,
        is_out=found.is_out,
    )
    return replace(found, style=Style.EXOTIC, exotic=contract)


def _on_average(option: AsianOption, plain: PriceOption, market: MarketSnapshot) -> PriceOption:
    """Fixings up to today are known, those to come are drawn from today's price on."""
    name = option.instrument_id
    past = [day for day in option.averaging_days if day <= market.as_of]
    fixed = np.array([market.fixing(option.fixing_id, day, needed_by=name) for day in past])
    is_arithmetic = option.average is Average.ARITHMETIC
    average = 1.0
    if len(fixed):
        average = float(fixed.mean() if is_arithmetic else np.exp(np.log(fixed).mean()))
    contract = AverageOption(
        contract_id=name,
        time=plain.expiry / DAYS_PER_YEAR,
        strike=option.strike,
        is_call=plain.is_call,
        is_arithmetic=is_arithmetic,
        fixing_times=tuple(
            days_until(market.as_of, day) / DAYS_PER_YEAR
            for day in option.averaging_days
            if day > market.as_of
        ),
        past_count=len(past),
        past_average=average,
    )
    return replace(plain, style=Style.EXOTIC, exotic=contract)


_DIGITALS = {
    DigitalPayoff.CASH: Style.CASH,
    DigitalPayoff.ASSET: Style.ASSET,
    DigitalPayoff.TOUCH: Style.TOUCH,
}
