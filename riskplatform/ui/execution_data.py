"""What the Execution page shows: the journal of trading, read on from where it was.

Times of plans and orders are the venue's. "Now" is the last moment that anything there was heard
of, so that a venue that stands still does not seem to fall behind.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd
import streamlit as st

from riskplatform.desk.approving import in_force
from riskplatform.desk.executing import controls_of
from riskplatform.desk.order_tables import OrderList
from riskplatform.execution.algos import Schedule
from riskplatform.execution.algos.schedule import Slice
from riskplatform.execution.algos.tracking import Tracking, tracking
from riskplatform.execution.blotter import Blotter
from riskplatform.execution.controls import ControlState
from riskplatform.execution.gateways.gateway import Filled
from riskplatform.execution.order_journal import DECISIONS, EXECUTIONS, TRADING
from riskplatform.execution.parents import Line, Parent
from riskplatform.execution.recovery import RECONCILIATIONS
from riskplatform.ui import rebalance_data
from riskplatform.ui.session import Question, Version, open_desk, portfolios

if TYPE_CHECKING:
    from riskplatform.desk import Desk
    from riskplatform.domain.targets import ApprovedTargets
    from riskplatform.execution.tca import TcaReport
    from riskplatform.store.ledger import Journal, Recorded

T = TypeVar("T")
_DECISION_COLUMNS = ["at", "portfolio_id", "instrument_id", "verdict", "reason", "middle",
                     "client_order_id"]  # fmt: skip
SHOWN = (*TRADING, RECONCILIATIONS)
"""The streams of the journal that the page is drawn from."""
_AT_ONCE = timedelta(microseconds=1)


@dataclass(frozen=True, eq=False)
class Trading:
    """Plans, orders, executions and decisions of the gate. ``at`` is the venue's last moment;
    ``position`` says up to where the journal of trading was read."""

    position: int
    blotter: Blotter
    reconciliations: Mapping[str, Mapping[str, Any]]
    fills: dict[Line, list[Filled]]
    decisions: pd.DataFrame
    at: datetime | None

    @property
    def days(self) -> list[date]:
        """Days of the venue with executions, the last first."""
        found = {fill.at.date() for some in self.fills.values() for fill in some}
        return sorted(found, reverse=True)

    def arrival(self, line: Line) -> Decimal | None:
        """The middle of the market when the first order of a plan was sent, where it was kept."""
        sent = self.blotter.children.get(line, ())
        if not sent:
            return None
        known = self.decisions[self.decisions["client_order_id"] == sent[0]]["middle"].dropna()
        return None if known.empty else Decimal(repr(float(known.iloc[-1])))

    def average(self, line: Line) -> Decimal | None:
        """Of all that was executed of a plan."""
        some = self.fills.get(line, [])
        quantity = sum((fill.quantity for fill in some), Decimal(0))
        if not quantity:
            return None
        return sum((fill.quantity * fill.price for fill in some), Decimal(0)) / quantity


class Follower:
    """Follows the journal for all sessions of this server: a page that looks again every few
    seconds, while an engine writes, must not read all that was ever traded each time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blotter = Blotter()
        self._fills: dict[Line, list[Filled]] = {}
        self._decisions: list[tuple[Any, ...]] = []
        self._read_to = {EXECUTIONS: 0, DECISIONS: 0}
        self._looked_to = 0
        self._told: Trading | None = None

    def read(self, journal: Journal) -> Trading:
        """All that it tells until now, in copies that stay as they are; the very same while
        nothing of trading is new, whatever else is written."""
        with self._lock:
            last = journal.position()
            if self._told is None or last != self._looked_to:
                position = journal.position(*SHOWN)
                if self._told is None or position != self._told.position:
                    self._told = self._read(journal, position)
                self._looked_to = last
            return self._told

    def _read(self, journal: Journal, position: int) -> Trading:
        self._blotter.follow(journal)
        for line, fill in self._more(journal, EXECUTIONS, _fill):
            self._fills.setdefault(line, []).append(fill)
        self._decisions += self._more(journal, DECISIONS, _decision)
        blotter, fills = _copy(self._blotter), {k: list(v) for k, v in self._fills.items()}
        decisions = pd.DataFrame(self._decisions, columns=_DECISION_COLUMNS, dtype=object)
        said = {each.subject: each.body for each in journal.latest(RECONCILIATIONS)}
        heard = [state.last_at for state in blotter.states.values() if state.last_at is not None]
        heard += [fill.at for some in fills.values() for fill in some]
        heard += [each for each in decisions["at"] if each is not None]
        return Trading(position, blotter, said, fills, decisions, max(heard, default=None))

    def _more(self, journal: Journal, stream: str, understood: Callable[[Recorded], T]) -> list[T]:
        """What was said since, once all of it is understood."""
        said = journal.since(self._read_to[stream], stream=stream)
        found = [understood(each) for each in said]
        if said:
            self._read_to[stream] = said[-1].row_key
        return found


