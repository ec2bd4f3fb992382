"""What the algorithms know of a market: what trading costs there, and how its day goes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from riskplatform.errors import MissingDataError, RiskPlatformError, UserInputError
from riskplatform.execution.algos import VolumeProfile, assumed_profile, learnt_profile
from riskplatform.optimisation.trading_costs import (
    SQUARE_ROOT,
    CostModel,
    Liquidity,
    cost_model_from_data,
)
from riskplatform.project.strict_yaml import read_document

if TYPE_CHECKING:
    import pandas as pd

    from riskplatform.desk.desk import Desk
    from riskplatform.domain.instruments import Instrument
    from riskplatform.risk.book import RiskBook

COSTS_FILE = "costs.yaml"


def costs_of(desk: Desk) -> CostModel:
    """By the desk's own file (``costs.yaml``), or the square-root law of a day's volume."""
    file = desk.settings.path(COSTS_FILE)
    if not file.exists():
        return SQUARE_ROOT
    document = read_document(file)
    try:
        return cost_model_from_data(document.data)
    except RiskPlatformError as error:
        known = [key for key in document.data if str(key) in error.message]
        raise document.error(error.message, *known[:1], hint=error.hint) from error


def markets_of(book: RiskBook, instrument_id: str) -> Liquidity:
    """Of one instrument: value and volume of the book's facts, volatility of its daily history."""
    place = book.place(instrument_id)
    history = [view for view in book.views.values() if view.has_paths]
    if not history:
        raise MissingDataError(
            "The book has no daily history, so no volatility is known.",
            hint="Ask for it with historical scenarios.",
        )
    value = abs(float(book.known.values[place]))
    gains = history[0].each(np.array([place], dtype=np.intp), np.ones(1))[0]
    volatility = float(gains.std()) / value if value > 0.0 else np.nan
    return Liquidity(
        instrument_ids=(instrument_id,),
        unit_values=np.array([value]),
        volatilities=np.array([volatility]),
        daily_volumes=np.array([float(book.known.daily_volumes[place])]),
        groups=(str(book.kinds[place]),),
    )


class Profiles:
    """How the volume of a day is spread, learnt from bars where a file of them is given."""

    def __init__(self, file: Path | None) -> None:
        self._bars = None if file is None else _read(file)

    def of(self, instrument: Instrument) -> VolumeProfile:
        if self._bars is None:
            return assumed_profile()
        mine = self._bars[self._bars["instrument_id"] == instrument.instrument_id]
        return learnt_profile(mine, instrument.calendar) if len(mine) else assumed_profile()


def _read(file: Path) -> pd.DataFrame:
    import pandas as pd

    if not file.is_file():
        raise UserInputError(f"There is no file {file}.", hint="Give bars as CSV or Parquet.")
    table = pd.read_parquet(file) if file.suffix == ".parquet" else pd.read_csv(file)
    missing = [name for name in ("instrument_id", "at", "volume") if name not in table.columns]
    if missing:
        raise UserInputError(
            f"{file} has no {', '.join(missing)}.",
            hint="Bars have instrument_id, at (when one begins) and volume.",
        )
    try:
        table["at"] = pd.to_datetime(table["at"], utc=True)
        table["volume"] = table["volume"].astype(float)
    except (ValueError, TypeError) as error:
        raise UserInputError(f"{file} cannot be read: {error}.") from error
    return table
