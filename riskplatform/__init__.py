"""One book of positions and exposures drives every number and every trade."""

from __future__ import annotations

__version__ = "0.1.0"
