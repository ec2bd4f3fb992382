"""Checks against the market: is it open, is the quote fresh, is the price near it."""

from __future__ import annotations

from datetime import datetime

from riskplatform.domain.orders import OrderType, Side
from riskplatform.errors import RiskPlatformError
from riskplatform.execution.gate.decision import Outcome
from riskplatform.execution.gate.market_now import MarketNow, price_of
from riskplatform.execution.gate.question import Question, failed, passed
from riskplatform.execution.gate.rules import CollarRule, FreshRule, PeriodRule, Plain
from riskplatform.market.trading_hours import next_session, session_at

_BP = 1e4


class Hours:
    """Of every calendar, the span that was open when it was last asked."""

    def __init__(self) -> None:
        self._spans: dict[str, tuple[datetime, datetime]] = {}

    def closes(self, calendar: str, at: datetime) -> datetime | None:
        """When the market, open now, closes; None while it is shut."""
        span = self._spans.get(calendar)
        if span is not None and span[0] <= at < span[1]:
            return span[1]
        session = session_at(calendar, at)
        if session is None:
            return None
        span = next(each for each in session.spans if each[0] <= at < each[1])
        self._spans[calendar] = span
        return span[1]


def check_session(asked: Question, rule: Plain, hours: Hours) -> Outcome:
    """The market of the instrument is open and does not halt it."""
    instrument = asked.instrument
    if asked.seen is not None and asked.seen.is_halted:
        return failed("session", rule.mode, f"{asked.name} is halted.", subject=asked.name)
    if instrument is None:
        return failed("session", rule.mode, f"{asked.name} is not known.", subject=asked.name)
    calendar, reason = instrument.calendar, ""
    try:
        closes = hours.closes(calendar, asked.at)
        if closes is None:
            opens = next_session(calendar, asked.at).opens
            reason = f"{calendar} is closed; it opens {opens:%Y-%m-%d %H:%M} UTC."
    except RiskPlatformError as error:
        # A calendar that nobody knows, or that ends before: whether it is open is not known.
        closes, reason = None, f"The hours of {asked.name} are not known: {error}"
    if closes is None:
        return failed("session", rule.mode, reason, subject=calendar)
    left = closes.timestamp() - asked.second
    return passed("session", left, 0.0, "seconds to the close", subject=calendar)


def check_fresh(asked: Question, rule: FreshRule) -> Outcome:
    """There is a quote, not older than allowed and not from a time to come."""
    if asked.seen is None or asked.seen.middle is None:
        return failed("fresh", rule.mode, f"{asked.name} has no quote.", subject=asked.name)
    age, unit = asked.second - asked.seen.at, "seconds"
    if age > rule.seconds:
        reason = f"The quote of {asked.name} is {age:,.1f} seconds old; {rule.seconds:g} at most."
    elif -age > rule.ahead_seconds:
        reason = f"The quote of {asked.name} is {-age:,.1f} seconds ahead of our clock."
    else:
        return passed("fresh", age, rule.seconds, unit)
    return failed(
        "fresh", rule.mode, reason, figure=age, bound=rule.seconds, unit=unit, subject=asked.name
    )


def check_collar(asked: Question, rule: CollarRule) -> Outcome:
    """The order's price is near the market's middle, and that near the price decided on."""
    seen = asked.seen
    price = None if seen is None else price_of(asked.order, seen)
    if seen is None or not seen.middle or price is None:
        return failed("collar", rule.mode, f"{asked.name} has no price.", subject=asked.name)
    middle, sign = seen.middle, asked.order.side.sign
    away = sign * (price - middle) / abs(middle) * _BP
    is_stop = asked.order.order_type is OrderType.STOP
    if away > rule.away_bp and not is_stop:
        reason = f"{price:,.6g} is {away:,.0f} bp beyond the market's {middle:,.6g}."
        return _off(rule, reason, away, rule.away_bp)
    if rule.passive_bp is not None and abs(away) > rule.passive_bp:
        reason = f"{price:,.6g} is {abs(away):,.0f} bp from the market's {middle:,.6g}."
        return _off(rule, reason, abs(away), rule.passive_bp)
    decided = asked.parent.reference_price if asked.parent is not None else 0.0
    if rule.decision_bp is not None and decided:
        moved = abs(middle - decided) / abs(decided) * _BP
        if moved > rule.decision_bp:
            reason = (
                f"The market, {middle:,.6g}, is {moved:,.0f} bp from {decided:,.6g}, the price "
                "that the decision was made on."
            )
            return _off(rule, reason, moved, rule.decision_bp)
    return passed("collar", away, rule.away_bp, "bp")


def _off(rule: CollarRule, reason: str, figure: float, bound: float) -> Outcome:
    return failed("collar", rule.mode, reason, figure=figure, bound=bound, unit="bp")


def check_period(asked: Question, rule: PeriodRule, market: MarketNow) -> Outcome:
    """The order does not follow a price that has run away within the period."""
    name, seen = asked.name, asked.seen
    is_buy = asked.order.side is Side.BUY
    edge = (market.lowest if is_buy else market.highest)(name, asked.second)
    price = None if seen is None else price_of(asked.order, seen)
    if not edge or price is None:
        return failed("period_collar", rule.mode, f"{name} has no price.", subject=name)
    away = asked.order.side.sign * (price - edge) / abs(edge) * _BP
    if away > rule.away_bp:
        word = "above the lowest" if is_buy else "below the highest"
        reason = (
            f"{price:,.6g} is {away:,.0f} bp {word} middle of the last {rule.seconds:g} "
            f"seconds, {edge:,.6g}."
        )
        return failed(
            "period_collar", rule.mode, reason, figure=away, bound=rule.away_bp, unit="bp"
        )
    return passed("period_collar", away, rule.away_bp, "bp")
