"""P&L explain on a desk whose days are about one thing each, against hand-worked numbers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from riskplatform.desk import Desk
from riskplatform.errors import MissingDataError, UnknownNameError, UserInputError
from riskplatform.pricing.options.vanilla import vanilla_greeks
from riskplatform.risk.explain import ExplainResult, terms_of
from riskplatform.risk.explain.chain import chained
from tests.desk import explained_desk as world
from tests.desk.explained_desk import (
    ALFA,
    BOND,
    CALL,
    CALLS,
    DAYS,
    EURO_SHARES,
    EXPIRY,
    FACE,
    RATE,
    SHARES,
    accrued,
    bond_value,
    call_value,
    years_to,
)

pytestmark = pytest.mark.slow

D = [each.day for each in DAYS]
WAYS = ("revaluation", "taylor")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with world.build(tmp_path_factory.mktemp("explained") / "desk") as desk:
        yield desk


class Explain:
    """Asks the desk, and remembers: a question takes a second."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.known: dict[tuple[str | None, int, int, str], ExplainResult] = {}

    def __call__(
        self, node: str | None, day: int, since: int | None = None, way: str = "revaluation"
    ) -> ExplainResult:
        first = day - 1 if since is None else since
        key = (node, day, first, way)
        if key not in self.known:
            self.known[key] = self.desk.explain(node, D[day], D[first], way=way)
        return self.known[key]


@pytest.fixture(scope="module")
def explain(desk: Desk) -> Explain:
    return Explain(desk)


def calls_were_worth(place: int, at: int | None = None) -> float:
    """The calls in the market of one day, as old as on another."""
    market, day = DAYS[place], D[place if at is None else at]
    return CALLS * 100 * call_value(market.alfa, market.vol, years_to(day, EXPIRY))


def check_sums(found: ExplainResult) -> None:
    """On every line, and so on every sum."""
    names = [term.name for term in found.terms]
    gross = float(found.lines["actual"].abs().sum()) or 1.0
    left = found.lines["actual"] - found.lines[names].sum(axis=1)
    assert float(left.abs().max()) <= 1e-9 * gross
    assert sum(found.amount(name) for name in names) == pytest.approx(
        found.actual, abs=1e-9 * gross
    )


@pytest.mark.parametrize("way", WAYS)
def test_terms_sum_to_the_pnl_of_the_history(desk: Desk, explain: Explain, way: str) -> None:
    history = desk.history(D[0]).frame["pnl"].to_numpy()
    for place in range(1, len(D)):
        found = explain(None, place, way=way)
        check_sums(found)
        assert found.actual == pytest.approx(history[place], abs=1e-7)
        assert found.coverage.is_complete
    whole = explain(None, len(D) - 1, 0, way)
    check_sums(whole)
    assert whole.actual == pytest.approx(history[1:].sum(), abs=1e-7)


def test_a_day_is_the_day_before_by_itself(desk: Desk, explain: Explain) -> None:
    found = desk.explain("options", D[1])
    assert found.since == D[0]
    assert found.actual == explain("options", 1).actual


def test_a_node_is_its_lines_in_the_whole(explain: Explain) -> None:
    whole = explain(None, 1).by("portfolio").set_index("portfolio")
    for node in ("options", "bonds"):
        alone = explain(node, 1)
        for term in alone.terms:
            assert whole.loc[node, term.name] == pytest.approx(alone.amount(term.name), abs=1e-7), (
                term.name
            )


def test_marks_that_follow_the_model_leave_nothing_to_revaluation(explain: Explain) -> None:
    for place in range(1, len(D)):
        found = explain(None, place)
        assert found.unexplained == pytest.approx(0.0, abs=1e-7)
        assert found.theoretical == pytest.approx(found.hypothetical, abs=1e-7)
        assert not found.is_flagged


