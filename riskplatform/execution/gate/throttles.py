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
    """How often a line was traded on one side within some hours since a person last looked.

    Once it was as often as allowed, it is stopped: no time heals that, only a release does.
    Orders may be told before the releases that came between them, as when a day is told again.
    """

    def __init__(self, rule: RepeatRule) -> None:
        self.rule = rule
        self._times: dict[Repeated, deque[float]] = defaultdict(deque)
        self._released: dict[Repeated, float] = {}
        self._stopped: set[Repeated] = set()

    def note(self, line: Repeated, at: float) -> None:
        if at <= self._released.get(line, float("-inf")):
            return
        times = self._times[line]
        if line not in self._stopped:
            self._forget(times, at)
        times.append(at)
        if len(times) >= self.rule.at_most:
            self._stopped.add(line)

    def count(self, line: Repeated, at: float) -> int:
        times = self._times.get(line)
        if not times:
            return 0
        if line not in self._stopped:
            self._forget(times, at)
        return len(times)

    def release(self, line: Repeated, person: str, reason: str, at: datetime) -> Release:
        """Begin to count anew; only for a person who may, and who says why."""
        rule = self.rule
        if person not in rule.released_by:
            some = ", ".join(rule.released_by) or "nobody"
            raise NotAllowedError(
                f"{person} may not release {' '.join(line)}.",
                hint=f"May release: {some} (repeats.released_by of the gate's rules).",
            )
        if not reason.strip():
            raise UserInputError("A release has a reason.", hint="Say why it may go on.")
        found = Release(*line, person, reason, at, self.count(line, at.timestamp()))
        self.hear(found)
        return found

    def hear(self, release: Release) -> None:
        """Of a release that was given, here or elsewhere: what came before it counts no more."""
        line = (release.portfolio_id, release.instrument_id, release.side)
        at = release.at.timestamp()
        if at <= self._released.get(line, float("-inf")):
            return
        self._released[line] = at
        self._stopped.discard(line)
        for time in self._times.pop(line, ()):
            self.note(line, time)

    def _forget(self, times: deque[float], at: float) -> None:
        while times and times[0] <= at - self.rule.hours * 3_600.0:
            times.popleft()


def repeated(order: Order) -> Repeated:
    return order.key.portfolio_id, order.key.instrument_id, order.side.value
