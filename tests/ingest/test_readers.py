"""Files of all kinds: what is read, and the clear refusal of what is not."""

from __future__ import annotations

import io
import struct
import zipfile

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from riskplatform.errors import ImportRefusedError
from riskplatform.ingest.grid import FileContent, Limits
from riskplatform.ingest.readers import load_file, read_table

CSV = "symbol,quantity,price\nAAPL,10,1.5\n"


def table_of(data: bytes, what: str = "positions", limits: Limits | None = None):
    return read_table(FileContent("f", data, "id", limits or Limits()), what)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(encoding: str) -> None:
    table = table_of("symbol,quantity,name\nA,1,Zürich é\n".encode(encoding))
    assert table.rows == (("A", "1", "Zürich é"),)
    assert table.details["encoding"] == encoding
    assert bool(table.warnings) == (encoding == "cp1252")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(delimiter: str) -> None:
    table = table_of(CSV.replace(",", delimiter).encode())
    assert table.headers == ("symbol", "quantity", "price")


def test_decimal_commas_do_not_pass_for_delimiters() -> None:
    table = table_of(b"symbol;quantity;price\nA;1,5;2,5\nB;2,5;3,5\n")
    assert table.rows == (("A", "1,5", "2,5"), ("B", "2,5", "3,5"))


def test_excel_separator_line() -> None:
    table = table_of(b"sep=|\nsymbol|quantity\nA|1\n")
    assert table.rows == (("A", "1"),)
    assert table.lines == (3,)


def test_quoted_line_breaks_keep_line_numbers() -> None:
    table = table_of(b'symbol,quantity,note\nA,1,"two\nlines"\nB,2,x\n')
    assert table.lines == (2, 4)
    assert table.rows[0][2] == "two\nlines"


def test_preamble_and_totals_are_left_out_and_said() -> None:
    text = "Statement for account 12\n\nISIN;Quantity;Currency\nUS0378331005;10;USD\nTotal;10;\n"
    table = table_of(text.encode())
    assert table.header_line == 3
    assert table.lines == (4,)
    assert len(table.warnings) == 2


def test_a_company_called_total_is_not_a_total() -> None:
    table = table_of(b"name,isin,quantity\nTotal,FR0000120271,10\n")
    assert table.rows_read == 1


def test_misshapen_lines_are_refused_by_line() -> None:
    table = table_of(b"symbol,quantity,price\nA,1,2,3\nB,1\nC,1,2\n")
    assert [bad.line for bad in table.misshapen] == [2, 3]
    assert table.lines == (4,)


PNG, OLE = b"\x89PNG\r\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"%PDF-1.7", "PDF"),
        (PNG, "picture"),
        (b"\x1f\x8b\x08", "gzip"),
        (OLE + b"\0" * 600, "old Excel"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"SQLite format 3\0", "SQLite"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"{}", "JSON"),
        (b"<a/>", "not an IBKR Flex"),
        (b"<FlexQueryResponse>", "damaged"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><FlexQueryResponse/>', "not safe"),
        (b"<FlexQueryResponse/>", "no section for positions"),
        (b"symbol,quantity\nA\0,1\n", "NUL"),
        (b"symbol,quantity\nA\x81,1\n", "not cp1252"),
        (b'symbol,quantity\n"A,1\n', "quotation mark"),
        (b"symbol,symbol\n1,2\n", "more than once"),
        (b"PK\x03\x04damaged", "damaged"),
        (b"PAR1damagedPAR1", "damaged"),
        (b"\xff\xfeA", "not utf-16"),
    ],
)
def test_foreign_and_damaged_files_are_named_and_described(data: bytes, found: str) -> None:
    with pytest.raises(ImportRefusedError) as caught:
        table_of(data)
    assert str(caught.value).startswith("f was not read")
    assert found in str(caught.value)


def test_absent_files_and_folders(tmp_path) -> None:
    with pytest.raises(ImportRefusedError, match=r"x\.csv was not read: there is no such file"):
        load_file(tmp_path / "x.csv")
    with pytest.raises(ImportRefusedError, match="folder"):
        load_file(tmp_path)
    with pytest.raises(ImportRefusedError):
        load_file("a\0b")


