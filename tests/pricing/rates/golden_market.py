"""Markets of one or two flat curves for the reference cases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np

from riskplatform.market.credit import CreditCurve
from riskplatform.market.curves import Curve
from riskplatform.market.fixings import FixingSeries
from riskplatform.market.fx import FxMatrix
from riskplatform.market.interpolation import Interpolation
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.market.surfaces import VolSurface

FAR = 60.0


def flat(as_of: date, rate: float, *, settled: date | None = None, curve_id: str = "C") -> Curve:
    """A flat continuous Act/365F rate; with ``settled`` discounting starts only on that day."""
    if settled is None:
        return Curve(curve_id, as_of, np.array([FAR]), np.array([rate]))
    lag = (settled - as_of).days / 365.0
    zero = rate * (FAR - lag) / FAR
    return Curve(
        curve_id,
        as_of,
        np.array([lag, FAR]),
        np.array([0.0, zero]),
        Interpolation.LOG_LINEAR_DISCOUNT,
    )


def market(
    as_of: date,
    *curves: Curve,
    credit: CreditCurve | None = None,
    vol: float | None = None,
    fixings: Mapping[str, FixingSeries] | None = None,
    fx: Mapping[str, float] | None = None,
) -> MarketSnapshot:
    surfaces = {}
    if vol is not None:
        grid = np.full((1, 2), vol)
        surfaces["V"] = VolSurface(
            "V", as_of, "strike", np.array([1.0]), np.array([0.01, 0.10]), grid
        )
    return MarketSnapshot(
        as_of=as_of,
        fx=FxMatrix(as_of, fx or {}),
        curves={curve.curve_id: curve for curve in curves},
        credit_curves={} if credit is None else {credit.issuer_id: credit},
        surfaces=surfaces,
        fixings=fixings or {},
    )