def test_a_call_by_revaluation_is_the_mean_over_all_orders_of_closed_forms(
    explain: Explain,
) -> None:
    found = explain("options", 1)

    def worth(spot: int, vol: int, age: int) -> float:
        years = years_to(D[age], EXPIRY)
        return CALLS * 100 * call_value(DAYS[spot].alfa, DAYS[vol].vol, years)

    def mean_gain(step: int) -> float:
        """Over the six orders of three steps: alone and last count twice."""
        others = [i for i in range(3) if i != step]
        total = 0.0
        for moved, share in (((), 2), ((others[0],), 1), ((others[1],), 1), (others, 2)):
            before = [int(i in moved) for i in range(3)]
            after = [*before]
            after[step] = 1
            total += share / 6 * (worth(*after) - worth(*before))
        return total

    assert found.amount("price") == pytest.approx(mean_gain(0), rel=1e-9)
    assert found.amount("volatility") == pytest.approx(mean_gain(1), rel=1e-9)
    assert found.amount("theta") == pytest.approx(mean_gain(2), rel=1e-9)
    assert found.actual == pytest.approx(calls_were_worth(1) - calls_were_worth(0), rel=1e-9)


def test_a_call_by_taylor_is_its_greeks_times_the_moves(explain: Explain) -> None:
    found = explain("options", 1, way="taylor")
    years = years_to(D[0], EXPIRY)
    greeks = vanilla_greeks(100.0, 100.0, years, 0.20, RATE, 0.0, True)
    size, move, vol = CALLS * 100, 3.0, 0.02
    expected = {
        "delta": float(greeks.delta) * move,
        "gamma": 0.5 * float(greeks.gamma) * move**2,
        "vega": float(greeks.vega) * vol,
        "vanna": float(greeks.vanna) * move * vol,
        "volga": 0.5 * float(greeks.volga) * vol**2,
        "theta": call_value(100.0, 0.20, years_to(D[1], EXPIRY)) - call_value(100.0, 0.20, years),
    }
    for name, value in expected.items():
        assert found.amount(name) == pytest.approx(size * value, rel=1e-6), name
    rest = found.actual - size * sum(expected.values())
    assert found.unexplained == pytest.approx(rest, rel=1e-5)
    assert abs(found.unexplained) < 0.01 * abs(found.actual)


def test_a_bond_rolls_down_an_unchanged_curve(explain: Explain) -> None:
    found = explain("bonds", 1)
    rolled = FACE / 100 * (bond_value(D[1], 0.03) - bond_value(D[0], 0.03))
    assert found.amount("carry") == pytest.approx(rolled, rel=1e-9)
    assert found.actual == pytest.approx(rolled, rel=1e-9)
    clean = [bond_value(day, 0.03) - accrued(day) for day in D[:2]]
    interest = FACE / 100 * (accrued(D[1]) - accrued(D[0]))
    # Interest and pull to par, the latter below zero for a bond above par.
    pulled = FACE / 100 * (clean[1] - clean[0])
    assert pulled < 0
    assert found.amount("carry") == pytest.approx(interest + pulled, rel=1e-9)


def test_a_coupon_is_carry_and_no_loss_of_value(explain: Explain) -> None:
    """On its day the bond falls by the coupon and the cash is paid; rates rise by 20 bp as well."""
    found = explain("bonds", 2)
    coupon = FACE * 0.04
    change = FACE / 100 * (bond_value(D[2], 0.032) - bond_value(D[1], 0.03))
    assert found.actual == pytest.approx(change + coupon, rel=1e-9)
    unmoved = FACE / 100 * (bond_value(D[2], 0.03) - bond_value(D[1], 0.03)) + coupon
    moved_first = FACE / 100 * (bond_value(D[2], 0.032) - bond_value(D[1], 0.032)) + coupon
    assert found.amount("carry") == pytest.approx((unmoved + moved_first) / 2, rel=1e-6)
    assert 0 < found.amount("carry") < 300
    taylor = explain("bonds", 2, way="taylor")
    assert taylor.amount("carry") == pytest.approx(unmoved, rel=1e-6)
    # What is left is the day by which the bond is shorter when rates have moved.
    assert taylor.unexplained == pytest.approx(-taylor.amount("rates") / 365, rel=0.02)
    duration = years_to(D[1], world.MATURITY)
    flows = [(years_to(D[1], D[2]), 4.0), (duration, 104.0)]
    dv01 = -FACE / 100 * sum(t * cash * 2.718281828459045 ** (-0.03 * t) for t, cash in flows)
    assert taylor.amount("rates") == pytest.approx(dv01 * 0.002, rel=1e-6)


