"""How a factor moves: by a log return, a relative change, or an absolute one.

``log``: new = old · exp(move); ``relative``: new = old · (1 + move); ``absolute``: new = old +
move.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from riskplatform.errors import DataError, UnknownNameError
from riskplatform.market.content import FloatArray


class MoveKind(StrEnum):
    """The way a move is applied to a level."""

    LOG = "log"
    RELATIVE = "relative"
    ABSOLUTE = "absolute"


Kinds = tuple[MoveKind, ...]


def move_kind(name: str) -> MoveKind:
    """The kind called ``name``."""
    try:
        return MoveKind(name)
    except ValueError:
        raise UnknownNameError("kind of move", name, list(MoveKind)) from None


def columns_of(kinds: Sequence[MoveKind], kind: MoveKind) -> NDArray[np.intp]:
    """The columns whose factors move by ``kind``."""
    return np.flatnonzero([one is kind for one in kinds])


def kinds_with(
    factor_ids: Sequence[str], kinds: Sequence[MoveKind], chosen: Mapping[str, str]
) -> Kinds:
    """``kinds`` with some replaced, by factor or by type (what stands before the first dot)."""
    types = {factor_id.split(".", 1)[0] for factor_id in factor_ids}
    known = types | set(factor_ids)
    for name in chosen:
        if name not in known:
            raise UnknownNameError("factor or factor type", name, sorted(known))
    return tuple(
        move_kind(chosen.get(factor_id, chosen.get(factor_id.split(".", 1)[0], kind)))
        for factor_id, kind in zip(factor_ids, kinds, strict=True)
    )


def moves_between(start: FloatArray, end: FloatArray, kinds: Sequence[MoveKind]) -> FloatArray:
    """The moves that lead from ``start`` to ``end``, factors in columns."""
    moves = end - start
    log, relative = columns_of(kinds, MoveKind.LOG), columns_of(kinds, MoveKind.RELATIVE)
    moves[:, log] = np.log(end[:, log] / start[:, log])
    moves[:, relative] /= start[:, relative]
    return np.asarray(moves, dtype=np.float64)


def shocked_levels(levels: FloatArray, moves: FloatArray, kinds: Sequence[MoveKind]) -> FloatArray:
    """The levels [scenario, factor] after ``moves`` from today's ``levels`` [factor]."""
    shocked = levels + moves
    log, relative = columns_of(kinds, MoveKind.LOG), columns_of(kinds, MoveKind.RELATIVE)
    shocked[:, log] = levels[log] * np.exp(moves[:, log])
    shocked[:, relative] = levels[relative] * (1.0 + moves[:, relative])
    return np.asarray(shocked, dtype=np.float64)


def add_day(total: FloatArray, day: FloatArray, kinds: Sequence[MoveKind]) -> None:
    """Put one more day's moves upon ``total``, in place: relative moves compound, others add."""
    relative = columns_of(kinds, MoveKind.RELATIVE)
    crossed = total[:, relative] * day[:, relative] if relative.size else None
    total += day
    if crossed is not None:
        total[:, relative] += crossed


def check_levels(levels: FloatArray, factor_ids: Sequence[str], kinds: Sequence[MoveKind]) -> None:
    """Refuse levels from which a move of the factor's kind does not exist."""
    for kind, bad, wanted in (
        (MoveKind.LOG, levels <= 0.0, "above zero"),
        (MoveKind.RELATIVE, levels == 0.0, "other than zero"),
    ):
        columns = columns_of(kinds, kind)
        named = [factor_ids[column] for column in columns if bad[:, column].any()]
        if named:
            raise DataError(
                f"{kind.capitalize()} moves need levels {wanted}; "
                f"{', '.join(named[:5])}{' and others' if len(named) > 5 else ''} has others.",
                hint="Let such factors move by 'absolute'.",
            )
