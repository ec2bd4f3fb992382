"""Delimited text: encoding and delimiter are found out, stated, and never guessed silently."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator

from riskplatform.ingest.grid import FileContent, Grid

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_SAMPLE_LINES = 60


def read_csv(content: FileContent) -> Grid:
    """The lines of a delimited text file."""
    text, encoding = decoded(content)
    first, _, rest = text.partition("\n")
    skipped = 0
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        # Excel writes and honours this line.
        delimiter, text, skipped = first.strip()[4], rest, 1
    else:
        delimiter = find_delimiter(text)
    lines: list[int] = []
    rows: list[tuple[str, ...]] = []
    for line, row in _records(content, text, delimiter):
        content.check_shape(len(rows), len(row))
        if any(cell.strip() for cell in row):
            lines.append(line + skipped)
            rows.append(tuple(row))
            if max(map(len, row)) > content.limits.max_cell_length:
                content.check_cell(max(row, key=len), line + skipped)
    warnings: tuple[str, ...] = ()
    if encoding == "cp1252":
        warnings = ("It is not UTF-8 and was read as Windows text (cp1252); check the accents.",)
    return Grid(
        "csv",
        tuple(lines),
        tuple(rows),
        {"encoding": encoding, "delimiter": DELIMITERS.get(delimiter, repr(delimiter))},
        ragged_is_wrong=True,
        warnings=warnings,
    )


def decoded(content: FileContent) -> tuple[str, str]:
    """The text and the name of its encoding."""
    data = content.data
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return _without_nul(content, _decode(content, encoding)), encoding
    if b"\0" in data:
        content.refuse(
            f"it contains a NUL byte at position {data.index(0):,}, so it is not text",
            "If it is UTF-16 text, save it as UTF-8.",
        )
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _decode(content, "cp1252"), "cp1252"


def _decode(content: FileContent, encoding: str) -> str:
    try:
        return content.data.decode(encoding)
    except UnicodeDecodeError as error:
        content.refuse(
            f"the byte at position {error.start:,} is not {encoding} text", "Save it as UTF-8."
        )


def _without_nul(content: FileContent, text: str) -> str:
    if "\0" in text:
        content.refuse("it contains a NUL character")
    return text


def find_delimiter(text: str) -> str:
    """The delimiter that cuts the first lines most evenly into most columns."""
    sample = text[:100_000].splitlines(keepends=True)[:_SAMPLE_LINES]
    return max(DELIMITERS, key=lambda delimiter: _evenness(sample, delimiter))


def _evenness(sample: list[str], delimiter: str) -> tuple[float, int]:
    try:
        widths = Counter(len(row) for row in csv.reader(sample, delimiter=delimiter) if row)
    except csv.Error:
        return (0.0, 0)
    wide = {width: count for width, count in widths.items() if width > 1}
    if not wide:
        return (0.0, 0)
    width, count = max(wide.items(), key=lambda item: (item[1], item[0]))
    # Half a vote for width: a decimal comma in each line also cuts evenly, but into fewer columns.
    return (count / sum(widths.values()) + 0.5 * min(width, 10) / 10, width)


def _records(content: FileContent, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(first line, cells) of each record; quoted cells may hold line breaks."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            content.refuse(
                f"the record that starts on line {start} cannot be cut into cells ({error})",
                "A quotation mark is probably missing or not doubled there.",
            )
        yield start, row
        start = reader.line_num + 1
