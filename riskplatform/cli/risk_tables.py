"""The tables of risk for people: fewer columns, whole money, what they are in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from riskplatform.domain.provenance import Provenance
    from riskplatform.risk.risk_report import RiskReport
    from riskplatform.risk.slices import SlicedRisk


def methods_for_people(found: RiskReport) -> pd.DataFrame:
    """VaR and ES with their sampling intervals, and how each came to its horizon."""
    import pandas as pd

    rows = [
        {
            "scenarios": each.view,
            "method": figures.method,
            "VaR": figures.var,
            "interval of VaR": _interval(figures.var_interval),
            "ES": figures.es,
            "interval of ES": _interval(figures.es_interval),
            "volatility": figures.volatility,
            "horizon": "scaled by root of time" if figures.scaling else "",
        }
        for each in found.sets
        for figures in each.methods.figures
    ]
    table = pd.DataFrame(rows)
    return (
        table if rows and table["horizon"].any() else table.drop(columns="horizon", errors="ignore")
    )


def measures_for_people(found: RiskReport) -> pd.DataFrame:
    """Names without underscores, money whole."""
    table = found.measures_frame()
    table["measure"] = table["measure"].str.replace("_", " ")
    return table


def parts_for_people(found: SlicedRisk, measure: str, limit: int) -> tuple[pd.DataFrame, list[str]]:
    """The largest components of one measure, and the rest in one row; what the totals are."""
    import pandas as pd

    rows = found.to_frame(measure)
    share = f"{measure}_share"
    columns = [found.by, "volatility", "var", "es", share, f"{measure}_alone"]
    columns += [name for name in ("incremental_var", "incremental_es") if name in rows]
    table = rows[columns].head(limit)
    if len(rows) > limit:
        rest = rows[columns].iloc[limit:].select_dtypes("number").sum()
        rest[f"{measure}_alone"] = math.nan
        for name in ("incremental_var", "incremental_es"):
            if name in rest:
                rest[name] = math.nan
        others = {found.by: f"{len(rows) - limit:,} others", **rest.to_dict()}
        table = pd.concat([table, pd.DataFrame([others])], ignore_index=True)
    table = table.assign(**{share: table[share].map("{:.1%}".format)})
    totals = found.parts.totals
    name = measure if measure == "volatility" else measure.upper()
    ratio = found.diversification[measure]
    footer = [
        f"Together: volatility {totals[0]:,.0f}, VaR {totals[1]:,.0f}, ES {totals[2]:,.0f} "
        f"{found.base_currency} at {found.parts.confidence:.6g} over {found.horizon_days:g} days; "
        f"alone the items have {ratio:.2f} times that {name}."
    ]
    footer += [found.note] if found.note else []
    if found.provenance is not None:
        footer += foot(found.provenance, found.parts.confidence)
    return table, footer


def foot(provenance: Provenance, confidence: float) -> list[str]:
    """Where the figures are from; losses are positive."""
    return [
        "VaR and ES are losses, positive; P&L is signed.",
        f"as of {provenance.as_of}, in {provenance.base_currency}, model {provenance.model_id}, "
        f"run {provenance.run_id}",
        f"coverage {provenance.coverage}",
    ]


def _interval(given: object) -> str:
    low, high = getattr(given, "low", math.nan), getattr(given, "high", math.nan)
    if low != low:
        return ""
    return f"{_end(low)} … {_end(high)}"


def _end(value: float) -> str:
    return f"{value:,.0f}" if math.isfinite(value) else "no bound"
