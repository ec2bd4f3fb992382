"""A book whose vectors are kept, so that a question about a change need not add them up again.

Several threads may ask at once, as the visitors of a workbench do.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

from riskplatform.market.content import FloatArray
from riskplatform.risk.book import RiskBook

_MOST_ROWS = 512


@dataclass(eq=False)
class Base:
    """A :class:`BookState`: the book itself. Rows of U are kept as they are asked for.

    What is handed out is kept for the next question too, so it cannot be written to.
    """

    book: RiskBook
    _gains: dict[tuple[str, str], FloatArray] = field(default_factory=dict, repr=False)
    _held: dict[str, FloatArray] = field(default_factory=dict, repr=False)
    _rows: OrderedDict[tuple[int, str], FloatArray] = field(default_factory=OrderedDict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def held_by(self, node: str | None) -> FloatArray:
        name = self.book.nodes[self.book.row(node)]
        if name not in self._held:
            self._held[name] = _sealed(self.book.held_by(name or None))
        return self._held[name]

    def gains(self, node: str | None, view: str | None = None) -> FloatArray:
        chosen, name = self.book.view(view), self.book.nodes[self.book.row(node)]
        key = (name, chosen.name)
        if key not in self._gains:
            self._gains[key] = _sealed(self.book.gains(name or None, chosen.name))
        return self._gains[key]

    def unit_row(self, place: int, view: str) -> FloatArray:
        """What one unit gains in each scenario."""
        key = (place, view)
        with self._lock:
            if key in self._rows:
                self._rows.move_to_end(key)
                return self._rows[key]
        chosen = self.book.view(view)
        row = _sealed(chosen.cube.unit_row(place, chosen.base_currency))
        with self._lock:
            self._rows[key] = row
            if len(self._rows) > _MOST_ROWS:
                self._rows.popitem(last=False)
        return row


def _sealed(vector: FloatArray) -> FloatArray:
    vector.flags.writeable = False
    return vector
