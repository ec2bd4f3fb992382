"""Verbs of trading costs."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from riskplatform.desk.core import DeskCore

if TYPE_CHECKING:
    import pandas as pd

    from riskplatform.execution.tca import TcaReport


class TcaVerbs(DeskCore):
    """What trading cost."""

    def tca_report(
        self,
        *,
        since: date | None = None,
        until: date | None = None,
        node: str | None = None,
        bars: pd.DataFrame | str | Path | None = None,
    ) -> TcaReport:
        """Implementation shortfall of what was decided or traded from ``since`` to ``until`` (UTC).

        The market's own average price over the time of each parent is what the venue told while it
        was traded; ``bars`` (instrument_id, at, price, volume) are a better word on it.
        """
        from riskplatform.desk.tca import tca_report

        return tca_report(self._me, since, until, node, bars)
