"""Which snapshot of the lake a question is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riskplatform.store.lake import Lake

# Messages of writes that keep results only; what the market said is the same before and after.
_RESULTS = ("cubes described", "exposures ", "stress ", "backtest ", "risk ", "limits ", "query ")


def market_snapshot(lake: Lake) -> int:
    """The oldest snapshot that shows the market as the newest one does.

    So that keeping a result in the lake does not make every answer that is remembered look old.
    """
    found = lake.latest_snapshot()
    known = lake.snapshots().sort_values("snapshot_id", ascending=False)
    for number, message in zip(known["snapshot_id"], known["message"], strict=True):
        if number > found:
            continue
        found = int(number)
        if not (isinstance(message, str) and message.startswith(_RESULTS)):
            break
    return found
