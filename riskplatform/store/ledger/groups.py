"""Legs that belong together: what leaves one portfolio arrives in another, to the last billionth.

A transfer's legs sum to zero per instrument. A merger gives up one instrument of a portfolio for
others; a spin-off keeps the parent and adds the child; ``ratio`` on a received leg says which
share of the old cost it carries (a merger into a single instrument carries all of it).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Protocol, TypeVar

from riskplatform.domain.fixed import join
from riskplatform.domain.instruments import Instrument
from riskplatform.domain.transactions import Transaction, TransactionKind
from riskplatform.store.ledger.meaning import moves_of

LINKED_KINDS = frozenset(
    {TransactionKind.TRANSFER, TransactionKind.MERGER, TransactionKind.SPIN_OFF}
)
"""Kinds whose legs make sense only together."""


def group_problems(legs: Iterable[Transaction], instruments: Mapping[str, Instrument]) -> list[str]:
    """What is wrong with the groups that ``legs`` make up, in words."""
    transfers: dict[str, list[Transaction]] = defaultdict(list)
    actions: dict[tuple[str, str], list[Transaction]] = defaultdict(list)
    for leg in legs:
        if leg.kind is TransactionKind.TRANSFER:
            transfers[str(leg.group_id)].append(leg)
        elif leg.kind in LINKED_KINDS:
            actions[str(leg.group_id), str(leg.portfolio_id)].append(leg)
    found = [p for group, them in transfers.items() for p in _transfer(group, them, instruments)]
    for (group, portfolio), them in actions.items():
        found += [f"group {group!r} in {portfolio}: {problem}" for problem in _action(them)]
    return found


def _transfer(
    group: str, legs: list[Transaction], instruments: Mapping[str, Instrument]
) -> Iterator[str]:
    left: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for leg in legs:
        for name, *numbers in moves_of(leg, instruments.get(leg.instrument_id or "")):
            left[name] = [a + b for a, b in zip(left[name], numbers, strict=True)]
    for name, (units, nanos, balance_units, balance_nanos) in sorted(left.items()):
        quantity, balance = join(units, nanos), join(balance_units, balance_nanos)
        if quantity or balance:
            yield (
                f"transfer group {group!r} does not balance: {quantity or balance:f} of {name} "
                "has no other side"
            )
    if len({leg.effective_at for leg in legs}) > 1:
        yield f"transfer group {group!r} has legs at different moments"


def _action(legs: list[Transaction]) -> Iterator[str]:
    kinds = {leg.kind for leg in legs}
    if len(kinds) > 1:
        yield f"it mixes {' and '.join(sorted(kinds))}"
        return
    if len({leg.effective_at for leg in legs}) > 1:
        yield "its legs are at different moments"
    sources, received = sources_and_received(legs)
    if len({leg.instrument_id for leg in sources}) != 1 or not received:
        yield "it needs one instrument that gives and at least one that is received"
        return
    shares = [leg.ratio for leg in received]
    single_merger = kinds == {TransactionKind.MERGER} and len(received) == 1
    if any(share is None for share in shares) and not single_merger:
        yield "each received leg must say in ratio which share of the cost it carries"
    total = sum((share for share in shares if share is not None), Decimal(0))
    if total > 1:
        yield f"its received legs carry {total} of the cost, more than all of it"
    if kinds == {TransactionKind.MERGER} and not single_merger and total != 1:
        yield f"its received legs carry {total} of the cost and should carry all of it"


class Leg(Protocol):
    """What tells a giving leg from a received one."""

    @property
    def kind(self) -> TransactionKind: ...
    @property
    def quantity(self) -> Decimal | int: ...
    @property
    def ratio(self) -> Decimal | None: ...


LegT = TypeVar("LegT", bound=Leg)


def sources_and_received(
    legs: Iterable[LegT],
) -> tuple[list[LegT], list[LegT]]:
    """Legs that give their cost, and legs that carry it on.

    A spin-off's parent moves no quantity. In a merger, legs with a ratio are received; where none
    has one, the negative leg gives (so a merger of a short holding states its ratio).
    """
    legs = list(legs)
    if legs[0].kind is TransactionKind.SPIN_OFF:
        received = [leg for leg in legs if leg.quantity]
    elif any(leg.ratio is not None for leg in legs):
        received = [leg for leg in legs if leg.ratio is not None]
    else:
        received = [leg for leg in legs if leg.quantity > 0]
    return [leg for leg in legs if leg not in received], received
