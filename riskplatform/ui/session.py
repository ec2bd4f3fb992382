"""The desk of this server and its answers, remembered as long as the stores have not changed.

An answer is asked for by a :class:`Question`, which names everything it depends on, so that two
people (or two reruns of one page) with the same question get the same object. Answers are frozen
results and are shared without copying: nobody may write into them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from riskplatform.desk import Desk
from riskplatform.desk.snapshots import market_snapshot
from riskplatform.errors import UserInputError

if TYPE_CHECKING:
    import pandas as pd

    from riskplatform.domain.instruments import Instrument
    from riskplatform.domain.portfolio import PortfolioTree
    from riskplatform.market.snapshot import MarketSnapshot
    from riskplatform.pricing.exposures.book import Exposures
    from riskplatform.pricing.valuation import Valuation
    from riskplatform.pricing.value_path import History
    from riskplatform.store.ledger import AuditEntry

DESK_VARIABLE = "RISKPLATFORM_DESK"


@dataclass(frozen=True, slots=True)
class Version:
    """The book, its limits and the market as the stores hold them now: an answer about them is
    good for as long as this stays the same.

    What orders, proposals, jobs and kept results add changes no such answer and not this. A page
    that shows them names the position of what it shows beside it.
    """

    folder: str
    ledger_recorded: str
    lake_snapshot: int


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about: a node (None for everything) on a day in a currency."""

    version: Version
    node: str | None
    as_of: date
    base_currency: str

    @property
    def desk(self) -> Desk:
        return open_desk(self.version.folder, self.base_currency)


def desk_folder() -> Path:
    """The folder that the command line has named."""
    named = os.environ.get(DESK_VARIABLE)
    if not named:
        raise UserInputError(
            "The workbench was started without a desk.",
            hint="Start it with `riskplatform workbench --desk DIR`.",
        )
    return Path(named)


@st.cache_resource(show_spinner=False, max_entries=24, on_release=Desk.close)
def open_desk(folder: str, base_currency: str | None = None) -> Desk:
    """The desk, with totals in ``base_currency``; opened once for all sessions."""
    return Desk.open(folder, base_currency=base_currency)


def version_now(folder: Path) -> Version:
    """What the stores hold at this moment: a few small reads."""
    desk = open_desk(str(folder))
    recorded = desk.ledger.book_recorded_at(with_limits=True)
    return Version(
        str(folder), recorded.isoformat() if recorded else "", market_snapshot(desk.lake)
    )


@st.cache_resource(show_spinner=False, max_entries=4)
def portfolios(version: Version) -> PortfolioTree:
    """The tree of portfolios."""
    return open_desk(version.folder).portfolios()


@st.cache_resource(show_spinner=False, max_entries=4)
def last_price_day(version: Version) -> date | None:
    """The last day with prices that is not in the future; None on a desk without prices."""
    desk = open_desk(version.folder)
    return desk.lake.last_date("prices", on_or_before=desk.today())


@st.cache_resource(show_spinner=False, max_entries=16)
def currencies(version: Version, as_of: date | None) -> tuple[str, ...]:
    """Currencies that totals can be shown in: the desk's own first."""
    desk = open_desk(version.folder)
    own = desk.settings.base_currency
    if as_of is None:
        return (own,)
    quoted = {str(name) for name in desk.lake.fx(as_of)["currency"]}
    return (own, *sorted((quoted | {"USD"}) - {own}))


@st.cache_resource(show_spinner=False, max_entries=24)
def valuation(question: Question) -> Valuation:
    """Values of all lines below the node."""
    return question.desk.value(
        question.as_of, node=question.node, at_snapshot=question.version.lake_snapshot
    )


@st.cache_resource(show_spinner="Pricing every unit held", max_entries=12)
def exposures(question: Question) -> Exposures:
    """Sensitivities of all lines below the node."""
    return question.desk.exposures(
        question.node, question.as_of, at_snapshot=question.version.lake_snapshot
    )


