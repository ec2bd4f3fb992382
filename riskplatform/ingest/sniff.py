"""Tells what a file is from its first bytes, never from its name."""

from __future__ import annotations

from riskplatform.ingest.grid import FileContent

_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "it is a PDF document"),
    (b"\x1f\x8b", "it is a gzip archive"),
    (b"BZh", "it is a bzip2 archive"),
    (b"7z\xbc\xaf\x27\x1c", "it is a 7-Zip archive"),
    (b"Rar!", "it is a RAR archive"),
    (b"\xfd7zXZ", "it is an xz archive"),
    (b"\x28\xb5\x2f\xfd", "it is a zstd archive"),
    (b"SQLite format 3\0", "it is a SQLite database"),
    (b"\x89PNG", "it is a picture"),
    (b"\xff\xd8\xff", "it is a picture"),
    (b"GIF8", "it is a picture"),
    (b"\x7fELF", "it is a program"),
    (b"MZ", "it is a program"),
    (b"{\\rtf", "it is a rich-text document"),
    (b"ARROW1", "it is an Arrow file"),
    (b"Obj\x01", "it is an Avro file"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ACCEPTED = "Accepted are CSV, Excel .xlsx, Parquet and IBKR Flex XML."


def format_of(content: FileContent) -> str:
    """``csv``, ``xlsx``, ``parquet`` or ``flex``; anything else is refused with what was found."""
    data = content.data
    if not data.strip():
        content.refuse("it is empty")
    if data.startswith(_OLE):
        _refuse_ole(content)
    if data.startswith(b"PK"):
        return "xlsx"
    if data.startswith(b"PAR1"):
        return "parquet"
    for magic, found in _FOREIGN:
        # "MZ" could begin a header; a program has NULs close behind.
        if data.startswith(magic) and (magic != b"MZ" or b"\0" in data[:64]):
            content.refuse(found, _ACCEPTED)
    return _format_of_text(content)


def _refuse_ole(content: FileContent) -> None:
    if "EncryptedPackage".encode("utf-16-le") in content.data:
        content.refuse(
            "it is an Excel file protected by a password", "Save a copy without the password."
        )
    content.refuse(
        "it is an old Excel (.xls) or another OLE document", "Save it as .xlsx or as CSV."
    )


def _format_of_text(content: FileContent) -> str:
    start = content.data[:2048].removeprefix(b"\xef\xbb\xbf").lstrip()
    lowered = start.lower()
    if lowered.startswith((b"<!doctype html", b"<html")):
        content.refuse(
            "it is a web page, perhaps the log-in page of the site it came from", _ACCEPTED
        )
    if start.startswith(b"<"):
        return "flex"
    if start.startswith((b"{", b"[{", b"[\n")):
        content.refuse("it looks like JSON", _ACCEPTED)
    return "csv"
