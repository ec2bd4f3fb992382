"""The morning report: changes first, then value, holdings, coverage and data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from riskplatform.domain.outcome import Failure
from riskplatform.reporting import morning_risk, numbers
from riskplatform.reporting.columns import Column
from riskplatform.reporting.document import Document, Fact, Facts, Grid, Remark, Section

if TYPE_CHECKING:
    import pandas as pd

    from riskplatform.domain.outcome import Coverage
    from riskplatform.pricing.valuation import Valuation
    from riskplatform.reporting.morning_risk import MorningRisk


@dataclass(frozen=True)
class MorningReport:
    """One day's book beside the day before. ``flows`` is money and securities put in or taken out.

    ``funds`` has one row per node below the one asked for: portfolio, name, value, flows, pnl.
    ``quality`` counts marks on prices by rule and severity. ``risk`` is none where it was not asked
    for, or the reason why there is none.
    """

    title: str
    as_of: date
    previous_day: date
    valuation: Valuation
    funds: pd.DataFrame
    quality: pd.DataFrame
    new_transactions: int
    risk: MorningRisk | Failure | None = None

    @property
    def coverage(self) -> Coverage:
        return self.valuation.coverage

    @property
    def pnl(self) -> float:
        return float(self.funds["pnl"].sum())


def morning_document(report: MorningReport) -> Document:
    """The report as data, for a terminal, a page or a workbook."""
    currency = report.valuation.provenance.base_currency
    return Document(
        title=report.title,
        subtitle=f"{report.as_of:%A %d %B %Y}, amounts in {currency}",
        sections=tuple(_sections(report, currency)),
        footer=(str(report.valuation.provenance),),
    )


def _sections(report: MorningReport, currency: str) -> Iterator[Section]:
    """Breaches and changes first, then value and P&L, risk, what is held, what is missing."""
    risk = report.risk
    if isinstance(risk, Failure):
        yield Section("Risk", (Remark(risk.message, "caution"),))
    elif risk is not None:
        yield morning_risk.news(risk)
    yield _day(report, currency)
    if risk is not None and not isinstance(risk, Failure):
        yield from morning_risk.sections(risk)
    yield _value(report, currency)
    yield _data(report)


def _day(report: MorningReport, currency: str) -> Section:
    flows = float(report.funds["flows"].sum())
    before = report.valuation.total - report.pnl - flows
    since = f"since {numbers.day(report.previous_day)}"
    facts = (
        Fact("Value", numbers.amount(report.valuation.total), currency),
        Fact(
            "P&L",
            numbers.signed(report.pnl),
            f"{numbers.signed_percent(report.pnl / abs(before))} {since}" if before else since,
            "bad" if report.pnl < 0 else "good",
        ),
        Fact("Flows", numbers.signed(flows), "money and securities put in or taken out"),
        Fact("Transactions", numbers.amount(report.new_transactions), "of the day"),
    )
    return Section("The day", (Facts(facts), _funds(report, currency)))


def _funds(report: MorningReport, currency: str) -> Grid:
    frame = report.funds.copy()
    before = (frame["value"] - frame["pnl"] - frame["flows"]).abs()
    frame["return"] = (frame["pnl"] / before).where(before > 0)
    columns = (
        Column("name", "Portfolio"),
        Column("value", f"Value, {currency}", "amount"),
        Column("pnl", "P&L", "signed"),
        Column("return", "P&L, %", "signed_percent"),
        Column("flows", "Flows", "signed"),
    )
    return Grid("Portfolios", frame, columns, most=20)


def _value(report: MorningReport, currency: str) -> Section:
    by_class = report.valuation.by("asset_class")
    classes = (
        Column("asset_class", "Asset class"),
        Column("value", f"Value, {currency}", "amount"),
        Column("share", "Share", "percent"),
        Column("long", "Long", "amount"),
        Column("short", "Short", "amount"),
        Column("notional", "Notional", "amount"),
    )
    lines = report.valuation.lines
    names = dict(zip(lines["instrument_id"], lines["name"], strict=True))
    largest = report.valuation.by("instrument_id")
    largest["name"] = largest["instrument_id"].map(names)
    holdings = (
        Column("instrument_id", "Instrument"),
        Column("name", "Name"),
        Column("value", f"Value, {currency}", "amount"),
        Column("share", "Share", "percent"),
    )
    return Section(
        "What is held",
        (
            Grid("Asset classes", by_class, classes),
            Grid("Largest holdings", largest, holdings, most=10),
        ),
    )


def _data(report: MorningReport) -> Section:
    coverage = report.coverage
    blocks = [
        Remark(f"Coverage: {coverage} lines valued.", "good" if coverage.is_complete else "caution")
    ]
    blocks += [Remark(failure.message, "caution") for failure in coverage.failures[:_MOST_REASONS]]
    rest = len(coverage.failures) - _MOST_REASONS
    if rest > 0:
        blocks.append(Remark(f"And {rest:,} more that have no value.", "caution"))
    if report.valuation.stale:
        some = ", ".join(report.valuation.stale[:_MOST_STALE])
        blocks.append(Remark(f"{len(report.valuation.stale):,} stale marks: {some}.", "caution"))
    for row in report.quality.to_dict("records"):
        if row["severity"] != "info":
            text = f"Data: {row['marks']} × {row['rule']} ({row['severity']})."
            blocks.append(Remark(text, "caution"))
    return Section("Coverage and data", tuple(blocks))


_MOST_REASONS, _MOST_STALE = 5, 8
