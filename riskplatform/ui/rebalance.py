"""The Rebalance page: the proposal that is open, in figures and words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from riskplatform.errors import RiskPlatformError
from riskplatform.reporting import numbers
from riskplatform.reporting.columns import Column
from riskplatform.reporting.export import csv_text
from riskplatform.ui import cards, rebalance_data
from riskplatform.ui.cards import Card
from riskplatform.ui.markdown import literal
from riskplatform.ui.problems import fragment
from riskplatform.ui.rebalance_shown import Shown
from riskplatform.ui.session import Question
from riskplatform.ui.tables import table

if TYPE_CHECKING:
    from riskplatform.optimisation.proposals import Number, Proposal

_MOST_BREACHES = 8
_WORST_STRESSES = 10
_SHOWN = 0.5
"""Of any unit: what is less is shown as nothing."""

_DUST = 1e-9
"""Of a number: what is less is rounding."""


def headline_block(question: Question, open_: Shown) -> None:
    """What it trades, what that costs, and what it breaks."""
    proposal, record = open_.proposal, open_.record
    if record is None:
        title, note = "Draft", "not recorded"
    else:
        state = record.state_at(question.desk.now())
        title, note = (
            f"Proposal {proposal.proposal_id}",
            f"{state.value}, by {proposal.proposed_by}",
        )
    cards.heading(
        title,
        f"{note}; {proposal.node} by {proposal.rule_id}, as of {proposal.as_of}, under "
        f"{proposal.policy_id}, good until {proposal.expires_at:%Y-%m-%d %H:%M} UTC",
    )
    cards.strip(headline(proposal))
    if proposal.new_breaches:
        _breaches(proposal)
    if proposal.notes:
        st.caption("  \n".join(map(literal, proposal.notes)))


def headline(proposal: Proposal) -> list[Card]:
    """The strip."""
    currency = proposal.base_currency

    def money(label: str, value: float, note: str, more: str, tone: str = "") -> Card:
        figure, unit = numbers.compact(value)
        return Card(label, figure, f"{unit} {currency}".strip(), note, more, tone)

    new = len(proposal.new_breaches)
    return [
        money("Allocated", proposal.value, f"{len(proposal.lines):,} lines",
              f"{numbers.amount(proposal.value)} {currency}: what weights are shares of"),
        Card("Trades", numbers.amount(len(proposal.trades)), "",
             f"of {numbers.amount(proposal.traded)} {currency}",
             "One for each portfolio and instrument, in whole lots"),
        Card("Turnover", numbers.percent(proposal.turnover), "", "bought and sold",
             "Of the value; buying and selling all of it is 200 %"),
        money("Expected cost", proposal.expected_cost, f"{proposal.cost_bp:.1f} bp of the value",
              f"{numbers.amount(proposal.expected_cost, 2)} {currency}: spread, impact, fees"),
        money("Cash left", proposal.cash_left, "by whole lots",
              f"{numbers.amount(proposal.cash_left, 2)} {currency} of what may be invested"),
        Card("Off target", numbers.percent(proposal.distance, 2), "", "by lots and caps",
             "Half the sum of what weights after trading are off those wanted"),
        Card("New breaches", numbers.amount(new), "",
             f"{proposal.breaches_before} before, {proposal.breaches_after} after",
             f"{proposal.limits_not_measured} limits could not be measured",
             "loss" if new else ""),
    ]  # fmt: skip


def _breaches(proposal: Proposal) -> None:
    moved = [each for each in proposal.limits if each.is_new_breach]
    lines = [
        f"{each.limit_id}: {each.measure.replace('_', ' ')} of {each.node} would be "
        f"{numbers.significant(each.after)}, allowed is {numbers.significant(each.hard)}"
        for each in moved[:_MOST_BREACHES]
    ]
    more = [f"and {len(moved) - len(lines)} more"] if len(moved) > len(lines) else []
    words = "It would break 1 limit" if len(moved) == 1 else f"It would break {len(moved)} limits"
    st.error("  \n".join([f"**{words}**", *map(literal, [*lines, *more])]))


@fragment
def numbers_block(question: Question, open_: Shown) -> None:
    """Value, exposures, VaR, ES and the worst stresses: before, after, difference."""
    proposal = open_.proposal
    cards.heading("Before and after", f"{proposal.node}, in full revaluation")
    table(numbers_frame(proposal), _NUMBER_COLUMNS, key="rebalance-numbers", rows_shown=17)
    count = sum(each.group == "stress" for each in proposal.numbers)
    if count > _WORST_STRESSES:
        st.caption(f"Of {count} stress scenarios, those that are worst after.")


def numbers_frame(proposal: Proposal) -> pd.DataFrame:
    """What is not nothing; of the stress scenarios the worst, as they would be."""
    told = [
        each
        for each in proposal.numbers
        if max(abs(each.before or 0.0), abs(each.after or 0.0)) >= _SHOWN
    ]
    stresses = [each for each in told if each.group == "stress" and each.after is not None]
    worst = sorted(stresses, key=lambda each: each.after or 0.0)[:_WORST_STRESSES]
    order = {"risk": 0, "value": 1, "exposures": 2}
    chosen = sorted(
        (each for each in told if each.group != "stress"), key=lambda each: order.get(each.group, 3)
    )
    rows = [
        (each.group, _name(each), each.before, each.after, _difference(each), each.unit)
        for each in [*chosen, *worst]
    ]
    names = ["group", "measure", "before", "after", "difference", "unit"]
    return pd.DataFrame(rows, columns=names)


def _name(number: Number) -> str:
    """A scenario's id is said to be one."""
    return (
        f"stress {number.measure}" if number.group == "stress" else number.measure.replace("_", " ")
    )


