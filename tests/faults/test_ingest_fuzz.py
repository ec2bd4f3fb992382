"""Malformed rows and files: each is refused with words or counted in a batch, none ends otherwise.

The mutations are seeded, so a failure names the seed that repeats it. The normal suite runs about
2,000 malformed rows and files, the long one more than 100,000.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskplatform.domain.identifiers import Identifier
from riskplatform.domain.instruments import Equity, FixedBond, Tags
from riskplatform.domain.portfolio import PortfolioNode, PortfolioTree
from riskplatform.errors import RiskPlatformError
from riskplatform.ingest import WHATS, ImportBatch, ImportContext, Limits, preview, read_batch

CONTEXT = ImportContext(
    instruments={
        i.instrument_id: i
        for i in (
            Equity(
                instrument_id="AAPL",
                name="Apple",
                currency="USD",
                identifiers=(Identifier.parse("ISIN:US0378331005"),),
                tags=Tags(exchange="XNAS"),
            ),
            Equity(instrument_id="NESN", name="Nestle", currency="CHF"),
            FixedBond(
                instrument_id="T35",
                name="Treasury",
                currency="USD",
                issue_date=date(2025, 2, 15),
                maturity=date(2035, 2, 15),
                discount_curve_id="USD.GOVT",
                coupon_rate=0.04,
            ),
        )
    },
    portfolios=PortfolioTree(
        [
            PortfolioNode(portfolio_id="FIRM", name="Firm", level="firm"),
            PortfolioNode(portfolio_id="EQ", name="Equity", parent_id="FIRM"),
        ]
    ),
    held={("EQ", "AAPL"): Decimal(100)},
    as_of=date(2026, 3, 31),
    default_portfolio="EQ",
    source="fuzz",
)
LIMITS = Limits(max_bytes=5_000_000, max_unpacked_bytes=50_000_000, max_rows=20_000)

HEADERS = {
    "positions": "isin,symbol,currency,quantity,price,portfolio,as_of,lot",
    "transactions": "id,date,kind,symbol,quantity,price,currency,fees,amount,portfolio",
    "instruments": "kind,symbol,name,currency,isin,multiplier,maturity,coupon,issue date,strike",
    "prices": "date,symbol,currency,close,volume",
}
GOOD_LINES = {
    "positions": ("US0378331005,AAPL,USD,{n},150.25,EQ,2026-03-31,L{n}", ",T35,USD,{n}000,99%,,,"),
    "transactions": (
        "T{n},2026-03-02,Buy,AAPL,{n},150,USD,1,,EQ",
        "D{n},2026-03-02 10:00,Dividend,AAPL,,,USD,,{n},EQ",
        "S{n},02.03.2026,Verkauf,NESN,{n},90,CHF,,,EQ",
    ),
    "instruments": (
        "Stock,X{n},Name {n},USD,,,,,,",
        "Bond,B{n},Bond {n},USD,,,2035-02-15,4.5%,2025-02-15,",
    ),
    "prices": ("2026-03-31,AAPL,USD,{n}.5,{n}", "2026-03-30,NESN,CHF,{n}.25,"),
}
NASTY = (
    "",
    " ",
    "=1+1",
    "=cmd|' /C calc'!A0",
    "@SUM(A1)",
    "-",
    "--5",
    "NaN",
    "inf",
    "-Infinity",
    "sNaN123",
    "1e999999999",
    "1e-999999999",
    "9" * 300,
    "0." + "0" * 200 + "1",
    "1,2,3.4",
    "(((5)))",
    "5%%",
    "%",
    "$",
    "()",
    "٣٤٥",
    "½",
    "①",
    "1\u200b2",
    "\u202e123",
    "\ufeff1",
    "👩‍👩‍👧‍👦",
    "Ⅷ",
    "İ",
    "ß" * 50,
    "\x00",
    "\x07",
    "\x85",
    "a\r\nb",
    '"',
    '""',
    "'",
    "\\",
    "2026-02-30",
    "0000-00-00",
    "99/99/9999",
    "03/04/2026",
    "2026-03-31T25:61:61",
    "2026-03-31T10:00:00+99:99",
    "2026-03-31 10:00:00.999999999999",
    "10000-01-01",
    "46112",
    "-1",
    "0",
    "1_000",
    "0x1F",
    "None",
    "true",
    "USD;EUR",
    "us$",
    "GBX",
    "CASH.USD",
    "CASH.",
    "FIRM",
    "US0378331006",
    "x" * 5_000,
    "A" * 40_000,
    "../../etc/passwd",
    "' OR 1=1 --",
    "<script>",
    "{{7*7}}",
    "!!python/object",
    "%s%n%d",
    "split",
    "merger",
    "fx",
    "option",
    "swaption",
)


def lines_of(what: str, rng: random.Random, count: int) -> list[str]:
    return [rng.choice(GOOD_LINES[what]).format(n=rng.randint(1, 999)) for _ in range(count)]


def mutated_line(line: str, rng: random.Random) -> str:
    cells = line.split(",")
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        at = rng.randrange(len(cells))
        match rng.randrange(8):
            case 0:
                del cells[at]
            case 1:
                cells.insert(at, rng.choice(NASTY[:20]))
            case 2:
                cells[at] = cells[at][: len(cells[at]) // 2]
            case 3:
                other = rng.randrange(len(cells))
                cells[at], cells[other] = cells[other], cells[at]
            case 4:
                cells[at] += chr(rng.choice((rng.randrange(1, 128), rng.randrange(0xD7FF))))
            case _:
                # One NUL or one stray quotation mark refuses a whole file; keep them rare.
                nasty = rng.choice(NASTY)
                cells[at] = nasty if nasty.isprintable() or rng.random() < 0.01 else "?"
        cells = cells or [""]
    return ",".join(cell.replace('"', '""' if rng.random() < 0.9 else '"') for cell in cells)


def csv_file(what: str, rng: random.Random, rows: int) -> bytes:
    header = HEADERS[what]
    if rng.random() < 0.1:
        header = mutated_line(header, rng)
    body = [mutated_line(line, rng) for line in lines_of(what, rng, rows)]
    text = "\n".join([header, *body]) + "\n"
    encoding = rng.choice(("utf-8",) * 8 + ("utf-16", "utf-8-sig"))
    return text.encode(encoding, errors="replace")


def excel_file(what: str, rng: random.Random, rows: int) -> bytes:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.append(HEADERS[what].split(","))
    odd = (True, 1.5, -1, 10**17, 46112, 1e308, date(1999, 1, 1), "=A1", "#N/A", None)
    for line in lines_of(what, rng, rows):
        cells: list[object] = list(line.split(","))
        cells[rng.randrange(len(cells))] = rng.choice(odd)
        sheet.append(cells)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def parquet_file(what: str, rng: random.Random, rows: int) -> bytes:
    names = HEADERS[what].split(",")
    lines = [line.split(",") for line in lines_of(what, rng, rows)]
    table = {name: [line[i] for line in lines] for i, name in enumerate(names)}
    odd: tuple[Callable[[], list[object]], ...] = (
        lambda: [rng.choice((1.5, float("nan"), float("inf"), -1e300, None)) for _ in lines],
        lambda: [rng.choice((1, -1, 2**62, None)) for _ in lines],
        lambda: [rng.choice((True, False)) for _ in lines],
        lambda: [rng.choice((b"\xff\x00", b"a")) for _ in lines],
        lambda: [rng.choice((date(1, 1, 1), date(2026, 3, 31))) for _ in lines],
        lambda: [rng.choice((Decimal("1.5"), Decimal("9" * 30))) for _ in lines],
    )
    columns: dict[str, object] = dict(table)
    columns[rng.choice(names)] = rng.choice(odd)()
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def flex_file(what: str, rng: random.Random, rows: int) -> bytes:
    section, tag, attributes = {
        "positions": ("OpenPositions", "OpenPosition", "symbol position markPrice reportDate"),
        "prices": ("OpenPositions", "OpenPosition", "symbol markPrice reportDate currency"),
        "transactions": rng.choice(
            (
                ("Trades", "Trade", "symbol buySell quantity tradePrice tradeDate netCash"),
                ("CashTransactions", "CashTransaction", "type amount currency dateTime"),
                ("CorporateActions", "CorporateAction", "type symbol reportDate description"),
                ("Transfers", "Transfer", "symbol direction quantity date"),
            )
        ),
        "instruments": ("SecuritiesInfo", "SecurityInfo", "assetCategory symbol currency strike"),
    }[what]
    usual = ("AAPL", "10", "150", "20260331", "USD", "BUY", "STK", "FS", "SPLIT 4 FOR 0", "Fees")
    elements = []
    for _ in range(rows):
        values = " ".join(
            f'{name}="{escaped(rng.choice(usual + NASTY[:60]))}"' for name in attributes.split()
        )
        elements.append(f"<{tag} {values}/>")
    body = "\n".join(elements)
    text = f'<FlexStatement accountId="EQ"><{section}>\n{body}\n</{section}></FlexStatement>'
    whole = f"<FlexQueryResponse><FlexStatements>{text}</FlexStatements></FlexQueryResponse>"
    return whole.encode()


def escaped(text: str) -> str:
    printable = "".join(c for c in text if c.isprintable())
    return printable.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def damaged(data: bytes, rng: random.Random) -> bytes:
    """Bytes flipped, cut, repeated, put in."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 2, 5, 50))):
        at = rng.randrange(len(changed) + 1)
        match rng.randrange(5):
            case 0:
                del changed[at:]
            case 1:
                del changed[at : at + rng.randrange(1, 64)]
            case 2:
                changed[at:at] = rng.randbytes(rng.randrange(1, 16))
            case 3:
                changed[at:at] = changed[at : at + 64]
            case _ if at < len(changed):
                changed[at] ^= 1 << rng.randrange(8)
    return bytes(changed)


