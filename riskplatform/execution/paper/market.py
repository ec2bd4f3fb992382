"""The market that the paper venue trades in, as data: bars or ticks, sessions and halts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from riskplatform.errors import UserInputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One day of an instrument: prices as quoted, and what traded in units."""

    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal

    def __post_init__(self) -> None:
        inside = all(self.low <= price <= self.high for price in (self.open, self.close))
        if not inside or self.volume < 0:
            raise UserInputError(
                f"A bar of open {self.open}, high {self.high}, low {self.low}, close {self.close} "
                f"and volume {self.volume} is none.",
                hint="Open and close lie between low and high; volume is not negative.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A moment of the market: what traded (``price`` and ``size``, if anything) and the quote."""

    at: datetime
    price: Decimal | None = None
    size: Decimal = Decimal(0)
    bid: Decimal | None = None
    ask: Decimal | None = None
    bid_size: Decimal = Decimal(0)
    ask_size: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        if min(self.size, self.bid_size, self.ask_size) < 0 or (self.size and self.price is None):
            raise UserInputError(
                f"The tick at {self.at} has a negative size, or a size and no price."
            )
        if self.bid is not None and self.ask is not None and self.bid >= self.ask:
            raise UserInputError(f"The tick at {self.at} bids {self.bid} and asks {self.ask}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """No trading in an instrument from ``start`` until ``end``."""

    instrument_id: str
    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if not self.start < self.end:
            raise UserInputError(
                f"The halt of {self.instrument_id} ends at {self.end}, not after {self.start}."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """An instrument at the venue on one day; it has a bar, or its ticks are given.

    ``multiplier`` turns price times quantity into money; quantities come in lots, prices of
    markets made from bars in steps. In its pauses nothing trades, as in a halt, but they are known
    before, so that a day made from a bar trades around them.
    """

    instrument_id: str
    currency: str
    opens_at: datetime
    closes_at: datetime
    price_step: Decimal = Decimal("0.01")
    lot_size: Decimal = Decimal(1)
    multiplier: Decimal = Decimal(1)
    pauses: tuple[tuple[datetime, datetime], ...] = ()
    bar: Bar | None = None
    ticks: tuple[Tick, ...] = ()

    def __post_init__(self) -> None:
        name = self.instrument_id
        if not self.opens_at < self.closes_at:
            raise UserInputError(
                f"{name} closes at {self.closes_at}, not after it opens at {self.opens_at}."
            )
        if min(self.price_step, self.lot_size, self.multiplier) <= 0:
            raise UserInputError(f"The price step, lot and multiplier of {name} are above 0.")
        if (self.bar is None) == (not self.ticks):
            raise UserInputError(f"{name} needs either a bar or ticks.")
        edges = [self.opens_at, *(edge for pause in self.pauses for edge in pause), self.closes_at]
        if edges != sorted(edges):
            raise UserInputError(f"The pauses of {name} are not in order within its session.")
        moments = [tick.at for tick in self.ticks]
        if moments != sorted(moments) or not all(
            self.opens_at <= moment <= self.closes_at for moment in moments
        ):
            raise UserInputError(f"The ticks of {name} are not in order within its session.")

    def whole_lots(self, quantity: Decimal) -> Decimal:
        """The largest tradable quantity that is not above this one."""
        return quantity // self.lot_size * self.lot_size


@dataclass(frozen=True, slots=True, kw_only=True)
class DayMarket:
    """All that happens on one day, whoever trades; the venue adds luck by its seed alone."""

    day: date
    listings: tuple[Listing, ...]
    halts: tuple[Halt, ...] = ()

    def __post_init__(self) -> None:
        names = {listing.instrument_id for listing in self.listings}
        if not names or len(names) != len(self.listings):
            raise UserInputError(f"The market of {self.day} lists nothing, or something twice.")
        for listing in self.listings:
            if {listing.opens_at.date(), listing.closes_at.date()} != {self.day}:
                raise UserInputError(
                    f"The session of {listing.instrument_id} is not on {self.day} (UTC)."
                )
        for halt in self.halts:
            if halt.instrument_id not in names:
                raise UserInputError(f"The halt of {halt.instrument_id} is of nothing listed.")

    @property
    def opens_at(self) -> datetime:
        return min(listing.opens_at for listing in self.listings).astimezone(UTC)

    @property
    def closes_at(self) -> datetime:
        return max(listing.closes_at for listing in self.listings).astimezone(UTC)
