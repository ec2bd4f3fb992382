"""Begins a paper venue in a folder, or goes on with the one that is there."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskplatform.domain.codec import from_terms
from riskplatform.errors import RiskPlatformError, UserInputError
from riskplatform.execution.gateways.paper import PaperGateway
from riskplatform.execution.paper.handshake import DATABASE_FILE
from riskplatform.execution.paper.rules import VenueRules
from riskplatform.execution.paper.server import create_venue, lock_of
from riskplatform.execution.paper.service import PaperService
from riskplatform.execution.paper.store import VenueStore
from riskplatform.project.strict_yaml import read_document

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk
    from riskplatform.domain.outcome import Coverage


def rules_of(file: Path) -> VenueRules:
    """The rules of a venue from a YAML file; what is wrong names the file and the line."""
    document = read_document(file)
    try:
        return from_terms(VenueRules, document.data)
    except RiskPlatformError as error:
        line = next((key for key in document.data if str(key) in error.message), None)
        where = () if line is None else (line,)
        raise document.error(error.message, *where, hint=error.hint) from error


def begin(
    desk: Desk,
    folder: Path,
    *,
    day: date | None,
    seed: int | None,
    rules: VenueRules | None,
    at: time | None,
) -> tuple[dict[str, Any], Coverage | None]:
    """Make the venue if there is none, open the day if it is new, move the time to ``at``.

    What the venue says of itself, and the coverage of a day that was opened.
    """
    file = folder / DATABASE_FILE
    if not file.exists():
        create_venue(folder, rules or VenueRules(), seed=seed or 0)
    with lock_of(folder), closing(PaperService(VenueStore.open(file))) as service:
        _check_same(service, folder, seed, rules)
        gateway = PaperGateway.within(service)
        coverage = _open(desk, gateway, service, day)
        if at is not None and service.venue.market is not None:
            gateway.advance(datetime.combine(service.venue.market.day, at, UTC))
        return dict(gateway.facts()), coverage


def _check_same(
    service: PaperService, folder: Path, seed: int | None, rules: VenueRules | None
) -> None:
    """A venue keeps its rules and its luck, or its past would no longer follow from them."""
    venue = service.venue
    if seed not in (None, venue.seed) or rules not in (None, venue.rules):
        raise UserInputError(
            f"The paper venue in {folder} has other rules, or another seed ({venue.seed}).",
            hint="Leave --seed and --rules out to go on with it, or name a new --folder.",
        )


def _open(
    desk: Desk, gateway: PaperGateway, service: PaperService, day: date | None
) -> Coverage | None:
    """Open ``day`` unless it is the one that is open; what is left of an earlier one passes."""
    venue = service.venue
    wanted = desk.as_of(day) if day is not None or venue.market is None else venue.market.day
    if venue.market is not None and venue.market.day == wanted:
        return None
    if venue.market is not None and wanted > venue.market.day:
        gateway.advance(max(venue.market.closes_at, gateway.now()))
    found = desk.paper_market(wanted, rules=venue.rules, seed=venue.seed)
    gateway.open_day(found.market)
    return found.coverage
