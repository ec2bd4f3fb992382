"""From target values to trades in whole lots, without spending cash that is not there.

Each line goes to the allowed quantity nearest to its target. Where the cash does not reach for
that, everything that is to be bought is cut by the same share, as far as needed and no further,
and what rounding leaves over goes, lot by lot, to the line that is furthest from its target.
Sales are never cut, and what they bring counts as cash: settlement is the broker's affair.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

from riskplatform.domain.codec import to_terms
from riskplatform.domain.outcome import Coverage, Failure, FailureReason
from riskplatform.domain.provenance import Provenance
from riskplatform.errors import UserInputError
from riskplatform.market.content import content_hash
from riskplatform.optimisation.lot_grid import ZERO, LotGrid
from riskplatform.optimisation.lot_result import LotTrade, WholeLots

ONE = Decimal(1)
# Wide enough that no product of a ledger's quantity with a price is rounded.
_DIGITS = 60
_HALVINGS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class LotLine:
    """A line that is to have the value ``target``; all money is in the base currency.

    ``unit_value`` is price × multiplier × exchange rate of one unit, None where there is no price.
    ``cash_per_unit`` is what a unit costs, the unit value where nothing is said and 0 of a future.
    ``least_trade`` is the value of the smallest trade worth doing, ``cost_rate`` what trading costs
    of the value traded.
    """

    instrument_id: str
    target: Decimal
    unit_value: Decimal | None
    quantity: Decimal = ZERO
    lot: Decimal = ONE
    least_trade: Decimal = ZERO
    cash_per_unit: Decimal | None = None
    cost_rate: Decimal = ZERO

    def __post_init__(self) -> None:
        for name in ("least_trade", "cost_rate", "cash_per_unit"):
            _check_from_zero(f"{self.instrument_id}: {name}", getattr(self, name))
        if not (self.lot.is_finite() and self.lot > ZERO):
            raise UserInputError(f"{self.instrument_id}: the lot is {self.lot}; give one above 0.")
        if not (self.target.is_finite() and self.quantity.is_finite()):
            message = f"{self.instrument_id}: target {self.target}, quantity {self.quantity}."
            raise UserInputError(message, hint="Give finite numbers.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LotRules:
    """``cash_kept`` is what must be left of the cash, None where the book may borrow at will.

    Of ``restricted`` instruments nothing is bought beyond flat. Without ``allow_shorts`` no more is
    sold than is held. A line that would be worth less than ``dust`` afterwards is closed.
    """

    cash_kept: Decimal | None = ZERO
    allow_shorts: bool = False
    restricted: frozenset[str] = frozenset()
    dust: Decimal = ZERO

    def __post_init__(self) -> None:
        _check_from_zero("dust", self.dust)


def whole_lots(
    lines: Sequence[LotLine],
    cash: Decimal,
    rules: LotRules | None = None,
    *,
    as_of: date,
    base_currency: str,
) -> WholeLots:
    """Trades in whole lots. A line without a usable price does not trade, and coverage says so.

    Where sales do not bring the cash back to what must be kept, nothing at all is bought.
    """
    rules = rules or LotRules()
    names = [line.instrument_id for line in lines]
    if len(set(names)) != len(names):
        raise UserInputError("An instrument appears twice.", hint="Give one line for each.")
    with localcontext() as context:
        context.prec = _DIGITS
        sized, failures = _sized(lines, rules)
        share = ONE
        if rules.cash_kept is not None:
            share = _within(sized, cash - rules.cash_kept)
        traded = tuple(line.result(share < ONE) for line in sized)
    given: dict[str, Any] = {"lines": to_terms(list(lines)), "cash": to_terms(cash)}
    restricted = sorted(rules.restricted)
    terms = [to_terms(rules.cash_kept), rules.allow_shorts, restricted, to_terms(rules.dust)]
    return WholeLots(
        lines=traded,
        cash_before=cash,
        cash_kept=rules.cash_kept,
        bought_share=share,
        provenance=Provenance(
            as_of=as_of,
            base_currency=base_currency,
            model_id="whole-lots",
            inputs={"lines": content_hash(given)[:16], "rules": content_hash(terms)[:16]},
            coverage=Coverage(len(sized), failures),
        ),
    )


def target_values(weights: Mapping[str, float], value: Decimal) -> dict[str, Decimal]:
    """Weights of a node's value as money, in its cents' hundredths."""
    cent = Decimal("0.0001")
    return {name: (Decimal(repr(float(w))) * value).quantize(cent) for name, w in weights.items()}


class _Sized:
    """A line with its grid while it is being decided on."""

    def __init__(self, line: LotLine, unit_value: Decimal, rules: LotRules) -> None:
        self.line = line
        self.unit_value = unit_value
        self.cash_per_unit = unit_value if line.cash_per_unit is None else line.cash_per_unit
        self.cost_per_unit = unit_value * line.cost_rate
        self.wanted = line.target / unit_value
        held, dust = line.quantity, rules.dust / unit_value
        self.grid = LotGrid(
            held=held,
            lot=line.lot,
            low=None if rules.allow_shorts else min(held, ZERO),
            high=max(held, ZERO) if line.instrument_id in rules.restricted else None,
            least=line.least_trade / unit_value,
            dust=dust,
            # Buying back dust that is short needs cash: that is never forced.
            may_stay=held <= ZERO or held >= dust,
        )
        self.best = self.after = self.grid.nearest(self.wanted)

    @property
    def is_spending(self) -> bool:
        """Whether it needs cash: of a future also a sale does, for its costs."""
        return self.spent(self.best) > ZERO

    def at_share(self, share: Decimal) -> Decimal:
        """The allowed quantity nearest to this share of the way to the target."""
        held = self.line.quantity
        if not share:
            return held if self.grid.may_stay else ZERO
        return self.grid.nearest(held + share * (self.wanted - held))

    def next_after(self) -> Decimal | None:
        """One step further to the best, or None at it."""
        if self.after < self.best:
            return self.grid.above(self.after)
        return self.grid.below(self.after) if self.after > self.best else None

    def spent(self, after: Decimal) -> Decimal:
        """Cash needed to get there, costs included; negative where cash comes in."""
        trade = after - self.line.quantity
        return trade * self.cash_per_unit + abs(trade) * self.cost_per_unit

    def missing(self) -> Decimal:
        return abs(self.wanted - self.after) * self.unit_value

    def result(self, is_short_of_cash: bool) -> LotTrade:
        trade = self.after - self.line.quantity
        return LotTrade(
            instrument_id=self.line.instrument_id,
            before=self.line.quantity,
            quantity=trade,
            unit_value=self.unit_value,
            target=self.line.target,
            cash=ZERO - trade * self.cash_per_unit,
            cost=abs(trade) * self.cost_per_unit,
            held_back=self._held_back(is_short_of_cash),
        )

    def _held_back(self, is_short_of_cash: bool) -> str:
        if is_short_of_cash and self.after != self.best:
            return "cash"
        if abs(self.wanted - self.after) < self.line.lot:
            return ""
        if self.grid.high is not None and self.wanted > self.grid.high:
            return "restricted list"
        if self.grid.low is not None and self.wanted < self.grid.low:
            return "no short sales"
        return "dust" if ZERO < abs(self.wanted) < self.grid.dust else "smallest trade"


def _sized(lines: Iterable[LotLine], rules: LotRules) -> tuple[list[_Sized], tuple[Failure, ...]]:
    sized, failures = [], []
    for line in lines:
        value = line.unit_value
        if value is None or not value.is_finite():
            message = f"{line.instrument_id} has no price, so no quantity has its target value."
            failures.append(Failure(FailureReason.MISSING_DATA, message, line.instrument_id))
        elif value <= ZERO:
            message = f"A unit of {line.instrument_id} is worth {value}: it has no size by value."
            failures.append(Failure(FailureReason.NOT_SUPPORTED, message, line.instrument_id))
        else:
            sized.append(_Sized(line, value, rules))
    return sized, tuple(failures)


def _within(sized: Sequence[_Sized], cash: Decimal) -> Decimal:
    """Cuts what needs cash until the cash is enough; the share of it that is left."""
    spending = [line for line in sized if line.is_spending]
    budget = cash - sum((line.spent(line.after) for line in sized if not line.is_spending), ZERO)

    def cost_at(share: Decimal) -> Decimal:
        return sum((line.spent(line.at_share(share)) for line in spending), ZERO)

    if cost_at(ONE) <= budget or not spending:
        return ONE
    low, high = ZERO, ONE
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if cost_at(middle) <= budget:
            low = middle
        else:
            high = middle
    for line in spending:
        line.after = line.at_share(low)
    _fill(spending, budget - cost_at(low))
    return low


def _fill(spending: Sequence[_Sized], left: Decimal) -> None:
    """What is left of the cash, to whatever is furthest from its target, while a lot fits."""
    waiting = [(-line.missing(), place) for place, line in enumerate(spending)]
    heapq.heapify(waiting)
    while waiting:
        _, place = heapq.heappop(waiting)
        line = spending[place]
        after = line.next_after()
        if after is None:
            continue
        price = line.spent(after) - line.spent(line.after)
        if price > left:
            continue
        left -= price
        line.after = after
        heapq.heappush(waiting, (-line.missing(), place))


def _check_from_zero(name: str, value: Decimal | None) -> None:
    if value is not None and not (value.is_finite() and value >= ZERO):
        raise UserInputError(f"{name} is {value}.", hint="Give a number from 0 on.")
