"""What-if: trades and other changes of a book, and what they would do to every number of it."""

from __future__ import annotations

from riskplatform.risk.what_if.changed_book import ChangedBook
from riskplatform.risk.what_if.changes import Change, Scale, Trade
from riskplatform.risk.what_if.hedges import Hedge, HedgeReport, find_hedges
from riskplatform.risk.what_if.language import changes_from, parsed
from riskplatform.risk.what_if.netting import NetChange, netted
from riskplatform.risk.what_if.prepared import WhatIf
from riskplatform.risk.what_if.result import WhatIfResult

__all__ = [
    "Change",
    "ChangedBook",
    "Hedge",
    "HedgeReport",
    "NetChange",
    "Scale",
    "Trade",
    "WhatIf",
    "WhatIfResult",
    "changes_from",
    "find_hedges",
    "netted",
    "parsed",
]
