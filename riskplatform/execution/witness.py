"""Asks the venue what its market traded while a parent was worked, and keeps the answer.

It asks whenever nothing of a parent is open that was filled since it last asked: after each slice,
after a kill, at the end. So the journal is never far behind, whenever the venue goes away.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from riskplatform.errors import GatewayError, UserInputError
from riskplatform.execution.batch import Site
from riskplatform.execution.blotter import Change
from riskplatform.execution.gateways.gateway import Filled, Gateway
from riskplatform.execution.market_journal import Witnessed, market_event, market_told
from riskplatform.execution.order_events import Sent
from riskplatform.execution.parents import Line, line_of


class Witness:
    """Of one engine at one gateway; what was witnessed before it was made is known to it."""

    def __init__(self, site: Site, gateway: Gateway) -> None:
        self._site, self._gateway = site, gateway
        self._begun: dict[Line, datetime] = {}
        self._filled: dict[Line, datetime] = {}
        self._due: dict[Line, None] = {}
        self._is_new = True

    def heed(self, changes: Iterable[Change]) -> None:
        """When each parent's first order was sent, and when its last execution was."""
        for before, event, after in changes:
            if self._site.blotter.gateways.get(after.client_order_id) != self._site.gateway:
                continue
            line = line_of(after.order)
            if isinstance(event, Sent):
                self._begun[line] = min(event.at, self._begun.get(line, event.at))
            elif isinstance(event, Filled) and after.filled > before.filled:
                self._begun[line] = min(event.at, self._begun.get(line, event.at))
                self._filled[line] = max(event.at, self._filled.get(line, event.at))
                self._due[line] = None

    def record(self) -> None:
        """Ask about those of whom nothing is open. What is not answered is asked again later."""
        if not self._due:
            return
        if self._is_new:
            self._forget_what_is_known()
        journal, events, done = self._site.ledger.journal, [], []
        for line in list(self._due):
            if any(not self._site.blotter.states[name].is_terminal
                   for name in self._site.blotter.children[line]):  # fmt: skip
                continue
            start, end = self._begun[line], self._filled[line]
            try:
                found = self._gateway.traded(line[2], start, end)
            except (GatewayError, UserInputError):
                # It only measures: trading need not stop for it.
                continue
            said = Witnessed(self._site.gateway, start, end, found)
            events.append(market_event(journal, line, said))
            done.append(line)
        journal.append(events, actor=self._site.actor, action="record the market")
        for line in done:
            del self._due[line]

    def _forget_what_is_known(self) -> None:
        for line, said in market_told(self._site.ledger.journal).parents.items():
            filled = self._filled.get(line)
            if said.gateway == self._site.gateway and filled is not None and said.end >= filled:
                self._due.pop(line, None)
        self._is_new = False