@st.cache_resource(show_spinner=False, max_entries=4)
def _follower(folder: str) -> Follower:
    return Follower()


def trading(version: Version) -> Trading:
    """All that the journal tells of trading now."""
    return _follower(version.folder).read(open_desk(version.folder).ledger.journal)


def _copy(blotter: Blotter) -> Blotter:
    """What the page reads of it; states and parents never change, the rest does."""
    return Blotter(
        states=dict(blotter.states),
        gateways=dict(blotter.gateways),
        parents=dict(blotter.parents),
        planned=dict(blotter.planned),
        children={line: list(names) for line, names in blotter.children.items()},
        working=dict(blotter.working),
        waiting=dict(blotter.waiting),
        filled={line: blotter.filled[line] for line in blotter.parents},
    )


def _fill(said: Recorded) -> tuple[Line, Filled]:
    """An execution, and the plan that it is of."""
    body = said.body
    fill = Filled(
        client_order_id=str(body["client_order_id"]),
        execution_id=str(body["execution_id"]),
        quantity=Decimal(body["quantity"]),
        price=Decimal(body["price"]),
        fee=Decimal(body["fee"]),
        fee_currency=str(body["fee_currency"]),
        at=datetime.fromisoformat(body["at"]),
    )
    return (body["approval_id"], body["portfolio_id"], body["instrument_id"]), fill


def _decision(said: Recorded) -> tuple[Any, ...]:
    """What the gate said of an order, as a row."""
    body = said.body
    at = datetime.fromisoformat(body["at"]) if "at" in body else None
    return (
        at, body.get("portfolio_id"), body.get("instrument_id"), body["verdict"],
        body.get("reason", ""), body.get("middle"), said.subject,
    )  # fmt: skip


def control_now(desk: Desk) -> ControlState:
    """The switch as it is at this moment, kill file and all: never remembered."""
    return controls_of(desk).state()


def waiting(version: Version) -> tuple[ApprovedTargets, ...]:
    """Approved targets that no engine has taken, in force at this moment."""
    return in_force(rebalance_data.records(version.folder), open_desk(version.folder).now())


def leaves_of(question: Question) -> Collection[str] | None:
    """The portfolios that are asked about; None for all."""
    if question.node is None:
        return None
    return set(portfolios(question.version).leaves(question.node))


def plans_of(question: Question) -> list[Parent]:
    """Plans of the portfolios asked about, the newest approval first."""
    inside = leaves_of(question)
    parents = trading(question.version).blotter.parents.values()
    found = [each for each in parents if inside is None or each.portfolio_id in inside]
    return sorted(found, key=lambda each: each.approved_at, reverse=True)


def schedule_of(parent: Parent) -> Schedule:
    """A plan as its algorithm made it. A slice lasts until the next begins; one before a pause,
    and the last, as long as they usually do; one alone is due at once, as it is to the engine."""
    starts = [each.at for each in parent.slices]
    steps = [after - before for before, after in pairwise(starts)]
    steps = sorted(each for each in steps if each > timedelta(0))
    usual = steps[len(steps) // 2] if steps else _AT_ONCE
    ends = [min(after, at + usual) for at, after in pairwise(starts)]
    ends.append(starts[-1] + usual)
    slices = tuple(
        Slice(each.at, max(end, each.at + _AT_ONCE), each.quantity)
        for each, end in zip(parent.slices, ends, strict=True)
    )
    return Schedule(
        algorithm=parent.algorithm,
        instrument_id=parent.instrument_id,
        quantity=parent.side.sign * parent.quantity,
        slices=slices,
        left=parent.quantity - parent.planned,
        inputs={},
    )


def tracked(found: Trading, parent: Parent) -> Tracking:
    """How the schedule of a plan is kept."""
    at = found.at or parent.approved_at
    return tracking(schedule_of(parent), found.fills.get(parent.line, ()), at)


def costs(question: Question, day: date) -> TcaReport:
    """Shortfall of what was decided or traded on a day of the venue."""
    return _costs(question, day, trading(question.version).position)


@st.cache_resource(show_spinner="Working out what trading cost", max_entries=8)
def _costs(question: Question, day: date, position: int) -> TcaReport:
    return question.desk.tca_report(since=day, until=day, node=question.node)


def orders(found: Trading, is_open: bool, instrument_id: str | None) -> OrderList:
    """Orders in the order of sending, as the desk lists them."""
    blotter = found.blotter
    states = blotter.working if is_open else blotter.states
    some = (blotter.states[name] for name in states)
    return OrderList(
        tuple(x for x in some if instrument_id in (None, x.order.key.instrument_id)),
        blotter.gateways,
    )


def wishes(desk: Desk) -> Mapping[str, Mapping[str, Any]]:
    """Orders that somebody wants cancelled, and what they said; never remembered."""
    return controls_of(desk).cancels()