@pytest.mark.parametrize(
    ("limits", "found"),
    [
        (Limits(max_rows=1), "rows"),
        (Limits(max_columns=2), "columns"),
        (Limits(max_cell_length=3), "characters"),
    ],
)
def test_limits(limits: Limits, found: str) -> None:
    with pytest.raises(ImportRefusedError, match=found):
        table_of(CSV.encode() + b"B,1,2\n", limits=limits)


def test_size_is_checked_before_reading(tmp_path) -> None:
    (tmp_path / "big.csv").write_bytes(b"x" * 100)
    with pytest.raises(ImportRefusedError, match=r"big\.csv"):
        load_file(tmp_path / "big.csv", Limits(max_bytes=99))


def workbook_bytes(*sheets: tuple[str, list[list[object]]]) -> bytes:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets:
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def with_member(data: bytes, name: str, content: bytes) -> bytes:
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def test_excel_takes_the_sheet_that_fits() -> None:
    data = workbook_bytes(
        ("Cover", [["Hello"]]), ("Data", [[], ["Symbol", "Quantity"], ["AAPL", 10.5]])
    )
    table = table_of(data)
    assert table.details["sheet"] == "Data"
    assert table.lines == (3,)
    assert [str(cell) for cell in table.rows[0]] == ["AAPL", "10.5"]


def test_excel_sheet_by_name() -> None:
    data = workbook_bytes(("One", [["symbol", "quantity"], ["A", 1]]))
    with pytest.raises(ImportRefusedError, match="no sheet 'Two'"):
        read_table(FileContent("f", data, "id"), "positions", "Two")


def test_excel_formulas_are_read_as_the_values_that_excel_stored() -> None:
    # Never opened in Excel, so nothing is stored: the cell is empty, not a formula.
    table = table_of(workbook_bytes(("S", [["symbol", "quantity", "x"], ["A", "=1+1", 1]])))
    assert table.rows[0][1] is None


@pytest.mark.parametrize(
    ("member", "content", "found"),
    [
        ("xl/vbaProject.bin", b"macro", "macros"),
        ("xl/media/bomb.bin", b"\0" * 60_000_000, "times its size"),
    ],
)
def test_excel_refused_unopened(member: str, content: bytes, found: str) -> None:
    data = with_member(workbook_bytes(("S", [["symbol"]])), member, content)
    with pytest.raises(ImportRefusedError, match=found):
        table_of(data)


def test_excel_with_entities_is_refused() -> None:
    bomb = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>
    <worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
    <row r="1"><c t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>"""
    out = io.BytesIO()
    plain = io.BytesIO(workbook_bytes(("S", [["symbol"]])))
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, bomb if "sheet1" in name else old.read(name))
    with pytest.raises(ImportRefusedError, match="damaged"):
        table_of(out.getvalue())


def test_excel_cell_far_out_is_refused() -> None:
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = "symbol"
    workbook.active["XFD2"] = 1
    out = io.BytesIO()
    workbook.save(out)
    with pytest.raises(ImportRefusedError, match="columns"):
        table_of(out.getvalue())


def test_archives_that_are_not_excel() -> None:
    with pytest.raises(ImportRefusedError, match="ZIP archive"):
        table_of(with_member(b"", "a.txt", b"x"))
    with pytest.raises(ImportRefusedError, match="OpenDocument"):
        table_of(with_member(b"", "mimetype", b"x"))


def test_encrypted_archive() -> None:
    data = bytearray(with_member(b"", "xl/workbook.xml", b"x"))
    at = data.index(b"PK\x01\x02") + 8
    data[at : at + 2] = struct.pack("<H", 1)
    with pytest.raises(ImportRefusedError, match="encrypted"):
        table_of(bytes(data))


def parquet_bytes(columns: dict[str, object]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def test_parquet() -> None:
    table = table_of(
        parquet_bytes(
            {
                "symbol": pa.array(["A", "B"]).dictionary_encode(),
                "quantity": [1.5, float("nan")],
            }
        )
    )
    assert table.lines == (2, 3)
    assert [str(cell) for cell in table.rows[0]] == ["A", "1.5"]
    assert table.rows[1][1] is None


def test_parquet_with_lists_is_refused() -> None:
    with pytest.raises(ImportRefusedError, match="lists"):
        table_of(parquet_bytes({"symbol": [["A"]]}))
