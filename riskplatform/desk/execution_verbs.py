"""Verbs of execution: start it, stop it, see what it does, and compare it with the venue."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from riskplatform.desk.core import DeskCore

if TYPE_CHECKING:
    from riskplatform.desk.execution_session import ExecutionSession, PlanChoice
    from riskplatform.desk.order_tables import ExecutionStatus, OrderHistory, OrderList
    from riskplatform.execution.controls import ControlState
    from riskplatform.execution.engine_rules import EngineRules
    from riskplatform.execution.gateways.paper import PaperGateway
    from riskplatform.execution.reconciliation import StatementMatch
    from riskplatform.risk.limits import LimitBook


class ExecutionVerbs(DeskCore):
    """What is approved trades itself, until somebody says stop."""

    def execution(
        self,
        *,
        gateway: PaperGateway | None = None,
        folder: Path | None = None,
        limits: LimitBook | None = None,
        choice: PlanChoice | None = None,
        rules: EngineRules | None = None,
    ) -> ExecutionSession:
        """A run of execution at the paper venue, to be entered with ``with``.

        ``limits`` are those of the last day with prices unless they are given; the gate judges
        every order by them, by ``gate.yaml`` and by what is open.
        """
        from riskplatform.desk.execution_session import ExecutionSession

        return ExecutionSession(
            self._me,
            gateway or self._me.paper_gateway(folder).called_after_its_venue(),
            limits or self._me.limit_book(with_exposures=True),
            choice=choice,
            rules=rules,
        )

    def execution_status(self) -> ExecutionStatus:
        """The switch, the plans and the orders, from any process."""
        from riskplatform.desk.order_tables import status

        return status(self._me)

    def kill_execution(self, *, reason: str) -> ControlState:
        """Stop everything and cancel what is open; it stays so until it is reset."""
        from riskplatform.desk.executing import controls_of

        return controls_of(self._me).kill(self.settings.actor, reason)

    def pause_execution(self, *, reason: str) -> ControlState:
        """Send nothing new; what is open stays open."""
        from riskplatform.desk.executing import controls_of

        return controls_of(self._me).pause(self.settings.actor, reason)

    def resume_execution(self, *, reason: str) -> ControlState:
        """Go on after a pause."""
        from riskplatform.desk.executing import controls_of

        return controls_of(self._me).resume(self.settings.actor, reason)

    def reset_execution(self, *, reason: str, passphrase: str | None = None) -> ControlState:
        """Up again after a kill; the kill file goes away with it.

        Where people are registered the actor proves themselves with their passphrase.
        """
        from riskplatform.desk.executing import controls_of

        self._me.people().prove(self.settings.actor, passphrase)
        return controls_of(self._me).reset(self.settings.actor, reason)

    def orders(self, *, is_open: bool = False, instrument_id: str | None = None) -> OrderList:
        """Orders in the order of sending: all, or those that are worked."""
        from riskplatform.desk.order_tables import orders

        return orders(self._me, is_open=is_open, instrument_id=instrument_id)

    def order(self, client_order_id: str) -> OrderHistory:
        """One order, by its id or the beginning of it, and all that was said of it."""
        from riskplatform.desk.order_tables import order

        return order(self._me, client_order_id)

    def cancel_order(self, client_order_id: str, *, reason: str) -> str:
        """Ask the engine that runs, or the next one, to cancel an order; its whole id."""
        from riskplatform.desk.executing import controls_of
        from riskplatform.desk.order_tables import blotter_of, full_id

        name = full_id(blotter_of(self.ledger), client_order_id)
        controls_of(self._me).cancel(name, self.settings.actor, reason)
        return name

    def replace_order(
        self,
        client_order_id: str,
        *,
        quantity: Decimal | None = None,
        limit_price: Decimal | None = None,
        reason: str,
    ) -> str:
        """Ask the engine that runs for another total quantity (what is filled counts in it) or
        limit price of an order; its whole id. The gate judges it, and the order tells the rest."""
        from riskplatform.desk.replacing import replace_order

        return replace_order(self._me, client_order_id, quantity, limit_price, reason)

    def match_statement(
        self,
        day: date | None = None,
        *,
        gateway: PaperGateway | None = None,
        folder: Path | None = None,
    ) -> StatementMatch:
        """The venue's statement of a day (its today, if none is given) against what was booked."""
        from contextlib import closing

        from riskplatform.execution.recovery import match_day

        with closing(gateway or self._me.paper_gateway(folder)) as venue:
            if gateway is None:
                venue.called_after_its_venue()
            return match_day(self.ledger, venue, day or venue.now().date())
