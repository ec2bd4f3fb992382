"""Halts by chance: some instruments stop trading for some minutes of some days."""

from __future__ import annotations

from datetime import timedelta

from riskplatform.execution.paper.chance import uniform
from riskplatform.execution.paper.market import Halt, Listing
from riskplatform.execution.paper.rules import VenueRules


def halts_of(listing: Listing, rules: VenueRules, seed: int) -> tuple[Halt, ...]:
    """The halt of a listing's day, if luck has one; it ends with the session at the latest."""
    name, day = listing.instrument_id, listing.opens_at.date().isoformat()
    if uniform(seed, "halt", day, name) >= rules.halt_probability:
        return ()
    session = listing.closes_at - listing.opens_at
    start = listing.opens_at + session * uniform(seed, "halt begins", day, name)
    end = min(start + timedelta(minutes=rules.halt_minutes), listing.closes_at)
    return (Halt(instrument_id=name, start=start, end=end),) if start < end else ()
