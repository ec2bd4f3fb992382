"""Instruments from files: the terms of each kind, judged by the domain's codec."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from riskplatform.domain.instruments import (
    AsianOption,
    Average,
    BarrierOption,
    DigitalOption,
    DigitalPayoff,
    Equity,
    Etf,
    Exercise,
    FixedBond,
    Future,
    Option,
    Right,
)
from riskplatform.ingest import read_batch

HEADER = (
    "Type,Symbol,Name,Currency,ISIN,Sector,Issue Date,Maturity,Coupon,Strike,Expiry,Put/Call,"
    "Underlying,Underlying Type,Multiplier\n"
)


def read(write, context, *lines: str):
    file = write(HEADER + "".join(f"{line}\n" for line in lines))
    return read_batch(file, "instruments", context())


def test_kinds_by_the_words_of_the_trade(write, context) -> None:
    batch = read(
        write,
        context,
        "Common Stock,MSFT,Microsoft,USD,US5949181045,Technology,,,,,,,,,",
        "ETF,SPY,S&P 500 ETF,USD,,,,,,,,,,,",
        "Bond,T35,Treasury,USD,,,2025-02-15,2035-02-15,4.625%,,,,,,",
        "Option,AAPL C200,Call,USD,,,,,,200,2026-06-19,C,AAPL,equity,100",
    )
    assert batch.refusals == ()
    share, fund, bond, option = batch.items
    assert isinstance(share, Equity)
    assert (share.tags.sector, str(share.identifiers[0])) == ("Technology", "ISIN:US5949181045")
    assert isinstance(fund, Etf)
    assert isinstance(bond, FixedBond)
    assert (bond.coupon_rate, bond.maturity) == (0.04625, date(2035, 2, 15))
    assert bond.discount_curve_id == "USD.OIS"
    assert isinstance(option, Option)
    assert (option.right, option.multiplier) == (Right.CALL, Decimal(100))
    assert option.surface_id == "VOL.AAPL"


EXOTIC_HEADER = (
    "Type,Symbol,Currency,Strike,Expiry,Right,Underlying,Underlying Type,Exercise,Barrier Type,"
    "Barrier,Payoff,Cash Amount,Average,Averaging Dates,First Averaging Date,Last Averaging Date,"
    "Averaging Days,Reference Index\n"
)
EXOTICS = (
    "Barrier,KO,USD,100,2026-06-19,P,ACME,equity,A,down and out,80,,,,,,,,",
    "Digital,DIGI,USD,100,2026-06-19,C,ACME,equity,,,,one touch,12.5,,,,,,",
    "Asian,AV,USD,100,2026-06-19,C,ACME,equity,,,,,,geometric,2026-05-20; 2026-06-19,,,,FIX",
    "Asian,EVEN,USD,100,2026-06-19,C,ACME,equity,,,,,,arithmetic,,2026-05-20,2026-06-19,5,",
)


def test_exotic_options(write, context) -> None:
    file = write(EXOTIC_HEADER + "".join(f"{line}\n" for line in EXOTICS))
    batch = read_batch(file, "instruments", context())
    assert batch.refusals == ()
    barrier, digital, listed, even = batch.items
    assert isinstance(barrier, BarrierOption)
    assert (barrier.exercise, barrier.barrier) == (Exercise.AMERICAN, 80.0)
    assert isinstance(digital, DigitalOption)
    assert (digital.payoff, digital.cash) == (DigitalPayoff.TOUCH, 12.5)
    assert isinstance(listed, AsianOption)
    assert listed.average is Average.GEOMETRIC
    assert listed.averaging_dates == (date(2026, 5, 20), date(2026, 6, 19))
    assert listed.fixing_id == "FIX"
    assert isinstance(even, AsianOption)
    assert len(even.averaging_days) == 5


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ("2026-05-20; soon", "soon"),
        ("06/05/2026; 07/05/2026", "day/month"),
        (";", "averaging_dates"),
    ],
)
def test_averaging_dates_are_judged_one_by_one(write, context, days, words) -> None:
    line = f"Asian,AV,USD,100,2026-06-19,C,ACME,equity,,,,,,geometric,{days},,,,FIX\n"
    (refusal,) = read_batch(write(EXOTIC_HEADER + line), "instruments", context()).refusals
    assert words in refusal.reason + str(refusal.hint)


def test_a_bond_future_names_the_bond_that_it_delivers(write, context) -> None:
    header = (
        "Type,Symbol,Currency,Expiry,Underlying,family,Contract Size,notional_years,notional_coupon"
    )
    line = "Future,FTY,USD,2026-12-15,USD.GOVT,bond,1000,10,6%"
    batch = read_batch(write(f"{header}\n{line}\n"), "instruments", context())
    (future,) = (item for item in batch.items)
    assert isinstance(future, Future)
    assert (future.notional_years, future.notional_coupon) == (10, 0.06)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Stonk,X,X,USD,,,,,,,,,,,", "kind of instrument"),
        ("Stock,X,X,US,,,,,,,,,,,", "not a currency"),
        ("Stock,X,X,,,,,,,,,,,,", "empty"),
        ("Stock,,X,USD,,,,,,,,,,,", "names no instrument"),
        ("Stock,X,X,USD,US5949181044,,,,,,,,,,", "check digit"),
        ("Stock,X,X,USD,,,,2030-01-01,,,,,,,", "maturity"),
        ("Bond,X,X,USD,,,2025-01-01,2024-01-01,1%,,,,,,", "matures on"),
        ("Bond,X,X,USD,,,2025-01-01,2030-01-01,4.625,,,,,,", "unclear"),
        ("Bond,X,X,USD,,,2025-01-01,,1%,,,,,,", "lacks maturity"),
        ("Stock,X,X,USD,,,,,,,,,,,-5", "multiplier"),
    ],
)
def test_refused_by_row(write, context, line, words) -> None:
    (refusal,) = read(write, context, line).refusals
    assert words in refusal.reason


def test_known_terms_are_unchanged_and_other_terms_are_an_amendment(write, context) -> None:
    known = Equity(instrument_id="MSFT", name="Microsoft", currency="USD")
    line = "Stock,MSFT,{},USD,,,,,,,,,,,"
    for name, items, unchanged in (("Microsoft", 0, 1), ("Microsoft Corp", 1, 0)):
        file = write(HEADER + line.format(name) + "\n")
        batch = read_batch(file, "instruments", context(instruments={"MSFT": known}))
        assert (len(batch.items), batch.rows_unchanged) == (items, unchanged)
        assert any("change: MSFT (name)" in w for w in batch.warnings) == bool(items)


def test_repeats_and_contradictions(write, context) -> None:
    line = "Stock,MSFT,{},USD,,,,,,,,,,,"
    batch = read(write, context, line.format("A"), line.format("A"), line.format("B"))
    assert len(batch.items) == len(batch.duplicates) == len(batch.refusals) == 1
