"""Checks of the order itself: is it approved, is it twice the same, is it too large or too much."""

from __future__ import annotations

from decimal import Decimal

from riskplatform.domain.orders import Side
from riskplatform.execution.gate.decision import Outcome
from riskplatform.execution.gate.order_book import OrderBook, crossing_price, line_of
from riskplatform.execution.gate.question import Question, failed, in_lots, passed
from riskplatform.execution.gate.rules import (
    DayRule,
    DuplicateRule,
    MessageRule,
    ParentRule,
    Plain,
    RepeatRule,
    RestrictedRule,
    SizeRule,
)
from riskplatform.execution.gate.throttles import MessageRate, Recent, Repetitions, repeated


def check_parent(asked: Question, rule: ParentRule, book: OrderBook) -> Outcome:
    """All children together never exceed what was approved, on its side and in its time."""
    line, parent, order = line_of(asked.order), asked.parent, asked.order
    if parent is None:
        reason = f"Nothing was approved of {asked.name} in {line[1]} under {line[0]}."
        return failed("parent", rule.mode, reason, subject=line[0])
    if not parent.approved_at <= asked.at < parent.expires_at:
        reason = f"Approval {line[0]} is in force until {parent.expires_at:%Y-%m-%d %H:%M} UTC."
        return failed("parent", rule.mode, reason, subject=line[0])
    if Side.of(parent.quantity) is not order.side:
        reason = f"Approval {line[0]} is to {Side.of(parent.quantity)} {asked.name}."
        return failed("parent", rule.mode, reason, subject=line[0])
    approved = abs(parent.quantity)
    room = approved - book.committed.get(line, Decimal(0))
    if asked.extra > room:
        reason = f"{max(room, Decimal(0)):f} of the {approved:f} approved under {line[0]} are left."
        return failed(
            "parent", rule.mode, reason, figure=float(asked.extra), bound=float(room),
            unit="units", subject=line[0], most=max(room, Decimal(0)),
        )  # fmt: skip
    return passed("parent", float(asked.extra), float(room), "units", subject=line[0])


def check_lots(asked: Question, rule: Plain) -> Outcome:
    """Whole lots; an odd one only as the last of what was approved."""
    if asked.instrument is None:
        return failed("lots", rule.mode, f"{asked.name} is not known.", subject=asked.name)
    lot, quantity = asked.instrument.lot_size, asked.order.quantity
    odd = quantity % lot
    is_whole = not odd or (asked.parent is not None and abs(asked.parent.quantity) % lot == odd)
    if not is_whole:
        reason = f"{quantity:f} {asked.name} are no whole lots of {lot:f}."
        return failed("lots", rule.mode, reason, figure=float(quantity), bound=float(lot))
    return passed("lots", float(quantity), float(lot), "units")


def check_restricted(asked: Question, rule: RestrictedRule, names: frozenset[str]) -> Outcome:
    """``names`` are the instruments and issuers of the list."""
    issuer = asked.instrument.tags.issuer_id if asked.instrument is not None else None
    if asked.name in names:
        return failed("restricted", rule.mode, f"{asked.name} is restricted.", subject=asked.name)
    if issuer in names and issuer is not None:
        reason = f"{asked.name} is restricted: its issuer {issuer} is."
        return failed("restricted", rule.mode, reason, subject=issuer)
    return passed("restricted")


def check_duplicate(
    asked: Question, rule: DuplicateRule, book: OrderBook, recent: Recent
) -> Outcome:
    """Not sent before under its own name, nor a moment ago under another."""
    name = asked.order_id
    if name in book.orders:
        return failed("duplicate", rule.mode, f"Order {name} was sent before.", subject=name)
    age = recent.age(asked.order, asked.second)
    if age is not None and age < rule.seconds:
        reason = (
            f"The same order was sent {age:,.2f} seconds ago under another name; "
            f"{rule.seconds:g} seconds must pass."
        )
        return failed(
            "duplicate", rule.mode, reason, figure=age, bound=rule.seconds, unit="seconds"
        )
    return passed("duplicate", age, rule.seconds, "seconds")


def check_self_cross(asked: Question, rule: Plain, book: OrderBook) -> Outcome:
    """It would not meet an open order of our own."""
    order = asked.order
    own = book.best_opposite(order)
    if own is None:
        return passed("self_cross")
    mine = crossing_price(order.order_type, order.side, order.limit_price)
    if (mine >= own) if order.side is Side.BUY else (mine <= own):
        word = "any price" if abs(own) == float("inf") else f"{own:,.6g}"
        reason = f"It could meet our own open order in {asked.name} at {word}."
        return failed("self_cross", rule.mode, reason, subject=asked.name)
    return passed("self_cross", mine, own, "price")


