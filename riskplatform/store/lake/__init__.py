"""The lake: market data, exposures and run results as versioned tables on DuckLake."""

from __future__ import annotations

from riskplatform.store.lake.lake import Lake
from riskplatform.store.lake.query import Between
from riskplatform.store.lake.schema import SCHEMA_VERSION, TABLES, Table

__all__ = ["SCHEMA_VERSION", "TABLES", "Between", "Lake", "Table"]
