"""Currencies and pairs: every cross follows from prices in the pivot, so triangles always close."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from riskplatform.errors import UserInputError

_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class PairMove:
    """The logarithm by which ``bought``, counted in ``sold``, moves."""

    bought: str
    sold: str
    log_move: float


def pair_named(name: str, currencies: Sequence[str]) -> tuple[str, str] | None:
    """The two currencies of a name such as EURUSD or EUR/USD; None if it is not one."""
    text = name.upper().replace("/", "")
    first, second = text[:3], text[3:]
    known = first in currencies and second in currencies and first != second
    return (first, second) if len(text) == 6 and known else None


def prices_in_pivot(
    pairs: Sequence[PairMove], pivot: str, known: Mapping[str, float] | None = None
) -> dict[str, float]:
    """The log move of each currency's price in the pivot, from moves of pairs.

    Pairs that lead to the pivot fix each other. Of a pair with no way to it, the sold currency
    moves and the bought one keeps what it has (``known``, else nothing).
    """
    found: dict[str, float] = {pivot: 0.0}
    waiting = list(pairs)
    while waiting:
        reached = [p for p in waiting if p.bought in found or p.sold in found]
        if not reached:
            anchor = waiting[0].bought
            found[anchor] = (known or {}).get(anchor, 0.0)
            continue
        for pair in reached:
            waiting.remove(pair)
            _put(pair, found)
    del found[pivot]
    return found


def _put(pair: PairMove, found: dict[str, float]) -> None:
    if pair.bought in found and pair.sold in found:
        implied = found[pair.bought] - found[pair.sold]
        if abs(implied - pair.log_move) > _SAME:
            raise UserInputError(
                f"{pair.bought}{pair.sold} moves by {math.expm1(pair.log_move):+.4%}, but the "
                f"other pairs make it {math.expm1(implied):+.4%}.",
                hint="Leave one pair of the triangle out: it follows from the others.",
            )
    elif pair.bought in found:
        found[pair.sold] = found[pair.bought] - pair.log_move
    else:
        found[pair.bought] = found[pair.sold] + pair.log_move
