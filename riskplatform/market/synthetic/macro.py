"""Paths of the drivers: anchor plus a walk that is pulled back to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskplatform.errors import UnknownNameError
from riskplatform.market.synthetic.anchors_rates import TEN_YEAR
from riskplatform.market.synthetic.crises import PANDEMIC_2020
from riskplatform.market.synthetic.drivers import MARKET_DRIVER, Driver, all_drivers
from riskplatform.market.synthetic.grid import DateArray
from riskplatform.market.synthetic.recursions import accumulate
from riskplatform.market.synthetic.shocks import DriverShocks, driver_shocks
from riskplatform.market.synthetic.streams import FloatArray

# In the crash the walk is pulled hard, or shocks five times their size would swamp the story.
_PULL_IN_CRASH = 0.30
# The short end trades on what the central bank will have done in this many days.
_FORESIGHT_DAYS = 25
_STORYLESS = frozenset({"volatility", "credit"})


@dataclass(frozen=True)
class DriverPaths:
    """Paths [day, driver], the parts that belong to no anchor, and the shocks that made them."""

    drivers: tuple[Driver, ...]
    paths: FloatArray
    shocks: DriverShocks

    def column(self, driver_id: str) -> int:
        """Where a driver stands."""
        for position, driver in enumerate(self.drivers):
            if driver.driver_id == driver_id:
                return position
        raise UnknownNameError("driver", driver_id, (known.driver_id for known in self.drivers))

    def path(self, driver_id: str) -> FloatArray:
        """The path of one driver."""
        return self.paths[:, self.column(driver_id)]

    def move(self, driver_id: str) -> FloatArray:
        """Its daily change; zero on the first day."""
        path = self.path(driver_id)
        return np.diff(path, prepend=path[:1])


def driver_paths(seed: int, dates: DateArray) -> DriverPaths:
    """All drivers over ``dates`` (whole blocks of days)."""
    drivers = all_drivers()
    shocks = driver_shocks(seed, dates, drivers)
    scaled = shocks.values * np.array([driver.scale for driver in drivers])
    keep = np.tile(np.array([1.0 - driver.pull for driver in drivers]), (dates.size, 1))
    anchors = np.empty_like(scaled)
    crash = PANDEMIC_2020.days(dates)
    for column, driver in enumerate(drivers):
        kind, _, currency = driver.driver_id.partition(".")
        ahead = _FORESIGHT_DAYS if kind == "SHORT" else 0
        anchors[:, column] = driver.anchor.at(dates, ahead_days=ahead)
        if kind in {"SHORT", "TEN", "HUMP"}:
            scaled[:, column] *= _rate_activity(currency, dates)
        if driver.driver_id == MARKET_DRIVER:
            keep[crash, column] = 1.0 - _PULL_IN_CRASH
    scaled += _story_news(drivers, anchors)
    return DriverPaths(drivers, anchors + accumulate(scaled, keep), shocks)


def _story_news(drivers: tuple[Driver, ...], anchors: FloatArray) -> FloatArray:
    """What the market's own anchor path does to volatilities and credit spreads.

    They have no story of their own; a fall of the market that its anchor tells of is a risk shock
    to them like one that is drawn.
    """
    ids = [driver.driver_id for driver in drivers]
    market = ids.index(MARKET_DRIVER)
    path = anchors[:, market]
    shock = np.diff(path, prepend=path[:1]) / drivers[market].scale
    weights = [
        driver.scale * driver.loads.get("RISK", 0.0) if driver.group in _STORYLESS else 0.0
        for driver in drivers
    ]
    return np.asarray(shock[:, np.newaxis] * np.array(weights), dtype=np.float64)


def _rate_activity(currency: str, dates: DateArray) -> FloatArray:
    """Rates near zero move less: a factor between one half and 1.15 by the ten-year level."""
    level = TEN_YEAR[currency].at(dates)
    return np.asarray(0.5 + 0.5 * np.clip(level / 3.0, 0.0, 1.3), dtype=np.float64)
