"""What may be posted; an unknown key is refused."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Asked(BaseModel):
    """A question: one line, the name of a kept one, or the keys of a question's file."""

    model_config = ConfigDict(extra="forbid")

    question: str | dict[str, Any] = Field(
        examples=["gain, es of GEQ in equity_down_20 with GEQ.NAM.CORE: AAPL +1000"]
    )
    as_of: dt.date | None = None


class Run(BaseModel):
    """Scenarios by id; the whole library without ids."""

    model_config = ConfigDict(extra="forbid")

    ids: list[str] | None = None
    node: str | None = None
    by: str = "asset_class"
    as_of: dt.date | None = None
