"""The demo desk as a risk manager finds it in the morning."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from riskplatform.desk import Desk
from riskplatform.domain.instruments import Cash
from riskplatform.store.ledger.verify import AuditReport

pytestmark = pytest.mark.slow

MILLION = 1e6


def test_is_as_of_the_weekday_before(demo: Desk) -> None:
    assert demo.as_of() == date(2026, 7, 17)


def test_has_the_cast_that_the_plan_asks_for(demo: Desk) -> None:
    instruments = demo.instruments().values()
    live = [i for i in instruments if i.expires_on is None or i.expires_on > demo.as_of()]
    count = Counter(i.kind for i in live)
    assert 430 <= count["equity"] + count["etf"] + count["reit"] <= 490
    assert 110 <= count["fixed_bond"] + count["zero_bond"] + count["floating_bond"] <= 130
    assert count["swap"] + count["ois"] == 60
    assert count["cds"] == 20
    assert 280 <= count["option"] + count["barrier_option"] <= 340
    assert count["fx_forward"] >= 20
    assert count["future"] >= 50
    assert count["coin"] == 5
    assert count["perpetual"] == 3
    assert sum(bool(getattr(i, "steps", ())) for i in live) >= 3
    exercise = Counter(getattr(i, "exercise", None) for i in live)
    assert min(exercise["european"], exercise["american"]) > 80


def test_tree_is_a_firm_of_four_funds(demo: Desk) -> None:
    tree = demo.portfolios()
    levels = Counter(node.level for node in tree.nodes)
    assert levels["firm"] == 1
    assert levels["fund"] == 4
    assert 18 <= levels["book"] <= 26
    assert levels["benchmark"] == 4
    for fund in tree.children("HARBOUR"):
        assert tree.node(tree.node(fund).benchmark_id or "").level == "benchmark"


def test_every_position_has_an_instrument_and_a_leaf(demo: Desk) -> None:
    positions, tree, instruments = demo.positions(), demo.portfolios(), demo.instruments()
    assert 5_500 <= len(positions) <= 6_500
    assert set(positions["portfolio_id"]) <= set(tree.all_leaves)
    assert set(positions["instrument_id"]) <= set(instruments)
    ended = [
        name
        for name in set(positions["instrument_id"])
        if (expiry := instruments[name].expires_on) is not None and expiry <= demo.as_of()
    ]
    assert ended == []


def test_history_of_the_ledger_has_the_size_of_a_real_one(demo: Desk) -> None:
    kinds = Counter(demo.transactions()["kind"])
    assert 25_000 <= sum(kinds.values()) <= 40_000
    wanted = {
        "trade", "transfer", "dividend", "coupon", "fee", "split", "merger", "spin-off", "fx",
        "cash", "redemption", "expiry", "settlement", "opening",
    }  # fmt: skip
    assert wanted == set(kinds)


def test_only_the_documented_lines_have_no_value(demo: Desk) -> None:
    missing = {failure.subject for failure in demo.coverage().failures}
    assert missing == {
        "PRIVATE.TIDEMARK", "PRIVATE.LUMENWERK", "PRIVATE.HALYARD", "PRIVATE.QUAYLOAN",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("node", "low", "high"),
    [
        ("HARBOUR", 11_000, 13_500),
        ("GEQ", 3_500, 4_800),
        ("MAC", 2_200, 2_900),
        ("CRE", 2_700, 3_500),
        ("MAS", 2_100, 2_900),
    ],
)
def test_value_lies_in_range(demo: Desk, node: str, low: float, high: float) -> None:
    assert low * MILLION < demo.value(node=node).total < high * MILLION


def test_cash_is_never_far_below_zero(demo: Desk) -> None:
    lines = demo.value().lines
    cash = lines.loc[lines["kind"] == "cash"].groupby("portfolio_id")["value"].sum()
    total = lines.groupby("portfolio_id")["value"].sum()
    assert (cash > -0.05 * total).all()
    assert cash.sum() < 0.25 * total.sum()


def test_no_line_is_absurd(demo: Desk) -> None:
    lines = demo.value().lines
    largest = lines.loc[lines["kind"] != "cash", "value"].abs().max()
    assert largest < 0.02 * lines["value"].sum()


def test_daily_gains_are_believable_and_reconcile(demo: Desk) -> None:
    history = demo.history().frame
    before = history["value"].shift(1)
    returns = (history["pnl"] / before).dropna()
    assert returns.abs().max() < 0.03
    assert 0.001 < returns.std() < 0.01
    # Money from investors, read from the ledger itself, is all that the gains do not explain.
    told = demo.transactions(start=history["date"].iloc[0] + timedelta(days=1), end=demo.as_of())
    invested = told.loc[told["kind"] == "cash", "amount"].astype(float).sum()
    change = history["value"].iloc[-1] - history["value"].iloc[0]
    assert history["pnl"].sum() == pytest.approx(change - invested, abs=1.0)


def test_audit_verifies(demo: Desk) -> None:
    report = demo.ledger.audit.verify()
    assert isinstance(report, AuditReport)
    assert report.is_intact


def test_banks_of_the_network_issue_what_the_desk_holds(demo: Desk) -> None:
    institutions = demo.lake.read("institutions")
    assert len(institutions) == 100
    exposures = demo.lake.read("interbank_exposures")
    lent = exposures.groupby("lender_id")["amount"].sum()
    lent = lent.reindex(institutions["institution_id"]).fillna(0).to_numpy()
    np.testing.assert_allclose(lent, institutions["interbank_assets"])
    issuers = {name.replace("BANK.", "ISSUER.") for name in institutions["institution_id"]}
    lines = demo.value().lines
    held = lines.loc[lines["issuer_id"].isin(issuers)].groupby("kind").size()
    assert {"fixed_bond", "floating_bond", "cds", "equity"} <= set(held.index)


def test_every_market_table_reaches_the_snapshot(demo: Desk) -> None:
    counts = demo.market().counts()
    assert min(counts.values()) > 0
    assert counts["currencies"] == 16


def test_instruments_know_a_calendar_that_exists(demo: Desk) -> None:
    from riskplatform.market.calendars import business_calendar

    for name in {i.calendar for i in demo.instruments().values() if not isinstance(i, Cash)}:
        assert business_calendar(name).name == name


def test_benchmarks_hold_what_their_funds_are_measured_by(demo: Desk) -> None:
    for node in ("BM.WORLD", "BM.CASH", "BM.CREDIT", "BM.BALANCED"):
        value = demo.value(node=node)
        assert value.coverage.is_complete
        assert 500 * MILLION < value.total < 2_000 * MILLION


def test_prices_respect_the_calendars(demo: Desk) -> None:
    from riskplatform.market.calendars import business_calendar

    instruments = demo.instruments()
    some = ["MRDU.XNYS", "FUS.2026-09", "B.DE_GOVT.20281218"]
    some = [name for name in some if name in instruments] + sorted(
        name for name in instruments if name.endswith((".XTKS", ".XLON"))
    )[:6]
    for name in some:
        dates = pd.DatetimeIndex(demo.lake.price_history(name)["date"]).to_numpy()
        calendar = business_calendar(instruments[name].calendar)
        assert calendar.are_business_days(dates.astype("datetime64[D]")).all()