def test_a_dividend_is_carry_and_the_fall_of_the_price_is_not(explain: Explain) -> None:
    found = explain("shares", 2)
    assert found.amount("carry") == pytest.approx(SHARES * 1.0)
    assert found.amount("price") == pytest.approx(SHARES * (102.0 - 103.0))
    assert found.actual == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("way", WAYS)
def test_a_day_on_which_only_a_currency_moves(explain: Explain, way: str) -> None:
    found = explain("shares", 3, way=way)
    expected = (EURO_SHARES * 50.0 + 30_000) * (1.12 - 1.10)
    assert found.amount("fx") == pytest.approx(expected, rel=1e-12)
    assert found.actual == pytest.approx(expected, rel=1e-9)
    lines = found.lines.set_index("instrument_id")["fx"]
    assert lines["CASH.EUR"] == pytest.approx(30_000 * 0.02)


def test_new_trades_gain_from_their_price_to_the_close_and_fees_are_apart(explain: Explain) -> None:
    found = explain(None, 4)
    sold = CALLS * 100 * 8.0 - calls_were_worth(4)
    assert found.amount("trades") == pytest.approx(100 * (101.5 - 101.0) + sold, rel=1e-9)
    assert found.amount("fees") == pytest.approx(-5 - 250)
    held = SHARES * (101.5 - 102.0) + calls_were_worth(4) - calls_were_worth(3)
    bond = FACE / 100 * (bond_value(D[4], 0.032) - bond_value(D[3], 0.032))
    assert found.hypothetical == pytest.approx(held + bond, rel=1e-9)


@pytest.mark.parametrize("way", WAYS)
def test_a_split_is_no_gain_and_a_withdrawal_no_loss(explain: Explain, way: str) -> None:
    found = explain("shares", 5, way=way)
    price = "price" if way == "revaluation" else "delta"
    assert found.amount(price) == pytest.approx(1_100 * (2 * 51.0 - 101.5), rel=1e-9)
    assert found.amount("flows") == pytest.approx(-100_000)
    assert found.amount("value_after") - found.amount("value_before") == pytest.approx(
        found.actual - 100_000
    )


def test_a_weekend_is_three_days_of_carry(explain: Explain) -> None:
    found = explain("bonds", 5)
    assert found.since == D[4]
    rolled = FACE / 100 * (bond_value(D[5], 0.032) - bond_value(D[4], 0.032))
    assert found.amount("carry") == pytest.approx(rolled, rel=1e-9)


def test_a_first_day_without_a_market_is_moved_back_and_said(desk: Desk) -> None:
    found = desk.explain(None, D[5], date(2026, 3, 8))
    assert found.since == D[4]
    assert "2026-03-08 is no market day" in found.notes[0]


def test_columns_for_each_group_add_up(explain: Explain) -> None:
    found = explain(None, 1)
    table = found.to_frame("portfolio")
    groups = ["shares", "options", "bonds"]
    assert table[groups].sum(axis=1).to_numpy() == pytest.approx(table["pnl"].to_numpy())
    assert table["term"].tolist()[-2:] == ["unexplained", "actual"]
    assert len(table) == len(terms_of(found.way)) + 2
    by_class = found.by("asset_class").set_index("asset_class")
    assert by_class["actual"].sum() == pytest.approx(found.actual)


def test_the_waterfall_leads_from_value_to_value(explain: Explain) -> None:
    found = explain(None, 5)
    steps = found.waterfall()
    assert [is_total for _, _, is_total in steps] == [True, *[False] * (len(steps) - 2), True]
    assert sum(amount for _, amount, _ in steps[:-1]) == pytest.approx(steps[-1][1])


