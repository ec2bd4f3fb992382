"""Makes the engine of a desk: its gate, its rates, its instruments, at one venue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from riskplatform.domain.codec import from_terms
from riskplatform.domain.instruments import Bond, Instrument
from riskplatform.errors import MissingDataError, RiskPlatformError, StoreLockedError
from riskplatform.execution.booking import AccruedPerUnit
from riskplatform.execution.breakers import BreakerRules
from riskplatform.execution.controls import Controls
from riskplatform.execution.gate import Gate, GateRules, read_rules
from riskplatform.execution.gate.order_book import Parent as GateParent
from riskplatform.execution.gate.releases import release_reader
from riskplatform.execution.parents import Parent
from riskplatform.project.strict_yaml import read_document
from riskplatform.store.lock import FileLock

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk
    from riskplatform.market.snapshot import MarketSnapshot
    from riskplatform.risk.limits import LimitBook

GATE_FILE = "gate.yaml"
BREAKERS_FILE = "breakers.yaml"
LOCK_FILE = "data/execution.lock"


def controls_of(desk: Desk) -> Controls:
    """The switch of the desk; the kill file lies in its folder."""
    return Controls(desk.ledger.journal, desk.settings.desk, desk.now)


def execution_lock(desk: Desk, timeout_seconds: float = 1.0) -> FileLock:
    """One engine at a time works on a desk."""
    path = desk.settings.path(LOCK_FILE)
    return FileLock(path, guards="Execution", timeout_seconds=timeout_seconds)


def engine_of(desk: Desk) -> str | None:
    """Who runs execution on this desk, if anybody on this machine does."""
    lock = execution_lock(desk, 0.0)
    if not lock.path.exists():
        return None
    try:
        with lock:
            return None
    except StoreLockedError:
        return lock.owner() or "another process"


def gate_rules(desk: Desk) -> GateRules:
    """The desk's own (``gate.yaml``), or the usual ones."""
    file = desk.settings.path(GATE_FILE)
    return read_rules(file) if file.exists() else GateRules()


def gate_of(desk: Desk, limits: LimitBook, instruments: Mapping[str, Instrument]) -> Gate:
    """By the desk's rules; it hears of releases that were given while it runs."""
    return Gate(limits, instruments, gate_rules(desk), release_reader(desk.ledger.journal))


def approve(gate: Gate, parent: Parent) -> None:
    """Tell a gate what it may let pass of a plan, in the time in which the plan is worked."""
    gate.orders.parents[parent.line] = GateParent(
        parent.side.sign * parent.quantity,
        float(parent.reference_price),
        parent.approved_at,
        parent.expires_at,
    )


def breakers_of(desk: Desk) -> BreakerRules:
    """By the desk's own file (``breakers.yaml``), or the usual ones."""
    file: Path = desk.settings.path(BREAKERS_FILE)
    if not file.exists():
        return BreakerRules()
    document = read_document(file)
    try:
        return from_terms(BreakerRules, document.data)
    except RiskPlatformError as error:
        line = next((key for key in document.data if str(key) in error.message), None)
        where = () if line is None else (line,)
        raise document.error(error.message, *where, hint=error.hint) from error


def rates_of(desk: Desk, market: MarketSnapshot) -> dict[str, float]:
    """Base currency for one unit of every currency that is known."""
    base = desk.settings.base_currency
    rates = {name: market.fx.rate(name, base) for name in market.fx.currencies}
    return {**rates, base: 1.0}


def accrued_of(market: MarketSnapshot) -> AccruedPerUnit:
    """Accrued interest as marks have it; a coupon that is not fixed yet accrues nothing here."""
    from riskplatform.pricing.accrued import accrued_interest

    def per_unit(instrument: Instrument, settles: date) -> Decimal:
        if not isinstance(instrument, Bond):
            return Decimal(0)
        fixing = partial(market.fixing, needed_by=instrument.instrument_id)
        try:
            per_hundred = accrued_interest(instrument, settles, fixing)
        except MissingDataError:
            # A fill is booked in any case; the amount is corrected by the statement.
            return Decimal(0)
        return Decimal(repr(per_hundred)) * instrument.multiplier

    return per_unit
