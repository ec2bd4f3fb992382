"""Answers that cannot change, kept for who asks again.

A question to one snapshot has one answer for ever, whatever is written later; a report asks for
the same curves of the same day a dozen times. The oldest answers make room for new ones.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

import pyarrow as pa

from riskplatform.store.lake.query import Statement, is_of_a_snapshot

MOST_BYTES = 64 * 2**20
# Larger answers are a history read once; keeping one would push out everything else.
LARGEST_BYTES = 8 * 2**20

_Key = tuple[str, str]


class ReadMemory:
    """Answers by question, as many as fit; Arrow tables cannot be written to, so all may share."""

    def __init__(self, most_bytes: int = MOST_BYTES, largest_bytes: int = LARGEST_BYTES) -> None:
        self._most, self._largest = most_bytes, largest_bytes
        self._answers: OrderedDict[_Key, pa.Table] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def answer(self, statement: Statement, ask: Callable[[Statement], pa.Table]) -> pa.Table:
        """From memory where the question is of one snapshot and was asked before."""
        if not is_of_a_snapshot(statement):
            return ask(statement)
        key = (statement[0], repr(statement[1]))
        with self._lock:
            known = self._answers.get(key)
            if known is not None:
                self._answers.move_to_end(key)
                return known
        found = ask(statement)
        if found.nbytes <= self._largest:
            self._keep(key, found)
        return found

    def clear(self) -> None:
        """Forget all: for when snapshots go."""
        with self._lock:
            self._answers.clear()
            self._bytes = 0

    def _keep(self, key: _Key, found: pa.Table) -> None:
        with self._lock:
            if key in self._answers:
                return
            self._answers[key] = found
            self._bytes += found.nbytes
            while self._bytes > self._most:
                _, oldest = self._answers.popitem(last=False)
                self._bytes -= oldest.nbytes