def test_first_order_terms_are_taken_apart_by_factor(explain: Explain) -> None:
    found = explain(None, 1, way="taylor")
    for term in ("delta", "vega", "fx", "rates"):
        part = found.factors.loc[found.factors["term"] == term, "pnl"].sum()
        assert part == pytest.approx(found.amount(term), abs=1e-6), term
    alfa = found.factors[(found.factors["term"] == "delta")]
    assert alfa["factor"].tolist() == [ALFA]
    assert alfa["move"].tolist() == pytest.approx([0.03])


def test_a_line_without_a_surface_is_named_and_the_rest_is_explained(tmp_path: Path) -> None:
    with world.build(tmp_path / "desk", without="vol_surfaces") as desk:
        found = desk.explain(None, D[1])
    check_sums(found)
    assert [failure.subject for failure in found.coverage.failures] == [CALL]
    lost = calls_were_worth(1) - calls_were_worth(0)
    assert found.unexplained == pytest.approx(lost, rel=1e-9)
    assert found.is_flagged
    assert found.largest_unexplained(1)["instrument_id"].tolist() == [CALL]


def test_the_same_question_has_the_same_id_and_a_dictionary(desk: Desk, explain: Explain) -> None:
    one, other = explain("bonds", 1), desk.explain("bonds", D[1])
    assert one.provenance.run_id == other.provenance.run_id
    told = one.to_dict()
    assert told["actual"] == pytest.approx(sum(told["terms"].values()))
    assert "Carry" in one._repr_html_()
    assert one.lines["instrument_id"].tolist()[0] == BOND
    assert isinstance(one.to_frame(), pd.DataFrame)


@pytest.mark.parametrize("since", [D[2], D[3]])
def test_a_period_that_ends_before_it_begins_is_refused(desk: Desk, since: date) -> None:
    with pytest.raises(UserInputError, match="must be before the last"):
        desk.explain(None, D[2], since)


def test_bad_questions_have_clear_answers(desk: Desk) -> None:
    with pytest.raises(UnknownNameError, match="no portfolio named 'bond'"):
        desk.explain("bond", D[1])
    with pytest.raises(UnknownNameError, match="way of explaining"):
        desk.explain("bonds", D[1], way="greeks")
    with pytest.raises(MissingDataError, match="no market on 2026-03-07"):
        desk.explain("bonds", date(2026, 3, 7), D[3])
    with pytest.raises(MissingDataError, match="no market on or before 2020-01-01"):
        desk.explain("bonds", D[1], date(2020, 1, 1))
    with pytest.raises(UnknownNameError, match="slice"):
        desk.explain("bonds", D[1]).by("colour")


@pytest.mark.parametrize("way", WAYS)
def test_days_by_themselves_add_up_to_the_period(desk: Desk, explain: Explain, way: str) -> None:
    found = desk.explain(None, D[-1], D[0], way=way, daily=True)
    check_sums(found)
    days = [explain(None, place, way=way) for place in range(1, len(D))]
    for term in found.terms:
        expected = sum(day.amount(term.name) for day in days)
        assert found.amount(term.name) == pytest.approx(expected, abs=1e-7), term.name
    assert found.amount("value_before") == pytest.approx(days[0].amount("value_before"))
    assert found.amount("value_after") == pytest.approx(days[-1].amount("value_after"))
    assert found.actual == pytest.approx(explain(None, len(D) - 1, 0, way).actual, abs=1e-7)
    assert found.coverage.is_complete
    assert found.provenance.run_id != explain(None, len(D) - 1, 0, way).provenance.run_id
    if way == "taylor":
        one = found.factors.groupby("term")["pnl"].sum()
        assert one["delta"] == pytest.approx(found.amount("delta"))


def test_days_that_do_not_follow_one_another_are_no_period(explain: Explain) -> None:
    with pytest.raises(UserInputError, match="is not followed by"):
        chained([explain(None, 1), explain(None, 3)])
    with pytest.raises(UserInputError, match="no day"):
        chained([])
