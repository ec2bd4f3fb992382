"""An IBKR Flex statement written by the public schema, read for all four targets."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from riskplatform.domain.instruments import Equity, FixedBond, Future, Option
from riskplatform.ingest import preview, propose_map, read_batch
from riskplatform.ingest.columns import ColumnMap

FLEX = """<?xml version="1.0" encoding="UTF-8"?>
<FlexQueryResponse queryName="desk" type="AF">
<FlexStatements count="1">
<FlexStatement accountId="EQ" fromDate="20260301" toDate="20260331">
<OpenPositions>
<OpenPosition accountId="EQ" currency="USD" assetCategory="STK" symbol="AAPL" conid="265598"
 isin="US0378331005" listingExchange="NASDAQ" multiplier="1" reportDate="20260331" position="300"
 markPrice="201.5" costBasisPrice="160" levelOfDetail="SUMMARY" />
<OpenPosition accountId="EQ" currency="USD" assetCategory="STK" symbol="AAPL" conid="265598"
 isin="US0378331005" reportDate="20260331" position="100" markPrice="201.5" costBasisPrice="150"
 openDateTime="20250102;100000" originatingTransactionID="91" levelOfDetail="LOT" />
<OpenPosition accountId="EQ" currency="USD" assetCategory="STK" symbol="AAPL" conid="265598"
 isin="US0378331005" reportDate="20260331" position="200" markPrice="201.5" costBasisPrice="165"
 openDateTime="20250601;100000" originatingTransactionID="92" levelOfDetail="LOT" />
<OpenPosition accountId="EQ" currency="USD" assetCategory="FUT" symbol="ESM6" conid="1"
 reportDate="20260331" position="-2" markPrice="5600.25" costBasisPrice="5500"
 levelOfDetail="SUMMARY" />
</OpenPositions>
<Trades>
<Trade accountId="EQ" currency="USD" assetCategory="STK" symbol="AAPL" isin="US0378331005"
 tradeID="11" ibExecID="0000e0d5.1" dateTime="20260302;200500" tradeDate="20260302"
 settleDateTarget="20260303" quantity="100" tradePrice="200.1" proceeds="-20010" taxes="0"
 ibCommission="-1.005" ibCommissionCurrency="USD" netCash="-20011.005" buySell="BUY"
 levelOfDetail="EXECUTION" />
<Trade accountId="EQ" currency="USD" assetCategory="STK" symbol="AAPL" quantity="100"
 tradePrice="200.1" buySell="BUY" levelOfDetail="ORDER" />
<Trade accountId="EQ" currency="USD" assetCategory="FUT" symbol="ESM6" ibExecID="0000e0d5.2"
 dateTime="20260303;101500" tradeDate="20260303" quantity="-2" tradePrice="5500" multiplier="50"
 proceeds="550000" ibCommission="-4.5" ibCommissionCurrency="USD" netCash="-4.5" buySell="SELL"
 levelOfDetail="EXECUTION" />
<Trade accountId="EQ" currency="USD" assetCategory="CASH" symbol="EUR.USD" ibExecID="0000e0d5.3"
 dateTime="20260304;093000" tradeDate="20260304" quantity="10000" tradePrice="1.1"
 proceeds="-11000" ibCommission="-2" ibCommissionCurrency="USD" buySell="BUY"
 levelOfDetail="EXECUTION" />
</Trades>
<CashTransactions>
<CashTransaction accountId="EQ" currency="USD" symbol="AAPL" isin="US0378331005"
 dateTime="20260305;202000" amount="25" type="Dividends" transactionID="501"
 description="AAPL CASH DIVIDEND USD 0.25 PER SHARE" levelOfDetail="DETAIL" />
<CashTransaction accountId="EQ" currency="USD" symbol="AAPL" isin="US0378331005"
 dateTime="20260305;202000" amount="-3.75" type="Withholding Tax" transactionID="502"
 levelOfDetail="DETAIL" />
<CashTransaction accountId="EQ" currency="USD" dateTime="20260306" amount="-10" type="Other Fees"
 transactionID="503" levelOfDetail="DETAIL" />
<CashTransaction accountId="EQ" currency="USD" dateTime="20260306" amount="5000"
 type="Deposits/Withdrawals" transactionID="504" levelOfDetail="DETAIL" />
<CashTransaction accountId="EQ" currency="USD" dateTime="20260306" amount="-12.5"
 type="Broker Interest Paid" transactionID="505" levelOfDetail="DETAIL" />
</CashTransactions>
<CorporateActions>
<CorporateAction accountId="EQ" currency="USD" symbol="AAPL" isin="US0378331005" type="FS"
 reportDate="20260310" dateTime="20260309;202500" quantity="300" transactionID="601"
 actionID="77" description="AAPL(US0378331005) SPLIT 4 FOR 1 (AAPL, APPLE INC, US0378331005)" />
<CorporateAction accountId="EQ" currency="CHF" symbol="NESN" isin="CH0038863350" type="SO"
 reportDate="20260311" quantity="10" amount="0" transactionID="602" actionID="78"
 description="NESN SPINOFF 1 FOR 10" />
</CorporateActions>
<Transfers>
<Transfer accountId="EQ" currency="CHF" symbol="NESN" isin="CH0038863350" date="20260312"
 direction="OUT" quantity="5" transferPrice="90" cashTransfer="0" transactionID="701" />
