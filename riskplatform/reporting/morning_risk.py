"""The risk in the morning report: breaches and changes, figures, contributors, tails, backtest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from riskplatform.domain.outcome import Failure
from riskplatform.reporting import numbers
from riskplatform.reporting.columns import Column
from riskplatform.reporting.document import (
    Block,
    Fact,
    Facts,
    Grid,
    Picture,
    Remark,
    Section,
    Tone,
)
from riskplatform.reporting.strip_text import strip_text

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from riskplatform.risk.backtests.result import BacktestResult
    from riskplatform.risk.decomposition import Decomposition
    from riskplatform.risk.figures import RiskFigures
    from riskplatform.risk.limits import LimitReport
    from riskplatform.risk.methods import SideBySide
    from riskplatform.stress.result import StressResult

_LIGHTS: dict[str, Tone] = {
    "red": "bad", "amber": "caution", "not measured": "caution", "green": "good",
}  # fmt: skip
_MOST_TAILS, _MOST_CONTRIBUTORS, _MOST_STRESSES = 5, 10, 10


@dataclass(frozen=True, eq=False)
class MorningRisk:
    """What may be lost, on the day and the day before; a part that failed is its reason.

    ``nodes`` has one row per portfolio just below: portfolio, name, var, es, es_component and the
    VaR of the day before. ``parts`` are of the ES by instrument, ``names`` theirs.
    """

    confidence: float
    currency: str
    figures: RiskFigures | Failure
    before: RiskFigures | Failure
    methods: tuple[SideBySide, ...]
    nodes: pd.DataFrame
    parts: Decomposition | Failure
    names: dict[str, str]
    limits: LimitReport | Failure
    limits_before: LimitReport | Failure
    stress: StressResult | Failure
    backtest: BacktestResult | Failure


def news(risk: MorningRisk) -> Section:
    """What has to be acted on: red and amber limits, what changed since, an alert of a model."""
    blocks: list[Block] = [*_limit_news(risk), *_changes(risk), *_model_news(risk)]
    if not blocks:
        blocks.append(Remark("No limit is breached and nothing has changed much.", "good"))
    return Section("Breaches and changes", tuple(blocks), note="first things first")


def sections(risk: MorningRisk) -> tuple[Section, ...]:
    """After value and P&L: figures, contributors, tails, stress, the backtest."""
    return tuple(_sections(risk))


def _limit_news(risk: MorningRisk) -> Iterator[Block]:
    if isinstance(risk.limits, Failure):
        yield Remark(f"Limits: {risk.limits.message}", "caution")
        return
    counts = risk.limits.counts
    words = ", ".join(f"{count} {light}" for light, count in counts.items() if count)
    tone: Tone = "bad" if counts["red"] else "caution" if counts["amber"] else "good"
    yield Remark(f"{len(risk.limits)} limits: {words or 'none'}.", tone)
    known = {} if isinstance(risk.limits_before, Failure) else {
        check.limit.limit_id: check.light.value for check in risk.limits_before.checks
    }  # fmt: skip
    shown = [c.to_dict() for c in risk.limits.worst_first() if c.light.value != "green"]
    if shown:
        frame = pd.DataFrame(shown)
        frame["before"] = frame["limit_id"].map(known).fillna("")
        frame["what"] = frame["measure"] + frame["of"].map(lambda of: f", {of}" if of else "")
        frame["remark"] = frame["reason"].fillna("")
        tones = tuple(_LIGHTS[light] for light in frame["light"])
        yield Grid("Limits that are not green", frame, _LIMIT_COLUMNS, tones=tones, most=15)
    now = {check.limit.limit_id: check.light.value for check in risk.limits.checks}
    better = sorted(name for name, light in known.items()
                    if light != "green" and now.get(name) == "green")  # fmt: skip
    if better:
        yield Remark(f"Green again: {', '.join(better)}.", "good")


_LIMIT_COLUMNS = (
    Column("light", "Light"),
    Column("before", "Day before"),
    Column("node", "Portfolio"),
    Column("what", "Measure"),
    Column("value", "Value", "rate"),
    Column("hard", "Limit", "rate"),
    Column("unit", "Unit"),
    Column("utilisation", "Used", "percent"),
    Column("owner", "Owner"),
    Column("remark", "Remark"),
)


def _changes(risk: MorningRisk) -> Iterator[Block]:
    now, before = risk.figures, risk.before
    if isinstance(now, Failure) or isinstance(before, Failure) or not before.var:
        return
    change = now.var / before.var - 1.0
    if abs(change) >= 0.1:
        yield Remark(
            f"VaR went from {numbers.amount(before.var)} to {numbers.amount(now.var)} "
            f"{risk.currency} ({numbers.signed_percent(change, 1)}) since the day before.",
            "caution" if change > 0 else "",
        )


def _model_news(risk: MorningRisk) -> Iterator[Block]:
    if isinstance(risk.backtest, Failure) or risk.backtest.alert is None:
        return
    yield Remark(risk.backtest.alert.message, "bad")


def _sections(risk: MorningRisk) -> Iterator[Section]:
    yield Section("Risk", tuple(_risk(risk)), note=_how(risk))
    if not isinstance(risk.parts, Failure):
        yield Section("What makes the ES", tuple(_parts(risk, risk.parts)))
    if not isinstance(risk.stress, Failure):
        yield Section("Stress", (_stress(risk.stress),))
    yield Section("Backtest", tuple(_backtest(risk)))


def _how(risk: MorningRisk) -> str:
    return f"{numbers.percent(risk.confidence, 1)}, 1 day, {risk.currency}"


def _risk(risk: MorningRisk) -> Iterator[Block]:
    now = risk.figures
    if isinstance(now, Failure):
        yield Remark(now.message, "caution")
        return
    facts = []
    for name, label in (("var", "Value at risk"), ("es", "Expected shortfall")):
        interval = getattr(now, f"{name}_interval")
        note = "" if interval is None else (
            f"{numbers.amount(interval.low)} to {numbers.amount(interval.high)} "
            f"at {numbers.percent(interval.level, 0)}"
        )  # fmt: skip
        facts.append(Fact(label, numbers.amount(getattr(now, name)), note))
    before = "" if isinstance(risk.before, Failure) else numbers.amount(risk.before.var)
    facts.append(Fact("VaR the day before", before or numbers.UNKNOWN, "the same method"))
    facts.append(Fact("Volatility", numbers.amount(now.volatility), now.method.replace("_", " ")))
    yield Facts(tuple(facts))
    table = pd.concat([each.to_frame() for each in risk.methods], ignore_index=True)
    yield Picture("Methods side by side", partial(_methods_chart, table, risk.currency), _how(risk))
    table["method"] = table["method"].str.replace("_", " ")
    yield Grid("Methods", table, _METHOD_COLUMNS, most=20)
    if len(risk.nodes):
        yield Grid("Portfolios, risk", risk.nodes, _NODE_COLUMNS, most=20)


def _methods_chart(table: pd.DataFrame, currency: str) -> go.Figure:
    from riskplatform.reporting import risk_charts

    return risk_charts.methods(table, currency)


_METHOD_COLUMNS = (
    Column("method", "Method"),
    Column("var", "VaR", "amount"),
    Column("var_low", "from", "amount"),
    Column("var_high", "to", "amount"),
    Column("es", "ES", "amount"),
    Column("scenarios", "Scenarios", "count"),
    Column("notes", "Remarks"),
)
_NODE_COLUMNS = (
    Column("name", "Portfolio"),
    Column("var", "VaR alone", "amount"),
    Column("before", "The day before", "amount"),
    Column("es", "ES alone", "amount"),
    Column("es_component", "ES component", "amount", "Sums to the whole"),
    Column("share", "Share", "percent"),
)


def _parts(risk: MorningRisk, parts: Decomposition) -> Iterator[Block]:
    frame = parts.to_frame().reset_index()
    frame["name"] = frame["item"].map(risk.names).fillna("")
    frame = frame.sort_values("es", ascending=False, ignore_index=True)
    half = pd.concat([frame.head(_MOST_CONTRIBUTORS), frame.tail(5)])
    yield Grid(
        "Top contributors and hedges", half[half["es"] != 0.0].drop_duplicates(), _PART_COLUMNS,
        most=_MOST_CONTRIBUTORS + 5,
    )  # fmt: skip
    if not parts.tail:
        return
    rows = [
        {"scenario": each.label, "loss": each.loss, "weight": each.weight,
         "drivers": ", ".join(f"{name} {numbers.signed(gain)}" for name, gain in each.drivers)}
        for each in parts.tail
    ]  # fmt: skip
    yield Grid(
        "Tail scenarios", pd.DataFrame(rows), _TAIL_COLUMNS, "what drove each", most=_MOST_TAILS
    )


_PART_COLUMNS = (
    Column("item", "Instrument"),
    Column("name", "Name"),
    Column("es", "ES component", "amount"),
    Column("es_share", "Share", "percent"),
    Column("var", "VaR component", "amount"),
)
_TAIL_COLUMNS = (
    Column("scenario", "Scenario"),
    Column("loss", "Loss", "amount"),
    Column("weight", "Of the ES", "percent"),
    Column("drivers", "Drivers"),
)


def _stress(found: StressResult) -> Block:
    columns = (
        Column("title", "Scenario"),
        Column("kind", "Kind"),
        Column("gain", f"P&L, {found.base_currency}", "signed"),
    )
    return Grid("Worst stress scenarios", found.to_frame(), columns, most=_MOST_STRESSES)


def _backtest(risk: MorningRisk) -> Iterator[Block]:
    found = risk.backtest
    if isinstance(found, Failure):
        yield Remark(found.message, "caution")
        return
    yield Remark(found.recommendation)
    strip = found.strip()
    name = found.card.champion or found.card.best.name
    lines = strip_text(list(strip["date"]), strip["is_exception"])
    yield Picture(
        f"Exceptions of {name}", partial(_strip_chart, strip, risk.currency),
        "days with a loss beyond VaR, by month", lines,
    )  # fmt: skip
    yield Grid("Scorecard", found.to_frame(), _SCORE_COLUMNS, most=12)


def _strip_chart(strip: pd.DataFrame, currency: str) -> go.Figure:
    from riskplatform.reporting import risk_charts

    return risk_charts.backtest_strip(
        list(strip["date"]), strip["pnl"], strip["value_at_risk"], strip["is_exception"], currency
    )


_SCORE_COLUMNS = (
    Column("rank", "Rank", "count"),
    Column("model", "Model"),
    Column("exceptions", "Exceptions", "count"),
    Column("expected", "Expected", "amount_2"),
    Column("light", "Basel light"),
    Column("pof_p", "POF p", "rate"),
    Column("es_p", "ES p", "rate"),
    Column("rejected_by", "Rejected by"),
)
