"""Verbs of the paper venue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskplatform.desk.core import DeskCore

if TYPE_CHECKING:
    from riskplatform.desk.paper_market import PaperMarket
    from riskplatform.domain.outcome import Coverage
    from riskplatform.execution.gateways.paper import PaperGateway
    from riskplatform.execution.paper.rules import VenueRules


class PaperVerbs(DeskCore):
    """Where it trades while nothing is at stake."""

    def paper_folder(self, folder: Path | None = None) -> Path:
        """Where this desk's paper venue keeps its state, unless told otherwise."""
        return folder or self.settings.path("data/paper")

    def paper_market(
        self, as_of: date | None = None, *, rules: VenueRules | None = None, seed: int = 0
    ) -> PaperMarket:
        """A day of the lake as a market for the paper venue, the same for the same seed."""
        from riskplatform.desk.paper_market import paper_market
        from riskplatform.execution.paper.rules import VenueRules

        return paper_market(self._me, self.as_of(as_of), rules or VenueRules(), seed)

    def begin_paper_venue(
        self,
        folder: Path | None = None,
        *,
        day: date | None = None,
        seed: int | None = None,
        rules: Path | VenueRules | None = None,
        at: time | None = None,
    ) -> tuple[dict[str, Any], Coverage | None]:
        """Make the venue or go on with it, and open ``day``; it is not yet served.

        What it says of itself, and the coverage of the day if it was opened now.
        """
        from riskplatform.desk.paper_venue import begin, rules_of

        read = rules_of(rules) if isinstance(rules, Path) else rules
        place = self.paper_folder(folder)
        return begin(self._me, place, day=day, seed=seed, rules=read, at=at)

    def serve_paper_venue(
        self,
        folder: Path | None = None,
        *,
        speed: float = 1.0,
        listening: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Serve it until SIGTERM or Ctrl-C; ``listening`` is told the port."""
        from riskplatform.execution.paper.server import serve

        serve(self.paper_folder(folder), speed=speed, listening=listening)

    def paper_gateway(self, folder: Path | None = None) -> PaperGateway:
        """A client of the venue that is served from ``folder``."""
        from riskplatform.execution.gateways.paper import PaperGateway

        return PaperGateway.connect(self.paper_folder(folder))
