"""One desk for many callers: one question at a time, and the book held ready between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from threading import RLock
from typing import TYPE_CHECKING, Any

from riskplatform.desk import Desk

if TYPE_CHECKING:
    from riskplatform.desk.asking import AskSession
    from riskplatform.project.query_language import Query
    from riskplatform.stress.answer import Answer

_MOST_SESSIONS = 3


class ServedDesk:
    """Connections and sessions are of one thread at a time; numbers take their time anyway."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = RLock()
        self._sessions: dict[date, AskSession] = {}

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """The desk, to oneself."""
        with self._lock:
            yield self._desk

    def ask(self, question: str | Mapping[str, Any], as_of: date | None) -> Answer:
        """A line, a kept name, or plain data; no file of the machine is read by its path."""
        from riskplatform.desk.asking import as_query

        with self.desk() as desk:
            return self._answered(as_query(desk, question, with_files=False), as_of)

    def ask_kept(self, name: str, as_of: date | None) -> Answer:
        """A question that is kept, again."""
        from riskplatform.desk.query_files import named

        with self.desk() as desk:
            return self._answered(named(desk, name), as_of)

    def _answered(self, query: Query, as_of: date | None) -> Answer:
        day = self._desk.as_of(as_of or query.as_of)
        known = self._sessions.get(day)
        if known is None or known.is_stale:
            self._sessions.pop(day, None)
            while len(self._sessions) >= _MOST_SESSIONS:
                self._sessions.pop(next(iter(self._sessions)))
            self._sessions[day] = self._desk.ask_session(day)
        return self._sessions[day].ask(replace(query, as_of=day if as_of else query.as_of))