def check_messages(asked: Question, rule: MessageRule, rate: MessageRate) -> Outcome:
    count = rate.within(asked.second, rule.seconds) + 1
    if count > rule.at_most:
        reason = f"{rule.at_most} messages went out in the last {rule.seconds:g} seconds already."
        return failed(
            "messages", rule.mode, reason, figure=count, bound=rule.at_most, unit="messages"
        )
    return passed("messages", count, rule.at_most, "messages")


def check_repeats(asked: Question, rule: RepeatRule, repeats: Repetitions) -> Outcome:
    """Once the count is reached nothing but a person's release lets the line go on."""
    count = repeats.count(repeated(asked.order), asked.second) + 1
    if count > rule.at_most:
        some = ", ".join(rule.released_by) or "nobody yet"
        key = asked.order.key
        reason = (
            f"{asked.order.side} {key.instrument_id} in {key.portfolio_id} was repeated "
            f"{rule.at_most} times; it waits for a release by {some}."
        )
        return failed("repeats", rule.mode, reason, figure=count, bound=rule.at_most, unit="orders")
    return passed("repeats", count, rule.at_most, "orders")


def check_size(asked: Question, rule: SizeRule) -> Outcome:
    """The order alone, in units, money and days of volume: the cap that is used most is told."""
    if asked.old is not None and asked.order.quantity <= asked.old.quantity:
        return passed("size", float(asked.order.quantity), None, "units")
    units = float(asked.order.quantity)
    volume = asked.daily_volume
    return _capped(
        "size",
        asked,
        rule,
        [
            (units, rule.quantity, "units", 1.0),
            (units * asked.unit_notional, rule.notional, _MONEY, asked.unit_notional),
            (units, _part(rule.volume_share, volume), _VOLUME, 1.0),
        ],
        units,
    )


def check_day(asked: Question, rule: DayRule, book: OrderBook) -> Outcome:
    """The day with the order in it."""
    day, key, each = book.day, asked.order.key, asked.unit_notional
    extra = float(asked.extra)
    if extra <= 0.0:
        return passed("day", extra, None, "units")
    money = extra * each
    if rule.orders is not None and asked.old is None and day.orders + 1 > rule.orders:
        reason = f"{day.orders:,} orders were sent today; {rule.orders:,} at most."
        return failed(
            "day", rule.mode, reason, figure=day.orders + 1.0, bound=rule.orders, unit="orders"
        )
    in_portfolio = day.by_portfolio.get(key.portfolio_id, 0.0)
    of_instrument = day.by_instrument.get(key.instrument_id, 0.0)
    units = day.units.get(key.instrument_id, 0.0)
    in_units = _part(rule.volume_share, asked.daily_volume)
    return _capped(
        "day",
        asked,
        rule,
        [
            (day.notional + money, rule.notional, _MONEY, each),
            (in_portfolio + money, rule.portfolio_notional, f"{_MONEY} in the portfolio", each),
            (of_instrument + money, rule.instrument_notional, f"{_MONEY} of it", each),
            (units + extra, in_units, _VOLUME, 1.0),
        ],
        extra,
    )


_MONEY, _VOLUME = "of base currency", "units, against the daily volume"
_Cap = tuple[float, float | None, str, float]
"""Figure, bound, unit, and by how much one unit of the order moves the figure."""


def _capped(
    check: str, asked: Question, rule: SizeRule | DayRule, caps: list[_Cap], units: float
) -> Outcome:
    is_known = asked.unit_notional == asked.unit_notional
    if not is_known and any(each is not None for each in _money_caps(rule)):
        reason = f"What a unit of {asked.name} is worth is not known."
        return failed(check, rule.mode, reason, subject=asked.name)
    used, most = -1.0, units
    told: _Cap | None = None
    for cap in caps:
        figure, bound, unit, per_unit = cap
        if bound is None:
            continue
        if figure > bound and per_unit > 0.0:
            most = min(most, units - (figure - bound) / per_unit)
        # What adds nothing to a figure is not held up by it.
        share = figure / bound if per_unit > 0.0 else 0.0
        if share > used:
            used, told = share, cap
    if told is None or used <= 1.0:
        return passed(check) if told is None else passed(check, *told[:3])
    lot = asked.instrument.lot_size if asked.instrument is not None else Decimal(1)
    of = "order" if check == "size" else "day"
    figure, bound, unit, _ = told
    reason = f"{figure:,.0f} {unit}: {bound:,.0f} at most in one {of}."
    return failed(
        check, rule.mode, reason, figure=figure, bound=bound, unit=unit,
        subject=asked.name, most=in_lots(most, lot),
    )  # fmt: skip


def _money_caps(rule: SizeRule | DayRule) -> tuple[float | None, ...]:
    if isinstance(rule, SizeRule):
        return (rule.notional,)
    return rule.notional, rule.portfolio_notional, rule.instrument_notional


def _part(share: float | None, volume: float) -> float | None:
    """Of a daily volume, where one is known."""
    return share * volume if share is not None and volume > 0.0 else None
