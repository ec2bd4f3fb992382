"""Releases of lines that repeated themselves too often, in the journal: who, when and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from riskplatform.domain.orders import Side
from riskplatform.errors import UserInputError
from riskplatform.execution.gate.rules import RepeatRule
from riskplatform.execution.gate.throttles import Release, Repeated, Repetitions
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

    The count is what the journal tells, as the gate counts it.
    """
    line = (portfolio_id, instrument_id, side.value)
    repeats = Repetitions(rule)
    for at_second in _sent(journal, line):
        repeats.note(line, at_second)
    before = [each for each in releases(journal) if _line(each) == line]
    for each in before:
        repeats.hear(each)
    found = repeats.release(line, person, reason, at)
    if not found.after:
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


def _sent(journal: Journal, line: Repeated) -> Iterator[float]:
    """When the orders of a line were sent, in seconds."""
    for each in journal.since(0, stream=ORDERS):
        if each.position == 0:
            order = each.body["order"]
            key = order["key"]
            if (key["portfolio_id"], key["instrument_id"], order["side"]) == line:
                yield datetime.fromisoformat(each.body["at"]).timestamp()