@st.cache_resource(show_spinner=False, max_entries=24)
def transactions_after(question: Question, day: date) -> pd.DataFrame:
    """What happened after ``day`` until the day asked about."""
    return question.desk.transactions(
        node=question.node, start=day + timedelta(days=1), end=question.as_of
    )


@st.cache_resource(show_spinner=False, max_entries=24)
def history(question: Question, start: date | None) -> History:
    """Value, flows and P&L from ``start``."""
    return question.desk.history(start, question.as_of, node=question.node)


@st.cache_resource(show_spinner=False, max_entries=24)
def below(question: Question) -> pd.DataFrame:
    """The day of each portfolio just below the node: value, flows and P&L."""
    return question.desk.below(question.as_of, node=question.node)


@st.cache_resource(show_spinner=False, max_entries=6)
def market(version: Version, as_of: date) -> MarketSnapshot:
    """The market at the end of a day."""
    return open_desk(version.folder).market(as_of, at_snapshot=version.lake_snapshot)


@st.cache_resource(show_spinner=False, max_entries=24)
def market_table(version: Version, as_of: date, what: str) -> pd.DataFrame:
    """One kind of quotes as rows."""
    from riskplatform.desk.tables import market_table as rows

    return rows(market(version, as_of), what, None)


@st.cache_resource(show_spinner=False, max_entries=6)
def quality(version: Version, as_of: date, days: int) -> pd.DataFrame:
    """Marks on prices in the days before ``as_of``."""
    return open_desk(version.folder).quality(as_of, days=days)


@st.cache_resource(show_spinner=False, max_entries=4)
def instrument_names(version: Version) -> dict[str, Instrument]:
    """Every instrument by id."""
    return open_desk(version.folder).instruments()


@st.cache_resource(show_spinner=False, max_entries=6)
def priced_ids(version: Version, as_of: date) -> list[str]:
    """Instruments with a price on or before ``as_of``."""
    return sorted(market(version, as_of).prices.instrument_ids)


@st.cache_resource(show_spinner=False, max_entries=24)
def price_history(version: Version, instrument_id: str, start: date, end: date) -> pd.DataFrame:
    """The prices of one instrument, as delivered and as repaired."""
    return open_desk(version.folder).lake.price_history(
        instrument_id, start, end, at_snapshot=version.lake_snapshot
    )


@st.cache_resource(show_spinner=False, max_entries=12)
def transactions(
    version: Version, node: str | None, instrument_id: str | None, limit: int
) -> pd.DataFrame:
    """The newest transactions below a node."""
    return open_desk(version.folder).transactions(
        node=node, instrument_id=instrument_id, limit=limit
    )


def audit_entries(version: Version, limit: int) -> list[AuditEntry]:
    """The newest entries of the audit trail: every write adds one, whatever it writes."""
    last = open_desk(version.folder).ledger.last_recorded_at()
    return _audit_entries(version.folder, last, limit)


@st.cache_resource(show_spinner=False, max_entries=4)
def _audit_entries(folder: str, last: datetime | None, limit: int) -> list[AuditEntry]:
    return open_desk(folder).ledger.audit.entries(limit=limit)


def snapshots(version: Version) -> pd.DataFrame:
    """The lake's snapshots that can be read, those of kept results too."""
    return _snapshots(version.folder, open_desk(version.folder).lake.latest_snapshot())


@st.cache_resource(show_spinner=False, max_entries=4)
def _snapshots(folder: str, latest: int) -> pd.DataFrame:
    return open_desk(folder).lake.snapshots()


@st.cache_resource(show_spinner=False, max_entries=4)
def counts(version: Version) -> dict[str, int]:
    """How much the desk holds of what a first report needs."""
    desk = open_desk(version.folder)
    return {
        "portfolios": len(desk.portfolios()),
        "instruments": len(desk.instruments()),
        "transactions": len(desk.transactions(limit=1)),
        "prices": int(desk.has_prices()),
    }