MAKERS = {"csv": csv_file, "xlsx": excel_file, "parquet": parquet_file, "flex": flex_file}


def check_batch(batch: ImportBatch) -> None:
    """Each row is in exactly one place, and nothing is let through beside a refusal."""
    refused = len(batch.refusals)
    placed = batch.rows_taken + batch.rows_unchanged + len(batch.duplicates) + refused
    assert placed == batch.rows_read
    assert batch.to_commit == (() if refused else batch.items)
    assert all(r.file == batch.file and r.line >= 1 and r.reason for r in batch.refusals)
    assert len(batch.to_frame()) == refused
    assert batch.summary()
    if batch.what in ("positions", "transactions"):
        assert len({t.transaction_id for t in batch.items}) == len(batch.items)
    if batch.what != "positions":
        assert len(batch.items) == batch.rows_taken


def survives(data: bytes, what: str, path: Path, why: str) -> int:
    """Read the bytes; the number of malformed rows and files that this was."""
    path.write_bytes(data)
    count, words = 1, path.name
    try:
        batch = read_batch(path, what, CONTEXT, limits=LIMITS)
        check_batch(batch)
        count += len(batch.refusals)
    except RiskPlatformError as error:
        words = str(error)
    except Exception as error:
        raise AssertionError(f"{why}: {error!r} is not for users") from error
    assert path.name in words, why
    try:
        preview(path, what, limits=LIMITS).to_dict()
    except RiskPlatformError:
        pass
    except Exception as error:
        raise AssertionError(f"{why}: {error!r} in preview is not for users") from error
    return count


