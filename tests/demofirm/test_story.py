"""What happened to the firm: the same every time, at the day's prices, and making no value."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from riskplatform.demofirm.lake_tables import lake_tables
from riskplatform.demofirm.price_table import price_table
from riskplatform.desk import Desk
from riskplatform.domain.instruments import Bond, Exercise, Option, Right, Underlying
from riskplatform.domain.transactions import TransactionKind
from riskplatform.store.lake import TABLES
from tests.demofirm.conftest import Story

pytestmark = pytest.mark.slow


def _sorted(table: pa.Table, name: str) -> pa.Table:
    order = [(column, "ascending") for column in TABLES[name].key]
    return table.sort_by(order).combine_chunks()


def test_told_twice_the_ledger_is_the_same(demo: Desk, story: Story) -> None:
    stored = demo.transactions().sort_values("transaction_id")
    told = sorted(story.transactions, key=lambda t: t.transaction_id)
    assert stored["transaction_id"].tolist() == [t.transaction_id for t in told]
    # Recording them once more changes nothing: every content is known already.
    report = demo.ledger.append(told, actor="test")
    assert report.added == 0


def test_made_twice_the_prices_are_the_same(demo: Desk, story: Story) -> None:
    stored = demo.lake.read_arrow("prices", columns=("instrument_id", "date", "close"))
    made = price_table(story.stage, story.cast).select(["instrument_id", "date", "close"])
    made = _sorted(made, "prices")
    assert stored.num_rows == made.num_rows
    for column in ("instrument_id", "date", "close"):
        assert stored.column(column).combine_chunks().equals(made.column(column).combine_chunks())


def test_made_twice_the_other_tables_are_the_same(demo: Desk, story: Story) -> None:
    made = dict(lake_tables(story.stage, story.cast))
    for name in ("fx", "curves", "credit_curves", "fixings", "institutions"):
        columns = made[name].column_names
        stored = _sorted(demo.lake.read_arrow(name, columns=columns), name)
        assert stored.equals(_sorted(made[name].cast(stored.schema), name)), name


def test_trades_are_at_the_days_prices_on_open_days(story: Story) -> None:
    marks, stage = story.cast.marks, story.stage
    trades = [t for t in story.transactions if t.kind is TransactionKind.TRADE]
    marked = [t for t in trades if t.instrument_id in marks]
    assert len(trades) - len(marked) == 4
    for trade in marked:
        row = stage.row(trade.effective_at.date())
        assert marks.is_quoted(str(trade.instrument_id), row), trade
        assert trade.price == marks.price(str(trade.instrument_id), row)


def test_amounts_are_what_was_traded(story: Story) -> None:
    multipliers = {i.instrument_id: i.multiplier for i in story.cast.instruments()}
    for trade in story.transactions:
        if trade.kind is TransactionKind.TRADE:
            gross = trade.quantity * trade.price * multipliers[str(trade.instrument_id)]
            difference = trade.amount + gross + trade.accrued + trade.fees
            assert abs(difference) <= Decimal("0.5"), trade


def test_marks_of_what_cannot_owe_are_positive(story: Story) -> None:
    can_owe = ("swap", "ois", "cds", "fx_forward")
    for item in story.cast.items:
        if item.id in story.cast.marks and item.instrument.kind not in can_owe:
            series = story.cast.marks.of(item.id)
            assert (series.values[series.is_quoted] > 0).all(), item.id


def test_bonds_cost_what_bonds_cost(story: Story) -> None:
    prices = []
    for item in story.cast.bonds:
        bond, values = item.instrument, story.cast.marks.of(item.id).values
        assert isinstance(bond, Bond)
        assert values.min() > 25
        assert values.max() < 170
        assert np.abs(np.diff(np.log(values))).max() < 0.12
        prices.append(values[-1])
    assert 90 < np.median(prices) < 105


def test_options_are_worth_no_less_than_exercise(story: Story) -> None:
    marks, stage = story.cast.marks, story.stage
    for item in story.cast.options:
        option = item.instrument
        if type(option) is not Option or option.expiry <= stage.as_of:
            continue
        spot, premium = marks.at(option.underlying_id, stage.end), marks.at(item.id, stage.end)
        rows = np.array([stage.end])
        rate = float(stage.zero_rates(option.discount_curve_id, rows, np.array([0.5]))[0])
        sign = 1.0 if option.right is Right.CALL else -1.0
        intrinsic = sign * (spot - option.strike)
        years = (option.expiry - stage.as_of).days / 365
        # A European may be worth less than exercise by what waiting costs.
        waiting = 0.0
        if option.exercise is Exercise.EUROPEAN:
            waiting = max(spot, option.strike) * (0.06 + abs(rate)) * years
        tick = 1e-4 * (100 if option.underlying_type is Underlying.CRYPTO else 1)
        assert premium >= intrinsic - waiting - tick - 1e-3 * spot, option


def test_a_split_changes_no_value(demo: Desk, story: Story) -> None:
    stage, marks = story.stage, story.cast.marks
    splits = [t for t in story.transactions if t.kind is TransactionKind.SPLIT]
    assert len(splits) > 10
    for split in splits:
        name, day = str(split.instrument_id), split.effective_at.date()
        row = stage.row(day)
        calendar = next(i.instrument.calendar for i in story.cast.shares if i.id == name)
        before = marks.at(name, stage.last_open(calendar, row - 1))
        moved = marks.at(name, row) * float(split.ratio or 1) / before
        assert 0.75 < moved < 1.33
    told = demo.transactions(instrument_id=str(splits[-1].instrument_id))
    day = splits[-1].effective_at.date()
    traded = told.loc[(told["kind"] == "trade") & (told["effective_at"].dt.date == day)]
    held = {
        when: demo.ledger.positions(when).to_frame().set_index(["portfolio_id", "instrument_id"])
        for when in (stage.day(stage.row(day) - 1), day)
    }
    first, second = (
        frame.xs(splits[-1].instrument_id, level="instrument_id")["quantity"]
        for frame in held.values()
    )
    untouched = first.index.difference(traded["portfolio_id"])
    np.testing.assert_allclose(
        second.loc[untouched], first.loc[untouched] * float(splits[-1].ratio or 1)
    )


def test_merger_and_spin_off_change_no_value(story: Story) -> None:
    stage, cast = story.stage, story.cast
    legs = [t for t in story.transactions if t.kind is TransactionKind.MERGER]
    assert len(legs) >= 6
    given = [t for t in legs if t.quantity < 0]
    row = stage.row(given[0].effective_at.date())
    for leg in given:
        received = next(t for t in legs if t.portfolio_id == leg.portfolio_id and t.quantity > 0)
        old = -float(leg.quantity) * cast.marks.at(str(leg.instrument_id), row)
        new = float(received.quantity) * cast.marks.at(str(received.instrument_id), row)
        assert new == pytest.approx(old, rel=2e-3)


def test_a_spin_off_parts_the_value_of_its_parent(story: Story) -> None:
    stage, marks = story.stage, story.cast.marks
    legs = [t for t in story.transactions if t.kind is TransactionKind.SPIN_OFF]
    parent = next(str(t.instrument_id) for t in legs if not t.quantity)
    child = next(str(t.instrument_id) for t in legs if t.quantity)
    row = stage.row(legs[0].effective_at.date())
    column = stage.history.equities.ids.index(parent)
    together = marks.at(parent, row) + 0.25 * marks.at(child, row)
    assert together == pytest.approx(stage.history.equities.raw_close[row, column], rel=2e-3)


def test_nobody_trades_what_has_ended(story: Story) -> None:
    expiries = {i.instrument_id: i.expires_on for i in story.cast.instruments()}
    for told in story.transactions:
        expiry = expiries.get(str(told.instrument_id))
        if told.kind is TransactionKind.TRADE and expiry is not None:
            assert told.effective_at.date() < expiry
