"""Turns files of positions, transactions, instruments and prices into batches to commit.

Reading the file is the only effect: this room never touches the store. Bad input costs a clear
message and nothing else.
"""

from __future__ import annotations

from riskplatform.ingest.batch import (
    WHATS,
    Duplicate,
    ImportBatch,
    Policy,
    PriceRow,
    Refusal,
    What,
)
from riskplatform.ingest.columns import ColumnMap, propose_map
from riskplatform.ingest.context import ImportContext
from riskplatform.ingest.grid import Limits
from riskplatform.ingest.importing import read_batch
from riskplatform.ingest.preview import Preview, preview
from riskplatform.ingest.saved_maps import find_map, load_map, load_maps, save_map

__all__ = [
    "WHATS",
    "ColumnMap",
    "Duplicate",
    "ImportBatch",
    "ImportContext",
    "Limits",
    "Policy",
    "Preview",
    "PriceRow",
    "Refusal",
    "What",
    "find_map",
    "load_map",
    "load_maps",
    "preview",
    "propose_map",
    "read_batch",
    "save_map",
]
