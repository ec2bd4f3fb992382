"""Headline figures of a valuation and the day's P&L by line, from what the desk has answered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from riskplatform.pricing.valuation import Valuation

IN_KIND = ("opening", "transfer")
"""Kinds of transactions that bring securities in or out without money: no gain, no loss."""

REST_ID = "rest"
REST = "Fees, FX deals and other"


@dataclass(frozen=True, slots=True)
class Headline:
    """Sizes of a book relative to its value; None where the value is not positive."""

    value: float
    cash: float
    gross: float
    net: float
    notional: float
    lines: int
    instruments: int

    def times_value(self, amount: float) -> float | None:
        return amount / self.value if self.value > 0 else None


def headline(valuation: Valuation) -> Headline:
    """Cash is what is held as cash; gross, net and notional are of all other lines."""
    lines = valuation.lines
    is_cash = lines["asset_class"] == "cash"
    value, notional = lines["value"].fillna(0.0), lines["notional"].fillna(0.0)
    return Headline(
        value=valuation.total,
        cash=float(value[is_cash].sum()),
        gross=float(value[~is_cash].abs().sum()),
        net=float(value[~is_cash].sum()),
        notional=float(notional[~is_cash].abs().sum()),
        lines=int((~is_cash).sum()),
        instruments=int(lines.loc[~is_cash, "instrument_id"].nunique()),
    )


def day_pnl(history: pd.DataFrame) -> tuple[float, float | None]:
    """P&L of the last day, and its share of the value at the end of the day before."""
    if len(history) < 2:
        return float("nan"), None
    pnl, before = float(history["pnl"].iloc[-1]), float(history["value"].iloc[-2])
    return pnl, pnl / before if before > 0 else None


def contributions(
    now: pd.DataFrame, before: pd.DataFrame, transactions: pd.DataFrame, total_pnl: float
) -> pd.DataFrame:
    """instrument_id, name, pnl: who made the day's P&L; the rows sum to ``total_pnl``.

    A line's P&L is its change of value plus the money that it paid out. What belongs to no line
    (fees, the spread of currency deals, lines without a value on one of the days) is the last row.
    """
    keys = ["instrument_id", "name"]
    change = now.groupby(keys)["value"].sum().sub(before.groupby(keys)["value"].sum(), fill_value=0)
    table = change.rename("pnl").reset_index()
    moved = _moved(now, before, transactions)
    table["pnl"] += table["instrument_id"].map(moved).fillna(0.0)
    rest = total_pnl - float(table["pnl"].sum())
    if np.isfinite(rest) and abs(rest) >= 0.5:
        last = pd.DataFrame({"instrument_id": [REST_ID], "name": [REST], "pnl": [rest]})
        table = pd.concat([table, last], ignore_index=True)
    return table.sort_values("pnl", ascending=False, ignore_index=True)


def _moved(now: pd.DataFrame, before: pd.DataFrame, transactions: pd.DataFrame) -> pd.Series:
    """What each line gave to or took from the rest of the book during the day, in base currency."""
    known = pd.concat([now, before]).drop_duplicates("instrument_id").set_index("instrument_id")
    fx = pd.concat([now, before]).dropna(subset=["fx"]).groupby("currency")["fx"].first()
    deals = transactions.assign(
        money=transactions["amount"].astype(float) * transactions["currency"].map(fx).fillna(0.0),
        held=transactions["quantity"].astype(float)
        * transactions["instrument_id"].map(known["unit_value"] * known["fx"]).fillna(0.0),
    )
    in_kind = deals["kind"].isin(IN_KIND)
    on_line = deals["instrument_id"].map(known["is_settled"]).eq(True) & (
        deals["kind"] != "settlement"
    )
    is_cash = deals["instrument_id"].map(known["asset_class"]).eq("cash")
    paid = deals["money"].where(~on_line & ~is_cash & ~in_kind, 0.0)
    came = deals["held"].where(in_kind | is_cash, 0.0)
    by_line = (paid - came).groupby(deals["instrument_id"]).sum()
    cash_ids = now.loc[now["asset_class"] == "cash"].drop_duplicates("currency")
    cash_of = cash_ids.set_index("currency")["instrument_id"]
    into_cash = deals["money"].where(~on_line, 0.0).groupby(deals["currency"].map(cash_of)).sum()
    return by_line.sub(into_cash, fill_value=0.0)
