"""Which quantities a line may have after trading in whole lots, and the nearest of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class LotGrid:
    """The quantity held now plus or minus whole lots, between ``low`` and ``high``.

    A trade has at least ``least`` units, and what is held at least ``dust``; nothing is exempt from
    both: a line may always be closed, odd lots and all. ``may_stay`` says whether no trade at all
    is allowed, which it is not for dust that can be sold.
    """

    held: Decimal
    lot: Decimal
    low: Decimal | None = None
    high: Decimal | None = None
    least: Decimal = ZERO
    dust: Decimal = ZERO
    may_stay: bool = True

    def holds(self, quantity: Decimal) -> bool:
        """Whether this quantity is allowed."""
        if self._is_outside(quantity):
            return False
        if quantity == ZERO:
            return True
        if quantity == self.held:
            return self.may_stay
        return (
            (quantity - self.held) % self.lot == ZERO
            and abs(quantity - self.held) >= self.least
            and abs(quantity) >= self.dust
        )

    def at_least(self, wanted: Decimal) -> Decimal | None:
        """The smallest allowed quantity from ``wanted`` on; None where there is none."""
        start = wanted if self.low is None else max(wanted, self.low)
        found = self._first(self._stepped(start))
        return self._least(found, *(each for each in (ZERO, self.held) if each >= wanted))

    def at_most(self, wanted: Decimal) -> Decimal | None:
        """The largest allowed quantity up to ``wanted``; None where there is none."""
        found = self._mirrored().at_least(-wanted)
        return None if found is None else -found

    def above(self, quantity: Decimal) -> Decimal | None:
        """The smallest allowed quantity that is more than this one."""
        place = self._stepped(quantity)
        found = self._first(place + self.lot if place == quantity else place)
        return self._least(found, *(each for each in (ZERO, self.held) if each > quantity))

    def below(self, quantity: Decimal) -> Decimal | None:
        """The largest allowed quantity that is less than this one."""
        found = self._mirrored().above(-quantity)
        return None if found is None else -found

    def nearest(self, wanted: Decimal) -> Decimal:
        """The allowed quantity next to ``wanted``; of two as near, that with the lesser trade."""
        found = [each for each in (self.at_most(wanted), self.at_least(wanted)) if each is not None]
        return min(found, key=lambda each: (abs(each - wanted), abs(each - self.held)))

    def _first(self, place: Decimal) -> Decimal:
        """The first step from ``place`` on that is in no gap."""
        # Each of the two gaps, around what is held and around nothing, is jumped at most twice.
        for _ in range(4):
            if self.held - self.least < place < self.held + self.least:
                place = self._stepped(self.held + self.least)
            elif -self.dust < place < self.dust:
                place = self._stepped(self.dust)
        return place

    def _least(self, *places: Decimal) -> Decimal | None:
        return min((each for each in places if self.holds(each)), default=None)

    def _is_outside(self, quantity: Decimal) -> bool:
        below = self.low is not None and quantity < self.low
        return below or (self.high is not None and quantity > self.high)

    def _stepped(self, wanted: Decimal) -> Decimal:
        steps = ((wanted - self.held) / self.lot).to_integral_value(ROUND_CEILING)
        return self.held + steps * self.lot

    def _mirrored(self) -> LotGrid:
        low = None if self.high is None else -self.high
        high = None if self.low is None else -self.low
        return replace(self, held=-self.held, low=low, high=high)
