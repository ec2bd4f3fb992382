"""The log of a run, which never grows beyond what a person reads: its beginning and its end."""

from __future__ import annotations

FIRST, LAST = 4_000, 8_000


class BoundedLog:
    """Text is added; of what is too much the middle goes."""

    def __init__(self, first: int = FIRST, last: int = LAST) -> None:
        self._most_first, self._most_last = first, last
        self._first = self._last = ""
        self._gone = 0

    def add(self, text: str) -> None:
        room = self._most_first - len(self._first)
        self._first += text[:room] if room > 0 else ""
        self._last += text[room:] if room > 0 else text
        over = len(self._last) - self._most_last
        if over > 0:
            self._last = self._last[over:]
            self._gone += over

    def text(self) -> str:
        if not self._gone:
            return self._first + self._last
        return f"{self._first}\n[... {self._gone:,} characters left out ...]\n{self._last}"