def _difference(number: Number) -> float | None:
    before, after = number.before, number.after
    if before is None or after is None:
        return None
    found = after - before
    return 0.0 if abs(found) <= _DUST * max(abs(before), abs(after)) else found


_NUMBER_COLUMNS = [
    Column("measure", "Number", width=158),
    Column("before", "Before", "amount", width=96),
    Column("after", "After", "amount", width=96),
    Column("difference", "Difference", "change", width=86),
    Column("unit", "Unit", width=116),
]


@fragment
def limits_block(question: Question, open_: Shown) -> None:
    """Limits that it moves, judged by the code that judges limits every day."""
    proposal = open_.proposal
    cards.heading("Limits that it moves", "new breaches first")
    if not proposal.limits:
        st.caption("None: the desk has no limit that this touches.")
        return
    rows = pd.DataFrame(
        [
            {
                "limit": each.limit_id, "before": each.before,
                "of": f"{each.measure.replace('_', ' ')} of {each.node}",
                "after": each.after, "hard": each.hard,
                "light": each.light_after if each.light_before == each.light_after
                else f"{each.light_before} → {each.light_after}",
            }
            for each in proposal.limits
        ]
    )  # fmt: skip
    table(rows, _LIMIT_COLUMNS, key="rebalance-limits", rows_shown=7)


_LIMIT_COLUMNS = [
    Column("limit", "Limit", width=200),
    Column("of", "Of", width=290),
    Column("light", "Light", "light", width=150),
    Column("before", "Before", "rate", width=165),
    Column("after", "After", "rate", width=165),
    Column("hard", "Allowed", "rate", width=165),
]


@fragment
def reasons_block(question: Question, open_: Shown) -> None:
    """What holds the answer back, in words; what was left out; how far from the optimum it is."""
    proposal = open_.proposal
    cards.heading("Why these weights", "what holds the answer back, and how sure it is")
    if proposal.binding:
        for each in proposal.binding:
            st.markdown(f"- {literal(each.words)}")
    elif proposal.constraints:
        st.caption("No constraint holds the answer back.")
    else:
        st.caption("It was made without constraints: weights are long and sum to one.")
    certificate = {each.name: each.value for each in proposal.certificate}
    facts = [("Method", proposal.method)]
    facts += [
        (each.name.replace("_", " ").capitalize(), _YES_NO.get(each.value, each.value))
        for each in proposal.choices
    ]
    if certificate:
        facts.append(("Certificate", certificate_words(certificate)))
    facts += [("Left as it is", words) for words in proposal.left_out[:6]]
    cards.facts(facts)


_YES_NO = {"True": "yes", "False": "no"}


