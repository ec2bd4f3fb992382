"""Makes the demo desk: simulates, writes the story, fills ledger and lake, then names it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

from riskplatform.demofirm.cast import Cast, gather_cast
from riskplatform.demofirm.corporate_actions import with_corporate_actions
from riskplatform.demofirm.journal import Journal
from riskplatform.demofirm.lake_tables import lake_tables
from riskplatform.demofirm.limits import firm_limits
from riskplatform.demofirm.price_table import price_table
from riskplatform.demofirm.stage import Stage
from riskplatform.demofirm.story import write_story
from riskplatform.demofirm.tree import portfolio_nodes
from riskplatform.desk.desk import Desk, utc_now
from riskplatform.domain.transactions import Transaction
from riskplatform.errors import UserInputError
from riskplatform.market.synthetic.simulate import simulate

ACTOR = "demo"
NAME = "Harbour Point Capital (demo)"
LEDGER_DAYS = 3 * 365
FIRST_AS_OF = date(2019, 6, 3)
_SATURDAY = 5


def create_demo(
    folder: str | Path,
    *,
    seed: int = 7,
    as_of: date | None = None,
    tell: Callable[[str], None] = lambda step: None,
    clock: Callable[[], datetime] = utc_now,
) -> Desk:
    """The demo desk in a new folder. The same seed and date make the same desk.

    It is built beside ``folder`` and renamed at the end, so that an interrupted build leaves no
    desk. ``as_of`` defaults to the last weekday on or before today.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserInputError(
            f"{folder} is not empty.", hint="Name a new folder, or open the desk that is there."
        )
    day = weekday_on_or_before(as_of or clock().astimezone(UTC).date())
    if day < FIRST_AS_OF:
        raise UserInputError(
            f"The demo was asked for as of {day}.", hint=f"Name {FIRST_AS_OF} or a later day."
        )
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        _build(partial, seed, day, tell, clock)
        if folder.exists():
            folder.rmdir()
        partial.rename(folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return Desk.open(folder, clock=clock)


def weekday_on_or_before(day: date) -> date:
    """``day`` itself from Monday to Friday, else the Friday before."""
    return day - timedelta(days=max(day.weekday() - _SATURDAY + 1, 0))


def stage_of(as_of: date, seed: int) -> Stage:
    """The simulated market and the row of the firm's opening, three years before its end."""
    history = simulate(as_of, seed)
    opening = np.searchsorted(history.dates, np.datetime64(as_of - timedelta(days=LEDGER_DAYS)))
    return Stage(history, int(opening))


def tell_story(stage: Stage) -> tuple[Cast, list[Transaction]]:
    """Everything that can be held, and everything that was done."""
    cast, actions = with_corporate_actions(stage, gather_cast(stage))
    journal = Journal(stage, cast.marks)
    write_story(journal, cast, actions)
    return cast, sorted(journal.transactions, key=lambda t: (t.effective_at, t.transaction_id))


def _build(
    folder: Path,
    seed: int,
    as_of: date,
    tell: Callable[[str], None],
    clock: Callable[[], datetime],
) -> None:
    tell("Simulating ten years of markets")
    stage = stage_of(as_of, seed)
    tell("Writing the history of the firm")
    cast, transactions = tell_story(stage)
    with Desk.create(folder, name=NAME, clock=clock) as desk:
        tell(f"Recording {len(transactions):,} transactions")
        with desk.ledger.transaction():
            desk.ledger.put_portfolios(portfolio_nodes(stage.day(stage.opening)), actor=ACTOR)
            desk.ledger.put_instruments(cast.instruments(), actor=ACTOR)
            desk.ledger.append(transactions, actor=ACTOR, reason="the demo firm's history")
            desk.set_limits(firm_limits(stage.day(stage.opening)), reason="the firm's limits")
        tell("Filling the lake")
        with desk.lake.batch(message="synthetic market of the demo") as batch:
            batch.write("prices", price_table(stage, cast))
            for table, rows in lake_tables(stage, cast):
                batch.write(table, rows)
