"""The unit P&L cube U, opened: what each unit gains in each scenario, in any currency."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from riskplatform.domain.outcome import Coverage, Failure, FailureReason
from riskplatform.errors import UnknownNameError
from riskplatform.market.content import FloatArray
from riskplatform.pricing.threads import spread, stretches
from riskplatform.simulation.cube_shape import LEADING
from riskplatform.store.cubes import Cube

CURRENCY = "currency "
"""What stands before a currency's code in the names of its row."""


@dataclass(frozen=True, slots=True, eq=False)
class UnitCube:
    """Rows are instruments, columns scenarios; local gains in float32, sums in float64.

    One unit gains ``gain × rate' + value × (rate' - rate)`` in another currency, where rate' is
    that of the scenario: the rows of currencies hold its relative change against the pivot.
    """

    cube: Cube
    instrument_ids: tuple[str, ...]
    currencies: tuple[str, ...]
    rates: FloatArray
    weights: FloatArray
    failures: tuple[Failure, ...]
    pivot: str = "USD"
    _place: Mapping[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        place = {name: i for i, name in enumerate(self.cube.row_ids)}
        object.__setattr__(self, "_place", place)

    @property
    def cube_id(self) -> str:
        return self.cube.cube_id

    @property
    def key(self) -> Mapping[str, Any]:
        return self.cube.key

    @property
    def labels(self) -> tuple[str, ...]:
        return self.cube.column_labels[LEADING:]

    @property
    def coverage(self) -> Coverage:
        return Coverage(len(self.instrument_ids) - len(self._broken()), self.failures)

    def values(self) -> FloatArray:
        """Today's value of one unit of each instrument, in its currency; NaN where it failed."""
        return np.asarray(self.cube.values[self._rows(), 0], dtype=np.float64)

    def time(self) -> FloatArray:
        """What waiting until the horizon alone does to one unit, in its currency."""
        return np.asarray(self.cube.values[self._rows(), 1], dtype=np.float64)

    def worth(self, base_currency: str) -> FloatArray:
        """Today's value of one unit of each instrument in one currency; NaN where there is none."""
        known = self.key["currencies"]
        rates = [
            self._rate(currency, base_currency)[0] if currency in known else np.nan
            for currency in self.currencies
        ]
        return np.asarray(self.values() * np.array(rates, dtype=np.float64))

    def weighed(self, weights: FloatArray, base_currency: str) -> FloatArray:
        """U W: sums over scenarios [instrument, column] of gains times ``weights``.

        As ``units(base_currency) @ weights``, without ever holding U in that currency. What has no
        value adds nothing.
        """
        values, rows = self.values(), self._rows()
        moves, rates, codes = self._currency_moves(base_currency)
        mine = np.flatnonzero((codes >= 0) & np.isfinite(values))
        rate = rates[codes[mine], None]
        out = np.zeros((len(values), weights.shape[1]))
        out[mine] = values[mine, None] * (moves @ weights)[codes[mine]]
        for part in np.array_split(mine, max(mine.size // _ROWS_AT_ONCE, 1)):
            local = self.cube.values[rows[part], LEADING:] * (1.0 + moves)[codes[part]]
            out[part] += local @ weights
        out[mine] *= rate
        return out

    def weighed_where(
        self, weights: sparse.csc_matrix, wanted: sparse.csr_matrix, base_currency: str
    ) -> FloatArray:
        """As :meth:`weighed`, only where ``wanted`` [instrument, column] has an entry: one number
        for each, in its order."""
        # Compiling is for whoever needs it.
        from riskplatform.simulation.held_weights import weigh_rows

        values, rows = self.values(), self._rows()
        moves, rates, codes = self._currency_moves(base_currency)
        is_mine = (codes >= 0) & np.isfinite(values)
        codes = np.where(is_mine, codes, 0)
        counts = np.diff(wanted.indptr)
        by_value = np.where(is_mine, values, 0.0)
        of_row = np.repeat(np.arange(len(values)), counts)
        out = np.zeros(wanted.nnz)

        def weigh(part: tuple[int, int]) -> None:
            chosen = slice(*part)
            start, stop = wanted.indptr[part[0]], wanted.indptr[part[1]]
            weigh_rows(
                self.cube.values, LEADING, rows[chosen], 1.0 + moves, codes[chosen],
                wanted.indptr[part[0] : part[1] + 1] - start, wanted.indices[start:stop],
                weights.indptr, weights.indices, weights.data, out[start:stop],
            )  # fmt: skip

        spread(weigh, stretches(len(values), 1))
        by_currency = np.asarray((weights.T @ moves.T).T)
        out += by_value[of_row] * by_currency[codes[of_row], wanted.indices]
        return np.asarray(np.where(is_mine[of_row], out * rates[codes[of_row]], 0.0))

    def _currency_moves(
        self, base_currency: str
    ) -> tuple[FloatArray, FloatArray, NDArray[np.intp]]:
        """Moves [currency, scenario] and rates of the cube's currencies, and whose each unit is."""
        known = list(self.key["currencies"])
        found = [self._rate(currency, base_currency) for currency in known]
        still = np.zeros(len(self.labels))
        moves = np.array([still if moved is None else moved for _, moved in found])
        codes = np.array([known.index(c) if c in known else -1 for c in self.currencies])
        return moves, np.array([rate for rate, _ in found]), codes

    def units(self, base_currency: str) -> FloatArray:
        """U itself, in one currency: [instrument, scenario]."""
        identity = sparse.identity(len(self.instrument_ids), format="csr")
        return self.profits(identity, base_currency)

    def unit_row(self, place: int, base_currency: str) -> FloatArray:
        """U of one instrument in one currency: zeros where it has no value.

        As one row of :meth:`profits`, without its preparations: it is asked for while typing.
        """
        row, currency = self._place[self.instrument_ids[place]], self.currencies[place]
        value = float(self.cube.values[row, 0])
        if value != value or currency not in self.key["currencies"]:
            return np.zeros(len(self.labels))
        rate, moved = self._rate(currency, base_currency)
        gains = np.asarray(self.cube.values[row, LEADING:], dtype=np.float64)
        if moved is None:
            return gains
        return np.asarray((gains * (1.0 + moved) + value * moved) * rate)

    def profits(self, holdings: sparse.csr_matrix, base_currency: str) -> FloatArray:
        """Q U: gains [node, scenario] of ``holdings`` [node, instrument] in one currency.

        An instrument without a value, or whose currency has no rate, adds nothing; see
        ``not_covered``.
        """
        shares = list(self._shares(holdings.tocsr(), base_currency))
        total = np.zeros((holdings.shape[0], len(self.labels)))

        def add(cut: slice) -> None:
            for share in shares:
                total[:, cut] += share.gains(self.cube.values, cut)

        spread(add, _cuts(len(self.labels), sum(len(share.rows) for share in shares)))
        return total

    def _shares(self, held: sparse.csr_matrix, base_currency: str) -> Iterator[_Share]:
        """What is held of each currency's instruments, those without a value left out."""
        values, rows = self.values(), self._rows()
        currencies = np.array(self.currencies, dtype=object)
        is_used = np.diff(held.tocsc().indptr).astype(np.bool_) & np.isfinite(values)
        for currency in sorted(set(self.currencies).intersection(self.key["currencies"])):
            mine = np.flatnonzero(is_used & (currencies == currency))
            if mine.size:
                part = held[:, mine].tocsr()
                rate, moved = self._rate(currency, base_currency)
                worth = np.asarray(part @ values[mine])
                yield _Share(part, rows[mine], worth, rate, moved)

    def not_covered(self, holdings: sparse.csr_matrix) -> NDArray[np.intp]:
        """The instruments held somewhere that have no row."""
        held = np.flatnonzero(np.diff(holdings.tocsc().indptr))
        return np.intersect1d(held, self._broken())

    def place(self, instrument_id: str) -> int:
        """The row of an instrument in Q and U."""
        try:
            return self.instrument_ids.index(instrument_id)
        except ValueError:
            raise UnknownNameError("instrument", instrument_id, self.instrument_ids) from None

    def _rate(self, currency: str, base_currency: str) -> tuple[float, FloatArray | None]:
        """Units of the base for one, today; and its relative change in each scenario, if any."""
        known = [*self.key["currencies"]]
        for name in (currency, base_currency):
            if name not in known:
                raise UnknownNameError("currency", name, known)
        own, base = (self.rates[known.index(name)] for name in (currency, base_currency))
        if currency == base_currency:
            return 1.0, None
        up, down = (self._moves(name) for name in (currency, base_currency))
        return float(own / base), (up - down) / (1.0 + down)

    def _moves(self, currency: str) -> FloatArray:
        if currency == self.pivot:
            return np.zeros(len(self.labels))
        row = self._place[CURRENCY + currency]
        return np.asarray(self.cube.values[row, LEADING:], dtype=np.float64)

    def _rows(self) -> NDArray[np.intp]:
        return np.array([self._place[name] for name in self.instrument_ids], dtype=np.intp)

    def _broken(self) -> NDArray[np.intp]:
        """Units without a value somewhere, or in a currency without a rate."""
        known = self.key["currencies"]
        lacking = np.array([currency not in known for currency in self.currencies])
        return np.flatnonzero(np.isnan(self.values()) | lacking)


@dataclass(frozen=True, slots=True, eq=False)
class _Share:
    """Holdings of one currency's instruments: [node, instrument], their rows and worth today."""

    held: sparse.csr_matrix
    rows: NDArray[np.intp]
    worth: FloatArray
    rate: float
    moved: FloatArray | None

    def gains(self, table: NDArray[np.float32], cut: slice) -> FloatArray:
        """Of some scenarios in the base currency, summed in float64.

        A node's sum runs over what it holds, in order: it does not depend on what others hold.
        """
        part = table[:, LEADING:][:, cut][self.rows]
        gains = np.asarray(self.held @ part.astype(np.float64))
        if self.moved is not None:
            moved = self.moved[cut]
            gains *= 1.0 + moved
            gains += self.worth[:, None] * moved
            gains *= self.rate
        return gains


def _cuts(scenarios: int, rows: int) -> list[slice]:
    """Stretches of scenarios of which the rows' gains fit a processor's caches."""
    length = max(_NUMBERS_AT_ONCE // max(rows, 1), _SHORTEST_CUT)
    return [slice(first, first + length) for first in range(0, scenarios, length)]


_NUMBERS_AT_ONCE, _SHORTEST_CUT = 1 << 19, 64
_ROWS_AT_ONCE = 128


def failures_from(notes: Sequence[Mapping[str, Any]]) -> tuple[Failure, ...]:
    """Failures as they were written beside the cube."""
    return tuple(
        Failure(FailureReason(each["reason"]), each["message"], each["subject"]) for each in notes
    )
