"""Column maps: proposals with confidence, ambiguities shown, saved maps found again."""

from __future__ import annotations

import pytest

from riskplatform.errors import RiskPlatformError, UnknownNameError, UserInputError
from riskplatform.ingest import ColumnMap, find_map, load_map, load_maps, propose_map, save_map


@pytest.mark.parametrize(
    ("what", "headers", "expected"),
    [
        (
            "positions",
            ["Account", "ISIN", "Ccy", "Shares", "Avg. Cost"],
            {
                "portfolio": "Account",
                "isin": "ISIN",
                "currency": "Ccy",
                "quantity": "Shares",
                "price": "Avg. Cost",
            },
        ),
        (
            "positions",
            ["Depot", "ISIN", "Währung", "Stück/Nominal", "Einstandskurs", "Bezeichnung"],
            {
                "portfolio": "Depot",
                "isin": "ISIN",
                "currency": "Währung",
                "quantity": "Stück/Nominal",
                "price": "Einstandskurs",
                "name": "Bezeichnung",
            },
        ),
        (
            "transactions",
            ["Date opération", "Sens", "Code ISIN", "Quantité", "Cours", "Frais", "Montant net"],
            {
                "date": "Date opération",
                "side": "Sens",
                "isin": "Code ISIN",
                "quantity": "Quantité",
                "price": "Cours",
                "fees": "Frais",
                "amount": "Montant net",
            },
        ),
        (
            "prices",
            ["Date", "Ticker", "PX_LAST", "Volume"],
            {"date": "Date", "symbol": "Ticker", "close": "PX_LAST", "volume": "Volume"},
        ),
        (
            "transactions",
            ["tradeId", "tradeDate", "buySell", "symbol", "quantity", "tradePrice"],
            {
                "transaction_id": "tradeId",
                "side": "buySell",
                "symbol": "symbol",
                "quantity": "quantity",
                "price": "tradePrice",
                "date": "tradeDate",
            },
        ),
    ],
)
def test_proposals(what: str, headers: list[str], expected: dict[str, str]) -> None:
    proposed = propose_map(headers, what)
    assert dict(proposed.columns) == expected
    assert set(proposed.confidence.values()) == {1.0}
    assert proposed.missing == ()


def test_two_headers_for_one_field_are_shown() -> None:
    proposed = propose_map(["symbol", "ticker", "quantity"], "positions")
    assert proposed.columns["symbol"] == "symbol"
    assert proposed.ambiguous == {"symbol": ("ticker",)}


def test_a_near_miss_is_a_guess() -> None:
    proposed = propose_map(["symbol", "quantiy"], "positions")
    assert proposed.columns["quantity"] == "quantiy"
    assert proposed.unsure == ("quantity",)


def test_what_is_not_understood_is_listed() -> None:
    proposed = propose_map(["symbol", "frobnication", ""], "positions")
    assert proposed.unmapped == ("frobnication", "")
    assert proposed.missing == ("quantity",)


def test_wide_prices_are_noticed() -> None:
    proposed = propose_map(["Date", "AAPL", "NESN"], "prices")
    assert proposed.layout == "wide"
    assert proposed.missing == ()


@pytest.mark.parametrize(
    "terms",
    [
        {"what": "trades", "columns": {}},
        {"what": "prices", "columns": {"clos": "x"}},
        {"what": "prices", "columns": {}, "constants": {"nothing": "x"}},
        {"what": "prices", "columns": {}, "decimal": ";"},
        {"what": "prices", "columns": {}, "date_format": "day first"},
        {"what": "prices", "columns": {}, "time_zone": "Mars/Olympus"},
        {"what": "prices", "columns": {}, "layout": "tall"},
        {"what": "prices", "columns": {}, "amount_sign": "both"},
    ],
)
def test_a_map_that_cannot_be(terms: dict) -> None:
    with pytest.raises(UserInputError):
        ColumnMap(**terms)


def test_unknown_target() -> None:
    with pytest.raises(UnknownNameError):
        propose_map(["a"], "trades")


HEADERS = ["ISIN", "Anzahl"]


def test_saved_maps_come_back_and_are_found_by_headers(tmp_path) -> None:
    made = ColumnMap(
        what="positions",
        columns={"isin": "ISIN", "quantity": "Anzahl"},
        constants={"currency": "EUR"},
        portfolios={"123": "EQ"},
        date_format="DMY",
        decimal=",",
        time_zone="Europe/Zurich",
        true_duplicates=True,
        fingerprint=propose_map(HEADERS, "positions").fingerprint,
    )
    save_map(made, tmp_path / "maps" / "bank.yaml")
    assert load_map(tmp_path / "maps" / "bank.yaml") == made
    maps = load_maps(tmp_path / "maps")
    assert find_map(maps, ["isin", "ANZAHL"], "positions") == made
    assert find_map(maps, ["ISIN", "Kurs"], "positions") is None
    assert find_map(maps, HEADERS, "prices") is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("what: positions\ncolumns: {}\ndatformat: DMY\n", "date_format"),
        ("columns: {}\n", "'what'"),
        ("what: positions\ncolumns: [a]\n", "columns"),
        ("what: positions\ncolumns: {isin: 5}\n", "columns"),
        ("what: positions\ncolumns: {}\ntrue_duplicates: maybe\n", "true_duplicates"),
        ("what: [positions]\ncolumns: {}\n", "what"),
        ("what: positions\ncolumns: {isn: ISIN}\n", "isin"),
        ("!!python/object/apply:os.system [echo]", "not readable YAML"),
        ("- a", "does not hold"),
        ("a: [", "not readable"),
        ("\x00", "not readable"),
    ],
)
def test_a_bad_map_file_is_named(tmp_path, text: str, found: str) -> None:
    file = tmp_path / "bank.yaml"
    file.write_text(text)
    with pytest.raises(RiskPlatformError) as caught:
        load_map(file)
    assert "bank.yaml" in str(caught.value)
    assert found in str(caught.value)


def test_an_absent_map_file(tmp_path) -> None:
    with pytest.raises(UserInputError, match="none"):
        load_map(tmp_path / "none.yaml")
    assert load_maps(tmp_path / "nowhere") == ()
