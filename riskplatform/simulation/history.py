"""Levels of factors by day, checked once: nothing past this point meets a missing number.

A missing level is refused by name, or dropped by the rule that was asked for and reported. When a
day is dropped, the days keep their places on the original grid, so that a move is only ever taken
between days that are really the horizon apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskplatform.domain.outcome import Coverage, Failure, FailureReason
from riskplatform.errors import DataError, MissingDataError, UnknownNameError, UserInputError
from riskplatform.market.content import DateArray, FloatArray, content_hash
from riskplatform.simulation.axis import FactorAxis, factor_axis
from riskplatform.simulation.kinds import Kinds, check_levels


class MissingRule(StrEnum):
    """What to do about a missing level."""

    REFUSE = "refuse"
    DROP_DAYS = "drop_days"
    DROP_FACTORS = "drop_factors"


@dataclass(frozen=True, slots=True, eq=False)
class FactorHistory:
    """Finite levels [day, factor], with the place of each day on the grid it was taken from."""

    axis: FactorAxis
    dates: DateArray = field(repr=False)
    places: NDArray[np.int64] = field(repr=False)
    levels: FloatArray = field(repr=False)
    coverage: Coverage
    notes: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """The hash of what scenarios are made from: days, places, levels."""
        return content_hash(self.dates, self.places, self.levels)

    def __len__(self) -> int:
        return len(self.dates)

    def moving_by(self, kinds: Kinds) -> FactorHistory:
        """The same levels, read as moves of other kinds."""
        check_levels(self.levels, self.axis.factor_ids, kinds)
        axis = FactorAxis(self.axis.factor_ids, kinds, self.axis.as_of)
        return FactorHistory(axis, self.dates, self.places, self.levels, self.coverage, self.notes)

    def last(self, days: int) -> FactorHistory:
        """The last ``days`` days."""
        if not 1 <= days <= len(self):
            raise DataError(f"A window of {days} days was asked; the history has {len(self)}.")
        return FactorHistory(
            self.axis,
            self.dates[-days:],
            self.places[-days:],
            self.levels[-days:],
            self.coverage,
            self.notes,
        )


def factor_history(
    levels: ArrayLike,
    dates: Sequence[date] | DateArray,
    factor_ids: Sequence[str],
    kinds: str | Sequence[str] = "log",
    *,
    missing: str = "refuse",
) -> FactorHistory:
    """A checked history; ``missing`` is 'refuse', 'drop_days' or 'drop_factors'."""
    rule = _missing_rule(missing)
    table = np.array(levels, dtype=np.float64)
    days = np.asarray(dates, dtype="datetime64[D]")
    if table.ndim != 2 or table.shape != (days.size, len(factor_ids)):
        raise UserInputError(
            f"The levels have shape {table.shape}; {days.size} dates and {len(factor_ids)} "
            "factors were given."
        )
    if days.size < 2 or not (np.diff(days) > np.timedelta64(0, "D")).all():
        raise UserInputError("A history needs at least two dates, each after the one before.")
    axis = factor_axis(factor_ids, days[-1].astype(object), kinds)
    holes = ~np.isfinite(table)
    places = np.arange(days.size, dtype=np.int64)
    whole = FactorHistory(axis, days, places, table, Coverage(len(axis)))
    clean = whole if not holes.any() else _without_holes(whole, holes, rule)
    check_levels(clean.levels, clean.axis.factor_ids, clean.axis.kinds)
    for array in (clean.dates, clean.places, clean.levels):
        array.flags.writeable = False
    return clean


def history_from_frame(
    frame: pd.DataFrame,
    kinds: str | Mapping[str, str] | Sequence[str] = "log",
    *,
    missing: str = "refuse",
) -> FactorHistory:
    """A history from a table of levels: dates in the index, one column per factor."""
    names = [str(column) for column in frame.columns]
    if isinstance(kinds, Mapping):
        for name in kinds:
            if name not in names:
                raise UnknownNameError("factor", name, names)
        kinds = [kinds.get(name, "log") for name in names]
    days = pd.DatetimeIndex(frame.index).to_numpy().astype("datetime64[D]")
    return factor_history(frame.to_numpy(dtype=np.float64), days, names, kinds, missing=missing)


def _missing_rule(name: str) -> MissingRule:
    try:
        return MissingRule(name)
    except ValueError:
        raise UnknownNameError("rule for missing levels", name, list(MissingRule)) from None


def _without_holes(
    history: FactorHistory, holes: NDArray[np.bool_], rule: MissingRule
) -> FactorHistory:
    named = _named_holes(history, holes)
    if rule is MissingRule.REFUSE:
        raise MissingDataError(
            f"Levels are missing: {named}.",
            hint="Complete them, or say missing='drop_days' or missing='drop_factors'.",
        )
    if rule is MissingRule.DROP_DAYS:
        kept = np.flatnonzero(~holes.any(axis=1))
        if kept.size < 2:
            raise MissingDataError(f"No two days are complete: {named}.")
        axis = FactorAxis(
            history.axis.factor_ids, history.axis.kinds, history.dates[kept[-1]].astype(object)
        )
        note = f"{len(history) - kept.size} days with missing levels were left out: {named}."
        return FactorHistory(
            axis, history.dates[kept], kept, history.levels[kept], Coverage(len(axis)), (note,)
        )
    columns = np.flatnonzero(~holes.any(axis=0))
    if columns.size == 0:
        raise MissingDataError(f"No factor is complete: {named}.")
    levels = np.ascontiguousarray(history.levels[:, columns])
    failures = tuple(
        _failure(history, holes, int(column)) for column in np.flatnonzero(holes.any(0))
    )
    axis = history.axis.only(columns)
    return FactorHistory(axis, history.dates, history.places, levels, Coverage(len(axis), failures))


def _failure(history: FactorHistory, holes: NDArray[np.bool_], column: int) -> Failure:
    factor_id = history.axis.factor_ids[column]
    missing = history.dates[holes[:, column]]
    return Failure(
        FailureReason.MISSING_DATA,
        f"{factor_id} has no level on {missing.size} days, the first {missing[0]}",
        factor_id,
    )


def _named_holes(history: FactorHistory, holes: NDArray[np.bool_]) -> str:
    columns = np.flatnonzero(holes.any(axis=0))
    words = [
        f"{history.axis.factor_ids[column]} on {history.dates[holes[:, column]][0]}"
        + (f" and {extra} days more" if (extra := int(holes[:, column].sum()) - 1) else "")
        for column in columns[:5]
    ]
    more = f"; {columns.size - 5} factors more" if columns.size > 5 else ""
    return "; ".join(words) + more
