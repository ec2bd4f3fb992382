"""Identifier precedence, ambiguity and the nearest suggestion, seen through statements."""

from __future__ import annotations

import pytest

from riskplatform.ingest import read_batch

HEADER = "figi,isin,cusip,sedol,symbol,instrument_id,currency,exchange,quantity\n"


def read(write, context, line: str):
    return read_batch(write(f"{HEADER}{line},1\n"), "positions", context())


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("BBG000B9XRY4,,,,,,,", "AAPL"),
        # The strongest that is known decides: the symbol names another listing.
        ("BBG000B9XRY4,,,,NESN,,,", "AAPL"),
        (",US0378331005,,,,,,", "AAPL"),
        (",us0378331005,,,,,usd,", "AAPL"),
        (",DE0007164600,,,,,EUR,", "SAP.DE"),
        (",DE0007164600,,,,,,XNYS", "SAP.US"),
        (",DE0007164600,,,,,USD,XETR", "SAP.US"),
        (",,037833100,,,,,", "AAPL"),
        (",,,BH4HKS3,,,,", "VOD.L"),
        (",,,BH4HKS3,,,GBX,", "VOD.L"),
        (",,,,sap,,EUR,", "SAP.DE"),
        (",,,,SAP,,,XNYS", "SAP.US"),
        (",,,,,SAP.US,,", "SAP.US"),
        # An identifier that nobody knows is no obstacle to one that is known.
        ("BBG000BPH459,US0378331005,,,,,,", "AAPL"),
        (",,,,CASH.USD,,,", "CASH.USD"),
    ],
)
def test_precedence(write, context, line: str, expected: str) -> None:
    batch = read(write, context, line)
    assert [t.instrument_id for t in batch.items] == [expected], batch.refusals


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        (",DE0007164600,,,,,,", "isin", ("fits 2", "SAP.DE (EUR, XETR)", "SAP.US (USD, XNYS)")),
        (",,,,SAP,,,", "symbol", ("fits 2", "SAP.DE", "SAP.US")),
        (",US0378331005,,,,,EUR,", "currency", ("AAPL in USD", "not in EUR")),
        ("BBG000B9XRY4,CH0038863350,,,,,,", "isin", ("AAPL", "NESN")),
        (",US0378331006,,,,,,", "isin", ("check digit",)),
        (",,,,APPL,,,", "symbol", ("No known instrument", "AAPL")),
        (",US5949181045,,,NESM,,,", "isin", ("No known instrument", "NESN")),
        (",,,,,,,", None, ("names no instrument",)),
        (",,,,AAPL,,US$,", "currency", ("not a currency code",)),
    ],
)
def test_refused(write, context, line: str, column: str | None, words: tuple[str, ...]) -> None:
    (refusal,) = read(write, context, line).refusals
    assert refusal.column == column
    for word in words:
        assert word in str(refusal)
