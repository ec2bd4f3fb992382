"""The venue's time as a clock that never fails: without a line it stands where it was last seen."""

from __future__ import annotations

from datetime import datetime

from riskplatform.errors import GatewayError
from riskplatform.execution.gateways.gateway import Gateway


class VenueTime:
    """Asked at every call; what the engine waits for, it waits for in the venue's time."""

    def __init__(self, gateway: Gateway, start: datetime) -> None:
        self._gateway, self._last = gateway, start

    def __call__(self) -> datetime:
        try:
            self._last = self._gateway.now()
        except GatewayError:
            return self._last
        return self._last
