"""Shares that changed books some days ago without being traded."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from riskplatform.demofirm.cast import Cast
from riskplatform.demofirm.corporate_actions import CorporateActions
from riskplatform.demofirm.journal import Journal
from riskplatform.domain.transactions import TransactionKind

_ROWS_BACK = 3
_HANDOVERS = (
    ("GEQ.NAM.CORE", "GEQ.NAM.QUALITY", 14),
    ("GEQ.GLOBAL.MULTI", "GEQ.GLOBAL.LOWVOL", 12),
    ("GEQ.EUR.CORE", "GEQ.GLOBAL.INDEX", 8),
)
_SHARE = Decimal("0.25")


def hand_over(
    journal: Journal,
    cast: Cast,
    actions: CorporateActions,
    held: Mapping[str, Mapping[int, Decimal]],
) -> None:
    """Move a quarter of some lines from one strategy to another that holds them too."""
    row = journal.stage.end - _ROWS_BACK
    # Whoever held a name when its dividend fell due has been paid it; such names stay.
    busy = {event.column for event in actions.events if event.row >= row}
    for giver, taker, count in _HANDOVERS:
        shared = [c for c in held[giver] if c in held[taker] and c not in busy]
        for column in shared[:count]:
            share = cast.shares[column].instrument
            lots = int(held[giver][column] * _SHARE / share.lot_size)
            if not lots:
                continue
            for leaf, quantity in ((giver, -lots * share.lot_size), (taker, lots * share.lot_size)):
                journal.write(
                    TransactionKind.TRANSFER,
                    leaf,
                    journal.stage.day(row),
                    instrument_id=share.instrument_id,
                    quantity=quantity,
                    group_id=f"HANDOVER.{giver}.{taker}.{share.instrument_id}",
                    note=f"from {giver} to {taker}",
                )