def certificate_words(told: dict[str, str]) -> str:
    """Residuals and gap as recomputed from the answer."""
    names = {"primal_residual": "constraints", "dual_residual": "optimality", "gap": "gap"}
    off = ", ".join(f"{words} {float(told[key]):.1e}" for key, words in names.items())
    good = "holds" if told.get("is_good") == "True" else "does not hold"
    return f"{good} ({told.get('solver', 'closed form')}), recomputed: off by {off}"


@fragment
def trades_block(question: Question, open_: Shown) -> None:
    """Every trade in whole lots."""
    proposal = open_.proposal
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    frame = trades_frame(proposal)
    with left:
        cards.heading(
            "Trades", f"{len(frame):,} in whole lots, the largest first, {proposal.base_currency}"
        )
    with right:
        st.download_button(
            "Download", csv_text(proposal.trades_frame()), key="rebalance-trades-download",
            file_name=f"trades-{proposal.proposal_id}.csv", mime="text/csv", on_click="ignore",
            width="stretch", help="Every trade, as execution takes it",
        )  # fmt: skip
    if frame.empty:
        st.caption("Nothing is to be traded.")
        return
    table(frame, _TRADE_COLUMNS, key="rebalance-trades", rows_shown=12)


@fragment
def weights_block(question: Question, open_: Shown) -> None:
    """Of every line, before and after, and what the method asks for."""
    proposal = open_.proposal
    cards.heading("Weights", f"of {len(proposal.lines):,} lines, the largest trade first")
    rows = proposal.to_frame()
    if rows.empty:
        st.caption("No line is allocated to.")
        return
    has_band = rows["weight_low"].notna().any()
    columns = [each for each in _LINE_COLUMNS if has_band or each.name not in _BAND]
    table(rows, columns, key="rebalance-lines", rows_shown=11)


def trades_frame(proposal: Proposal) -> pd.DataFrame:
    """One row per portfolio and instrument, the largest first, valued in the base currency."""
    units = {line.instrument_id: line.unit_value for line in proposal.lines}
    rows = [
        (each.instrument_id, each.portfolio_id, float(each.quantity),
         float(each.quantity) * units[each.instrument_id], float(each.reference_price),
         each.currency)
        for each in proposal.trades
    ]  # fmt: skip
    names = ["instrument_id", "portfolio_id", "quantity", "trade", "price", "currency"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.sort_values("trade", key=abs, ascending=False, ignore_index=True)


_TRADE_COLUMNS = [
    Column("instrument_id", "Instrument", width=116),
    Column("portfolio_id", "Portfolio", width=130),
    Column("quantity", "Units", "signed", "Bought above zero, sold below", 80),
    Column("trade", "Value", "signed", "In the currency of the page", 98),
    Column("price", "Mark", "price", "That trades are valued at", 82),
    Column("currency", "Ccy", width=46),
]

_BAND = ("weight_low", "weight_high")
_LINE_COLUMNS = [
    Column("instrument_id", "Line", width=140),
    Column("weight_before", "Before", "percent", width=75),
    Column("weight_wanted", "Wanted", "percent", "What the method asks for, before lots", 75),
    Column("weight_after", "After", "percent", width=75),
    Column("weight_low", "From", "percent", "Of other histories drawn from this one, 5 %", 70),
    Column("weight_high", "To", "percent", "Of other histories drawn from this one, 95 %", 70),
    Column("trade_value", "Traded", "signed", width=110),
    Column("cost", "Cost", "amount", "Expected: spread, impact, fees", 80),
]


def ground_block(question: Question, open_: Shown) -> None:
    """What it was made from, by hash or id; and whether pictures are of the same."""
    proposal = open_.proposal
    with st.expander("Where it comes from"):
        facts = [("Digest", proposal.digest), ("Rule", proposal.rule_id)]
        facts += [(f"Constraint {i}", each) for i, each in enumerate(proposal.constraints, 1)]
        facts += [(each.name.capitalize(), each.value) for each in proposal.inputs]
        cards.facts(facts)
    try:
        is_other = rebalance_data.is_other_ground(question, proposal)
    except RiskPlatformError:
        return  # the blocks that need the ground have said why there is none
    if is_other:
        st.caption(
            "Pictures are of returns as they are known now, which are not those that the proposal "
            "was made from."
        )