</Transfers>
<SecuritiesInfo>
<SecurityInfo assetCategory="STK" subCategory="COMMON" symbol="MSFT" description="MICROSOFT CORP"
 currency="USD" isin="US5949181045" listingExchange="NASDAQ" multiplier="1" />
<SecurityInfo assetCategory="OPT" symbol="AAPL  260619C00200000" description="AAPL CALL"
 currency="USD" multiplier="100" strike="200" expiry="20260619" putCall="C"
 underlyingSymbol="AAPL" />
<SecurityInfo assetCategory="BOND" symbol="T 4 5/8 02/15/35" currency="USD" multiplier="1"
 issueDate="20250215" maturity="20350215" coupon="4.625" description="US TREASURY" />
</SecuritiesInfo>
</FlexStatement>
</FlexStatements>
</FlexQueryResponse>
"""


def test_positions_come_lot_by_lot_and_futures_at_their_settlement(write, context) -> None:
    batch = read_batch(write(FLEX, "flex.xml"), "positions", context())
    assert batch.refusals == ()
    assert [(t.instrument_id, t.quantity, t.price) for t in batch.items] == [
        ("AAPL", Decimal(100), Decimal(150)),
        ("AAPL", Decimal(200), Decimal(165)),
        ("ESM6", Decimal(-2), Decimal("5600.25")),
    ]
    assert "acquired 2025-01-02" in batch.items[0].note
    assert any("summaries" in warning for warning in batch.warnings)


def test_transactions(write, context) -> None:
    batch = read_batch(write(FLEX, "flex.xml"), "transactions", context())
    assert batch.refusals == ()
    by_id = {t.transaction_id: t for t in batch.items}
    share = by_id["0000e0d5.1"]
    assert (share.amount, share.fees) == (Decimal("-20011.005"), Decimal("1.005"))
    # 20:05 in New York is the next day in UTC, and still belongs to its trade date.
    assert share.effective_at.date() == date(2026, 3, 2)
    assert share.settle_date == date(2026, 3, 3)
    future = by_id["0000e0d5.2"]
    # 2 × 5500 × 50, less 4.50 of costs.
    assert (future.quantity, future.amount) == (Decimal(-2), Decimal("549995.5"))
    assert future.effective_at == datetime(2026, 3, 3, 15, 15, tzinfo=UTC)
    exchange = by_id["0000e0d5.3"]
    assert (exchange.instrument_id, exchange.amount) == ("CASH.EUR", Decimal(-11000))
    assert [by_id[i].kind for i in ("501", "502", "503", "504", "505")] == [
        "dividend",
        "dividend",
        "fee",
        "cash",
        "cash",
    ]
    assert by_id["502"].amount == Decimal("-3.75")
    (split,) = [t for t in batch.items if t.kind == "split"]
    assert (split.ratio, split.portfolio_id) == (Decimal(4), None)
    assert (by_id["602"].kind, by_id["602"].group_id) == ("spin-off", "78")
    assert (by_id["701"].kind, by_id["701"].quantity) == ("transfer", Decimal(-5))


def test_refusals_give_the_line_of_the_element(write, context) -> None:
    broken = FLEX.replace('quantity="-2" tradePrice="5500"', 'quantity="-2" tradePrice="5,5,0"')
    batch = read_batch(write(broken, "flex.xml"), "transactions", context())
    (refusal,) = batch.refusals
    assert FLEX.splitlines()[refusal.line - 1].startswith("<Trade ")
    assert 'symbol="ESM6"' in FLEX.splitlines()[refusal.line - 1]


def test_instruments(write, context) -> None:
    batch = read_batch(write(FLEX, "flex.xml"), "instruments", context())
    assert batch.refusals == ()
    share, option, bond = batch.items
    assert isinstance(share, Equity)
    assert isinstance(option, Option)
    assert (option.exercise, option.strike) == ("american", 200.0)
    assert isinstance(bond, FixedBond)
    assert (bond.coupon_rate, bond.multiplier) == (0.04625, Decimal("0.01"))
    assert not isinstance(bond, Future)


def test_prices_are_the_marks(write, context) -> None:
    batch = read_batch(write(FLEX, "flex.xml"), "prices", context())
    assert batch.refusals == ()
    assert {(p.instrument_id, p.close) for p in batch.items} == {
        ("AAPL", 201.5),
        ("ESM6", 5600.25),
    }


def test_accounts_are_mapped(write, context) -> None:
    file = write(FLEX.replace('accountId="EQ"', 'accountId="U123"'), "flex.xml")
    made = preview(file, "positions").column_map
    terms = {"what": "positions", "columns": made.columns, "portfolios": {"U123": "MACRO"}}
    batch = read_batch(file, "positions", context(), ColumnMap(**terms))
    assert {t.portfolio_id for t in batch.items} == {"MACRO"}


@pytest.mark.parametrize("what", ["positions", "transactions", "instruments", "prices"])
def test_columns_need_no_guess(write, what: str) -> None:
    seen = preview(write(FLEX, "flex.xml"), what)
    assert propose_map(seen.headers, what).unsure == ()
    assert seen.problems == ()
