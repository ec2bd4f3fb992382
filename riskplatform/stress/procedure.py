"""What stress tests of procedure share: the lines of a node, and how a result is told.

These tests ask not what prices do but what people can do: sell, trade on an exchange, trust a
price, be stopped out in time. They read the book as it is and change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskplatform.domain.instruments.base import AssetClass
from riskplatform.domain.outcome import Coverage, Failure, FailureReason
from riskplatform.domain.provenance import Provenance
from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.risk.state import BookState


@dataclass(frozen=True, eq=False)
class HeldLines:
    """What a node holds but for cash: ``places`` on the book's axis, quantities, signed values in
    the base currency. ``failures`` are held and have no value."""

    node: str
    places: NDArray[np.intp]
    quantities: FloatArray
    values: FloatArray
    failures: tuple[Failure, ...]

    @property
    def gross(self) -> float:
        return float(np.abs(self.values).sum())


@dataclass(frozen=True, eq=False, kw_only=True)
class ProcedureResult:
    """One row per line in ``lines``, the worst first; ``summary`` is the answer in a few numbers,
    in the base currency, shares as fractions, losses positive."""

    name: str
    node: str
    summary: Mapping[str, float]
    lines: pd.DataFrame = field(repr=False)
    provenance: Provenance
    notes: tuple[str, ...] = ()

    @property
    def coverage(self) -> Coverage:
        return self.provenance.coverage

    def to_frame(self) -> pd.DataFrame:
        return self.lines.copy()

    def to_dict(self) -> dict[str, Any]:
        rows = self.lines.astype(object).where(self.lines.notna(), None)
        return {
            "name": self.name,
            "node": self.node,
            "summary": {k: v if np.isfinite(v) else None for k, v in self.summary.items()},
            "lines": rows.to_dict("records"),
            "notes": list(self.notes),
            "provenance": self.provenance.to_dict(),
        }

    def _repr_html_(self) -> str:
        told = ", ".join(f"{name.replace('_', ' ')} {x:,.6g}" for name, x in self.summary.items())
        table = self.lines.head(20).to_html(index=False, float_format="{:,.4g}".format)
        return f"<p><b>{self.name}</b> of {self.node}: {told}</p>{table}"


def held_lines(state: BookState, node: str | None) -> HeldLines:
    """Of a book that knows the values of its units."""
    book = state.book
    held = state.held_by(node)
    is_cash = np.asarray(book.attributes["asset_class"] == AssetClass.CASH.value, dtype=np.bool_)
    places = np.flatnonzero((held != 0.0) & ~is_cash)
    known = np.isfinite(book.known.values[places])
    failures = tuple(
        Failure(
            FailureReason.MISSING_DATA,
            f"{book.instrument_ids[place]} is held and has no value.",
            book.instrument_ids[place],
        )
        for place in places[~known]
    )
    places = places[known]
    return HeldLines(
        node=book.nodes[book.row(node)] if node is None else node,
        places=places,
        quantities=held[places],
        values=held[places] * book.known.values[places],
        failures=failures,
    )


def frame_of(state: BookState, lines: HeldLines, **columns: Any) -> pd.DataFrame:
    """One row per line: what it is, its value, and some columns more."""
    book = state.book
    return pd.DataFrame(
        {
            "instrument_id": [book.instrument_ids[place] for place in lines.places],
            "asset_class": book.attributes["asset_class"].to_numpy()[lines.places],
            "quantity": lines.quantities,
            "value": lines.values,
            **columns,
        }
    )


def procedure_result(
    state: BookState,
    lines: HeldLines,
    name: str,
    summary: Mapping[str, float],
    table: pd.DataFrame,
    inputs: Mapping[str, object],
    *,
    failures: tuple[Failure, ...] = (),
    notes: tuple[str, ...] = (),
) -> ProcedureResult:
    """With where it comes from: the book's inputs, and the assumptions that were made."""
    book = state.book
    failed = (*lines.failures, *failures)
    subjects = {each.subject for each in failed}
    return ProcedureResult(
        name=name,
        node=lines.node,
        summary=summary,
        lines=table.reset_index(drop=True),
        notes=notes,
        provenance=Provenance(
            as_of=book.as_of,
            base_currency=book.base_currency,
            model_id=f"procedure {name} 1",
            inputs={
                **book.inputs,
                "node": lines.node,
                **{key: str(value) for key, value in inputs.items()},
            },
            coverage=Coverage(len(lines.places) + len(lines.failures) - len(subjects), failed),
        ),
    )


def per_line(
    state: BookState,
    lines: HeldLines,
    given: float | Mapping[str, float],
    *,
    what: str,
    default: float | None = None,
) -> FloatArray:
    """A share for each line: one for all, or by instrument or asset class, the instrument's first.

    What is in no entry has the ``default``, or that of the key ``other``.
    """
    if not isinstance(given, Mapping):
        return np.full(len(lines.places), checked_share(float(given), what))
    book = state.book
    classes = book.attributes["asset_class"].astype(str).to_numpy()
    known = {*book.instrument_ids, *(each.value for each in AssetClass), "other"}
    for name, share in given.items():
        checked_share(share, what)
        if name not in known:
            raise UnknownNameError(f"instrument or asset class of the {what}", name, known)
    everything: dict[str, float | None] = {**given}
    rest = everything.get("other", default)
    found = np.empty(len(lines.places))
    for row, place in enumerate(lines.places):
        name, group = book.instrument_ids[place], str(classes[place])
        key = name if name in given else group
        mine = everything.get(key, rest)
        if mine is None:
            raise UserInputError(
                f"The {what} of {name} ({group}) is not given.",
                hint="Give one for its asset class, or one for 'other'.",
            )
        found[row] = mine
    return found


def checked_share(share: float, what: str) -> float:
    """A fraction from 0 to 1."""
    if not 0.0 <= share <= 1.0:
        hint = f"A fraction is meant, such as {share / 100.0:g}." if 1.0 < share <= 100.0 else None
        raise UserInputError(f"The {what} is {share:g}; it lies between 0 and 1.", hint=hint)
    return share
