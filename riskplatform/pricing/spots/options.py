"""Options on shares, indices, futures, currencies and coins as flows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from riskplatform.domain.instruments import (
    Barrier,
    BarrierOption,
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
    flows = _with_barrier(option, plain) if isinstance(option, BarrierOption) else plain
    return UnitFlows(name, option.currency, price_options=(flows,))


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
    return replace(
        plain,
        style=Style.BARRIER,
        barrier=option.barrier,
        rebate=option.rebate,
        is_up=option.barrier_type in (Barrier.UP_IN, Barrier.UP_OUT),
        is_out=option.barrier_type in (Barrier.DOWN_OUT, Barrier.UP_OUT),
    )
