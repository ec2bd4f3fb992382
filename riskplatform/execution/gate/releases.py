"""Releases of lines that repeated themselves too often, in the journal: who, when and why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from riskplatform.domain.orders import Side
from riskplatform.errors import UserInputError
from riskplatform.execution.gate.rules import RepeatRule
from riskplatform.execution.gate.throttles import Release, Repeated, released
from riskplatform.execution.order_journal import ORDERS
from riskplatform.store.ledger import Event, Journal

RELEASES = "gate_release"


def record_release(
    journal: Journal,
    portfolio_id: str,
    instrument_id: str,
    side: Side,
    *,
    person: str,
    reason: str,
    at: datetime,
    rule: RepeatRule,
) -> Release:
    """Let a line go on; the gate that stopped it hears of it when it is next asked.

    What is taken off its count are the orders in the journal that no release was for yet.
    """
    line = (portfolio_id, instrument_id, side.value)
    before = [each for each in releases(journal) if _line(each) == line]
    count = _orders(journal, line) - sum(each.after for each in before)
    found = released(line, count, person, reason, at, rule)
    if not count:
        raise UserInputError(
            f"{' '.join(line)} has not been traded since it was last released.",
            hint="There is nothing to release.",
        )
    event = Event(RELEASES, " ".join(line), len(before), found.to_dict())
    journal.append([event], actor=person, action="release a repeated line", reason=reason)
    return found


def releases(journal: Journal) -> list[Release]:
    """All that were given."""
    return [
        Release(**{**each.body, "at": datetime.fromisoformat(each.body["at"])})
        for each in journal.since(0, stream=RELEASES)
    ]


def release_reader(journal: Journal) -> Callable[[], list[Release]]:
    """What a gate asks once a line is stopped."""
    return lambda: releases(journal)


def _line(release: Release) -> Repeated:
    return release.portfolio_id, release.instrument_id, release.side


def _orders(journal: Journal, line: Repeated) -> int:
    """How many orders of a line were ever sent."""
    count = 0
    for each in journal.since(0, stream=ORDERS):
        if each.position == 0:
            order = each.body["order"]
            key = order["key"]
            count += (key["portfolio_id"], key["instrument_id"], order["side"]) == line
    return count
