"""Throttles: messages in a window of time, the same order twice, the same line again and again."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from riskplatform.domain.orders import Order
from riskplatform.errors import NotAllowedError, UserInputError
from riskplatform.execution.gate.rules import RepeatRule


class MessageRate:
    """How many messages went out in the last seconds."""

    def __init__(self) -> None:
        self._sent: deque[float] = deque()

    def note(self, at: float) -> None:
        self._sent.append(at)

    def within(self, at: float, seconds: float) -> int:
        """After ``at`` minus ``seconds``; what is older is forgotten for good."""
        sent = self._sent
        while sent and sent[0] <= at - seconds:
            sent.popleft()
        return len(sent)


class Recent:
    """When an order that looks the same was sent last."""

    def __init__(self) -> None:
        self._last: dict[tuple[object, ...], float] = {}

    def note(self, order: Order, at: float, seconds: float) -> None:
        """What is older than ``seconds`` is forgotten once there is much of it."""
        self._last[_looks(order)] = at
        if len(self._last) > _MANY:
            self._last = {looks: then for looks, then in self._last.items() if at - then < seconds}

    def age(self, order: Order, at: float) -> float | None:
        """Seconds since then."""
        last = self._last.get(_looks(order))
        return None if last is None else at - last


_MANY = 10_000


def _looks(order: Order) -> tuple[object, ...]:
    """What makes two orders the same trade, whatever they are called."""
    key = order.key
    return (
        key.portfolio_id, key.instrument_id, order.side, order.quantity, order.order_type,
        order.limit_price, order.stop_price,
    )  # fmt: skip


Repeated = tuple[str, str, str]
"""Portfolio, instrument, side."""


@dataclass(frozen=True, slots=True)
class Release:
    """A person let a line go on after it had repeated itself too often."""

    portfolio_id: str
    instrument_id: str
    side: str
    person: str
    reason: str
    at: datetime
    after: int

    def to_dict(self) -> dict[str, Any]:
        return {
            "portfolio_id": self.portfolio_id,
            "instrument_id": self.instrument_id,
            "side": self.side,
            "person": self.person,
            "reason": self.reason,
            "at": self.at.isoformat(),
            "after": self.after,
        }


class Repetitions:
    """How often a line was traded on one side since a person last looked. No day resets it.

    Orders may be told before the releases that came between them: a release takes off as many as
    it was for, whenever it is heard of, and once only.
    """

    def __init__(self) -> None:
        self._count: dict[Repeated, int] = defaultdict(int)
        self._heard: set[tuple[Repeated, datetime, str]] = set()

    def note(self, order: Order) -> None:
        self._count[repeated(order)] += 1

    def count(self, order: Order) -> int:
        return self._count.get(repeated(order), 0)

    def release(
        self, line: Repeated, person: str, reason: str, at: datetime, rule: RepeatRule
    ) -> Release:
        """Begin to count anew; only for a person who may, and who says why."""
        found = released(line, self._count.get(line, 0), person, reason, at, rule)
        self.hear(found)
        return found

    def hear(self, release: Release) -> None:
        """Of a release that was given, here or elsewhere."""
        line = (release.portfolio_id, release.instrument_id, release.side)
        known = (line, release.at, release.person)
        if known not in self._heard:
            self._heard.add(known)
            self._count[line] = self._count.get(line, 0) - release.after


def released(
    line: Repeated, count: int, person: str, reason: str, at: datetime, rule: RepeatRule
) -> Release:
    """A release of a line that was repeated so often, if the person may give it."""
    if person not in rule.released_by:
        some = ", ".join(rule.released_by) or "nobody"
        raise NotAllowedError(
            f"{person} may not release {' '.join(line)}.",
            hint=f"May release: {some} (repeats.released_by of the gate's rules).",
        )
    if not reason.strip():
        raise UserInputError("A release has a reason.", hint="Say why it may go on.")
    return Release(*line, person, reason, at, count)


def repeated(order: Order) -> Repeated:
    return order.key.portfolio_id, order.key.instrument_id, order.side.value
