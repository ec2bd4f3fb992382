"""What one side of the market shows to those who take it, level by level."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal

from riskplatform.domain.orders import Side
from riskplatform.execution.paper.market import Listing, Tick
from riskplatform.execution.paper.rules import VenueRules
from riskplatform.execution.paper.working import Working


class Depth:
    """The asks for a buyer, the bids for a seller. What is taken is gone until the next tick."""

    def __init__(self, side: Side, tick: Tick, listing: Listing, rules: VenueRules) -> None:
        self.touch = tick.ask if side is Side.BUY else tick.bid
        self._size = tick.ask_size if side is Side.BUY else tick.bid_size
        self._levels = rules.levels
        self._level = 0
        self._left = self._size
        self._listing = listing
        self._worse = side.sign * impact_step(self.touch, listing, rules)

    def take(self, working: Working) -> Iterator[tuple[Decimal, Decimal]]:
        """Price and quantity of each level that the order takes from, the nearest first."""
        while self.touch is not None and working.left and self._level < self._levels:
            price = self.touch + self._level * self._worse
            if not working.takes(price):
                return
            quantity = self._listing.whole_lots(min(working.left, self._left))
            if quantity:
                self._left -= quantity
                yield price, quantity
            else:
                self._level += 1
                self._left = self._size


def impact_step(touch: Decimal | None, listing: Listing, rules: VenueRules) -> Decimal:
    """By how much each further level is worse: whole price steps, at least one."""
    asked = rules.impact_bp * abs(touch or Decimal(0)) / 10_000
    steps = (asked / listing.price_step).to_integral_value(ROUND_CEILING)
    return max(steps, Decimal(1)) * listing.price_step
