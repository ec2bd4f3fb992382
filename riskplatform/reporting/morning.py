"""The morning report in the terminal: changes first, then value, holdings, coverage and data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    import pandas as pd

    from riskplatform.domain.outcome import Coverage
    from riskplatform.pricing.valuation import Valuation


@dataclass(frozen=True)
class MorningReport:
    """One day's book beside the day before. ``flows`` is money and securities put in or taken out.

    ``funds`` has one row per node below the one asked for: portfolio, name, value, flows, pnl.
    ``quality`` counts marks on prices by rule and severity.
    """

    title: str
    as_of: date
    previous_day: date
    valuation: Valuation
    funds: pd.DataFrame
    quality: pd.DataFrame
    new_transactions: int

    @property
    def coverage(self) -> Coverage:
        return self.valuation.coverage

    @property
    def pnl(self) -> float:
        return float(self.funds["pnl"].sum())


def render(report: MorningReport) -> RenderableType:
    """The report for a terminal of any width."""
    return Group(
        _headline(report),
        _funds(report),
        _slices(report),
        _largest(report),
        _coverage(report),
        Text(str(report.valuation.provenance), style="dim"),
    )


def _headline(report: MorningReport) -> Panel:
    currency = report.valuation.provenance.base_currency
    text = Text()
    text.append(f"{money(report.valuation.total)} {currency}", style="bold")
    text.append(f"   {report.as_of:%A %d %B %Y}\n")
    text.append(f"P&L since {report.previous_day:%d %b}: ")
    text.append(signed(report.pnl), style=colour(report.pnl))
    before = report.valuation.total - report.pnl - float(report.funds["flows"].sum())
    if before:
        text.append(f" ({report.pnl / abs(before):+.2%})", style=colour(report.pnl))
    text.append(f"   flows {signed(float(report.funds['flows'].sum()))}")
    text.append(f"   {report.new_transactions:,} transactions")
    return Panel(text, title=report.title, title_align="left")


def _funds(report: MorningReport) -> Table:
    currency = report.valuation.provenance.base_currency
    table = _table("Portfolios", "portfolio", f"value {currency}", "P&L", "P&L %", "flows")
    for row in report.funds.to_dict("records"):
        before = row["value"] - row["pnl"] - row["flows"]
        table.add_row(
            str(row["name"]),
            money(row["value"]),
            Text(signed(row["pnl"]), style=colour(row["pnl"])),
            f"{row['pnl'] / abs(before):+.2%}" if before else "",
            signed(row["flows"]),
        )
    return table


def _slices(report: MorningReport) -> Table:
    table = _table("Asset classes", "asset class", "value", "share", "long", "short", "notional")
    for row in report.valuation.by("asset_class").to_dict("records"):
        table.add_row(
            row["asset_class"],
            money(row["value"]),
            f"{row['share']:.1%}",
            money(row["long"]),
            money(row["short"]),
            money(row["notional"]),
        )
    return table


def _largest(report: MorningReport, count: int = 10) -> Table:
    table = _table("Largest holdings", "instrument", "name", "value", "share")
    lines = report.valuation.lines
    names = dict(zip(lines["instrument_id"], lines["name"], strict=True))
    for row in report.valuation.by("instrument_id").head(count).to_dict("records"):
        instrument = str(row["instrument_id"])
        table.add_row(instrument, names[instrument], money(row["value"]), f"{row['share']:.1%}")
    return table


def _coverage(report: MorningReport) -> RenderableType:
    coverage = report.coverage
    style = "green" if coverage.is_complete else "yellow"
    lines = [Text(f"Coverage: {coverage} lines valued", style=style)]
    lines += [Text(f"  {f.message}", style="yellow") for f in coverage.failures[:5]]
    if len(coverage.failures) > 5:
        lines.append(Text(f"  and {len(coverage.failures) - 5} more", style="yellow"))
    if report.valuation.stale:
        lines.append(Text(f"Stale marks: {', '.join(report.valuation.stale[:8])}", style="yellow"))
    for row in report.quality.to_dict("records"):
        if row["severity"] != "info":
            lines.append(
                Text(f"Data: {row['marks']} × {row['rule']} ({row['severity']})", style="yellow")
            )
    return Group(*lines)


def _table(title: str, first: str, *numbers: str) -> Table:
    table = Table(title=title, title_justify="left", header_style="bold", expand=False)
    table.add_column(first)
    for name in numbers:
        table.add_column(name, justify="left" if name == "name" else "right")
    return table


def money(amount: float) -> str:
    """Whole units with thousands separated; nothing for what is not known."""
    return "" if amount != amount else f"{amount:,.0f}"


def signed(amount: float) -> str:
    """As :func:`money`, with its sign."""
    return "" if amount != amount else f"{amount:+,.0f}"


def colour(amount: float) -> str:
    """Red below zero, green above."""
    return "red" if amount < 0 else "green" if amount > 0 else ""
