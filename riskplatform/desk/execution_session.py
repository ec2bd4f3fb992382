"""One run of execution: approved targets in, plans, orders, fills, until nothing is left to do.

The paper venue has its own time. What is left of an approval's validity counts in it, from the
moment at which its targets are taken.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from riskplatform.desk.executing import (
    accrued_of,
    approve,
    breakers_of,
    controls_of,
    execution_lock,
    gate_of,
    rates_of,
)
from riskplatform.desk.execution_costs import Profiles, costs_of, markets_of
from riskplatform.domain.instruments import Instrument
from riskplatform.domain.targets import ApprovedTargets, TargetTrade
from riskplatform.errors import RiskPlatformError, UserInputError
from riskplatform.execution.algos import Schedule, Task, pov, shortfall, twap, vwap
from riskplatform.execution.engine import Engine
from riskplatform.execution.engine_rules import EngineRules, Turn
from riskplatform.execution.market_journal import record_closes
from riskplatform.execution.parents import Parent
from riskplatform.execution.recovery import match_day, record
from riskplatform.execution.venue_time import VenueTime
from riskplatform.market.trading_hours import next_session

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk
    from riskplatform.execution.gateways.paper import PaperGateway
    from riskplatform.execution.reconciliation import StatementMatch
    from riskplatform.risk.limits import LimitBook

ALGORITHMS: dict[str, Callable[[Task], Schedule]] = {"twap": twap, "vwap": vwap, "pov": pov}
SHORTFALL = "shortfall"
_IDLE_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChoice:
    """How approved trades are spread over time: over how many hours, from now or from when their
    market opens, in parts of how many minutes.

    ``participation`` is the most of the volume expected; without one, all of a trade is planned.
    ``aversion`` weighs the variance of the cost where the algorithm is ``shortfall``, per unit of
    base currency. ``bars`` is a file of past bars from which the volume of a day is learnt.
    """

    algorithm: str = "twap"
    hours: float = 1.0
    minutes: float = 5.0
    participation: float | None = 0.1
    randomness: float = 0.0
    seed: int = 0
    aversion: float = 1e-6
    bars: Path | None = None

    def __post_init__(self) -> None:
        known = (*ALGORITHMS, SHORTFALL)
        if self.algorithm not in known:
            raise UserInputError(
                f"There is no algorithm {self.algorithm!r} here.",
                hint=f"Accepted: {', '.join(known)}.",
            )
        if not self.aversion >= 0:
            raise UserInputError(f"The aversion is {self.aversion:g}.", hint="Give 0 or more.")
        if self.algorithm == "pov" and self.participation is None:
            raise UserInputError("A share of the volume needs a participation.")
        if not self.hours > 0 or not self.minutes > 0:
            raise UserInputError("A plan takes some time: give hours and minutes above 0.")


@dataclass(frozen=True)
class Taken:
    """The plans that were made of approved targets, and what is not planned of them, and why."""

    parents: tuple[Parent, ...]
    left_out: tuple[tuple[str, str], ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "parents": [parent.to_dict() for parent in self.parents],
            "left_out": [{"line": line, "reason": reason} for line, reason in self.left_out],
        }


class ExecutionSession:
    """The engine of a desk at its paper venue; one at a time, which a lock sees to."""

    def __init__(
        self,
        desk: Desk,
        gateway: PaperGateway,
        limits: LimitBook,
        *,
        choice: PlanChoice | None = None,
        rules: EngineRules | None = None,
    ) -> None:
        self.desk, self.gateway, self._limits = desk, gateway, limits
        self.choice = choice or PlanChoice()
        self._profiles = Profiles(self.choice.bars)
        self.instruments: dict[str, Instrument] = desk.instruments()
        market = desk.market(limits.book.as_of)
        self.gate = gate_of(desk, limits, self.instruments)
        self.clock = VenueTime(gateway, gateway.now())
        self.engine = Engine(
            ledger=desk.ledger,
            gateway=gateway,
            gate=self.gate,
            controls=controls_of(desk),
            instruments=self.instruments,
            clock=self.clock,
            rates=rates_of(desk, market),
            rules=rules,
            breakers=breakers_of(desk),
            accrued_per_unit=accrued_of(market),
        )
        self._lock = execution_lock(desk)

    def __enter__(self) -> Self:
        """Alone from here on; what earlier runs left is known to engine and gate."""
        self._lock.acquire()
        self.engine.start()
        for parent in self.engine.blotter.parents.values():
            approve(self.gate, parent)
        # The book of risk holds the fills of earlier runs already: only what is open is added.
        self.gate.on_book(self._limits)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.release()
        self.gateway.close()

    def take(self) -> Taken:
        """Take what is approved and plan it; taking and planning stand or fall together."""
        parents: list[Parent] = []
        left_out: list[tuple[str, str]] = []
        for found in self.desk.targets():
            with self.desk.ledger.transaction():
                targets = self.desk.take_targets(found.proposal_id)
                planned, without = self._plan(targets)
                self.engine.plan(planned)
            for parent in planned:
                approve(self.gate, parent)
            parents += planned
            left_out += without
        # Only now: what was not committed is no plan.
        self.engine.hand_in(parents)
        return Taken(tuple(parents), tuple(left_out))

    def turn(self) -> Turn:
        return self.engine.turn()

    def run(
        self,
        *,
        step: timedelta | None = None,
        until: datetime | None = None,
        watch: bool = False,
        progress: Callable[[Turn], None] = lambda _: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> Turn:
        """Turn until all is done, or until a time of the venue; with ``watch`` also take targets
        that are approved meanwhile. ``step`` moves a venue that stands still on by so much."""
        told = self.turn()
        while (watch or not self.engine.is_done) and (until is None or self.clock() < until):
            if step is not None:
                self._go_on(step)
            elif told.is_idle:
                sleep(_IDLE_SECONDS)
            if watch:
                self.take()
            told = self.turn()
            progress(told)
        return told

    def match(self, day: date) -> StatementMatch:
        """The venue's statement of a day against what was booked, and the day's closes if it is
        over; kept in the journal."""
        found = match_day(self.desk.ledger, self.gateway, day)
        subject = f"{self.gateway.name}/{day.isoformat()}"
        record(self.desk.ledger, subject, found.to_dict(), self.desk.settings.actor)
        record_closes(self.desk.ledger, self.gateway, day, self.desk.settings.actor)
        return found

    def _go_on(self, step: timedelta) -> None:
        self.gateway.advance(self.gateway.now() + step)

    def _plan(self, targets: ApprovedTargets) -> tuple[list[Parent], list[tuple[str, str]]]:
        parents, without = [], []
        now = self.clock()
        # So much of its validity is left; the venue's time may be another than ours.
        expires = now + (targets.expires_at - self.desk.now())
        here = replace(targets, approved_at=now, expires_at=expires)
        for trade in targets.trades:
            try:
                schedule = self._schedule(trade, now, expires)
            except RiskPlatformError as error:
                without.append((f"{trade.portfolio_id} {trade.instrument_id}", error.message))
                continue
            if schedule.left:
                words = f"{schedule.left:f} of {abs(trade.quantity):f} have no room in the volume"
                without.append((f"{trade.portfolio_id} {trade.instrument_id}", words))
            if not schedule.slices:
                continue
            parents.append(Parent.of(here, trade, schedule.slices, algorithm=schedule.algorithm))
        return parents, without

    def _schedule(self, trade: TargetTrade, now: datetime, expires: datetime) -> Schedule:
        """From now on, or from when its market opens, if it does while the approval is good."""
        instrument = self.instruments[trade.instrument_id]
        choice, share = self.choice, self.choice.participation
        begins = max(now, next_session(instrument.calendar, now).opens)
        if begins >= expires:
            raise UserInputError(
                f"{instrument.calendar} opens at {begins:%Y-%m-%d %H:%M} UTC, when the approval "
                f"has expired.",
                hint="Approve it with a policy that leaves more time.",
            )
        task = Task(
            instrument_id=trade.instrument_id,
            quantity=trade.quantity,
            calendar=instrument.calendar,
            start=begins,
            end=min(begins + timedelta(hours=choice.hours), expires),
            lot=instrument.lot_size,
            minutes=choice.minutes,
            day_volume=None if share is None else self._day_volume(trade.instrument_id),
            participation=share or 1.0,
            randomness=choice.randomness,
            seed=choice.seed,
            profile=self._profiles.of(instrument),
        )
        if choice.algorithm == SHORTFALL:
            markets = markets_of(self._limits.book, trade.instrument_id)
            return shortfall(task, costs_of(self.desk), markets, choice.aversion)[0]
        return ALGORITHMS[choice.algorithm](task)

    def _day_volume(self, instrument_id: str) -> float | None:
        """Units of a usual day, where the book of risk knows it."""
        book = self._limits.book
        if instrument_id not in book.instrument_ids:
            return None
        volume = float(book.known.daily_volumes[book.place(instrument_id)])
        return volume if volume == volume else None
