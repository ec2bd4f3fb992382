"""The grids of this process, the least recently used forgotten first; each is built once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future

from riskplatform.domain.outcome import Failure
from riskplatform.pricing.exotics.grid import SpotVolGrid

Built = SpotVolGrid | Failure


class GridCache:
    """By content hash. Threads that want the same grid wait for the one that builds it."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._grids: OrderedDict[str, Future[Built]] = OrderedDict()

    def get(self, key: str, build: Callable[[], Built]) -> Built:
        """The grid of ``key``, built if it is new. A failure is told and not kept."""
        with self._lock:
            place = self._grids.get(key)
            is_new = place is None
            if place is None:
                place = self._grids[key] = Future()
                while len(self._grids) > self._size:
                    self._grids.popitem(last=False)
            self._grids.move_to_end(key)
        if is_new:
            self._build(key, place, build)
        return place.result()

    def grids(self) -> list[SpotVolGrid]:
        """Those that are built, the most recently used last."""
        with self._lock:
            places = [place for place in self._grids.values() if place.done()]
        found = (place.result() for place in places if place.exception() is None)
        return [grid for grid in found if isinstance(grid, SpotVolGrid)]

    def _build(self, key: str, place: Future[Built], build: Callable[[], Built]) -> None:
        try:
            built = build()
        except BaseException as error:
            self._forget(key, place)
            place.set_exception(error)
            return
        if isinstance(built, Failure):
            self._forget(key, place)
        place.set_result(built)

    def _forget(self, key: str, place: Future[Built]) -> None:
        with self._lock:
            if self._grids.get(key) is place:
                del self._grids[key]
