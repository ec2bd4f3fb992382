"""The factors of a scenario set in their order, how each moves, and as of when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.market.content import Content, content_hash
from riskplatform.simulation.kinds import Kinds, move_kind


@dataclass(frozen=True, slots=True, eq=False)
class FactorAxis(Content):
    """Factor ids, one kind of move each, and the date from whose levels they move."""

    factor_ids: tuple[str, ...]
    kinds: Kinds
    as_of: date

    def __post_init__(self) -> None:
        ids = tuple(self.factor_ids)
        kinds = tuple(move_kind(kind) for kind in self.kinds)
        if not ids:
            raise UserInputError("A scenario set needs at least one factor.")
        if len(kinds) != len(ids):
            raise UserInputError(f"{len(ids)} factors but {len(kinds)} kinds of move.")
        if len(set(ids)) != len(ids):
            twice = sorted({one for one in ids if ids.count(one) > 1})
            raise UserInputError(f"Factors are named twice: {', '.join(twice)}.")
        object.__setattr__(self, "factor_ids", ids)
        object.__setattr__(self, "kinds", kinds)

    def __len__(self) -> int:
        return len(self.factor_ids)

    @property
    def digest(self) -> str:
        """The hash of factors and kinds; the date is told beside a set's id, not in it."""
        return content_hash(self.factor_ids, self.kinds)

    def columns(self, names: Iterable[str]) -> NDArray[np.intp]:
        """The column of each named factor, in the order asked."""
        where = {factor_id: column for column, factor_id in enumerate(self.factor_ids)}
        found = []
        for name in names:
            if name not in where:
                raise UnknownNameError("factor", name, self.factor_ids)
            found.append(where[name])
        return np.array(found, dtype=np.intp)

    def only(self, columns: Sequence[int] | NDArray[np.intp]) -> FactorAxis:
        """The same day with these columns alone, in this order."""
        return FactorAxis(
            tuple(self.factor_ids[column] for column in columns),
            tuple(self.kinds[column] for column in columns),
            self.as_of,
        )


def factor_axis(
    factor_ids: Sequence[str], as_of: date, kinds: str | Sequence[str] = "log"
) -> FactorAxis:
    """An axis from plain texts; one kind stands for all."""
    each = [kinds] * len(factor_ids) if isinstance(kinds, str) else kinds
    return FactorAxis(tuple(factor_ids), tuple(move_kind(kind) for kind in each), as_of)
