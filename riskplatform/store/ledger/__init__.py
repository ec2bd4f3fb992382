"""The ledger: append-only, bitemporal, exact, audited."""

from __future__ import annotations

from riskplatform.store.ledger.audit import AuditEntry, AuditTrail
from riskplatform.store.ledger.describe import AppendReport
from riskplatform.store.ledger.instants import utc_now
from riskplatform.store.ledger.journal import Event, Journal, Recorded
from riskplatform.store.ledger.ledger import Ledger
from riskplatform.store.ledger.pnl import PnlLine, PnlReport
from riskplatform.store.ledger.positions import PositionTable
from riskplatform.store.ledger.report import Lot
from riskplatform.store.ledger.verify import AuditReport

__all__ = [
    "AppendReport",
    "AuditEntry",
    "AuditReport",
    "AuditTrail",
    "Event",
    "Journal",
    "Ledger",
    "Lot",
    "PnlLine",
    "PnlReport",
    "PositionTable",
    "Recorded",
    "utc_now",
]