def fuzz(seeds: range, folder: Path, rows: int) -> int:
    done = 0
    for seed in seeds:
        rng = random.Random(seed)
        what = rng.choice(WHATS)
        kind = rng.choice(("csv", "csv", "csv", "csv", "xlsx", "parquet", "flex"))
        data = MAKERS[kind](what, rng, rows if kind == "csv" else min(rows, 30))
        if rng.random() < 0.6:
            data = damaged(data, rng)
        done += survives(data, what, folder / "fuzzed", f"seed {seed}, {kind}, {what}")
    return done


@pytest.mark.slow
def test_malformed_rows_and_files(tmp_path: Path) -> None:
    assert fuzz(range(250), tmp_path, rows=40) >= 1_500


@pytest.mark.long
def test_a_hundred_thousand_malformed_rows_and_files(tmp_path: Path) -> None:
    done, first = 0, 10_000
    while done < 100_000:
        done += fuzz(range(first, first + 500), tmp_path, rows=200)
        first += 500


@pytest.mark.slow
@given(
    cells=st.lists(st.lists(st.text(max_size=20), min_size=1, max_size=10), max_size=8),
    what=st.sampled_from(WHATS),
)
@settings(max_examples=150, deadline=None)
def test_any_text_under_a_good_header(
    tmp_path_factory: pytest.TempPathFactory, cells: list[list[str]], what: str
) -> None:
    body = "\n".join(",".join('"' + c.replace('"', '""') + '"' for c in row) for row in cells)
    data = f"{HEADERS[what]}\n{body}\n".encode(errors="replace")
    survives(data, what, tmp_path_factory.getbasetemp() / "text.csv", repr(data))


@given(data=st.binary(max_size=300), what=st.sampled_from(WHATS))
@settings(max_examples=150, deadline=None)
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, data: bytes, what: str) -> None:
    survives(data, what, tmp_path_factory.getbasetemp() / "bytes", repr(data))
