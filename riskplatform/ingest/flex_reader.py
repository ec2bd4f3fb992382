"""IBKR Flex XML: the sections of a statement as rows in our own column names.

Entities and document types are refused, so nothing is expanded or fetched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from riskplatform.ingest.flex_sections import SECTIONS, FlexRow, translated
from riskplatform.ingest.grid import Cells, FileContent, Grid

_ROOT = "FlexQueryResponse"
_MAX_DEPTH = 20


@dataclass(slots=True)
class _Statement:
    """Gathers the rows of the wanted sections while the parser runs."""

    wanted: frozenset[str]
    content: FileContent
    parser: Any = None
    path: list[str] = field(default_factory=list)
    account: Mapping[str, str] = field(default_factory=dict)
    rows: list[FlexRow] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        line = self.parser.parser.CurrentLineNumber
        if not self.path and tag != _ROOT:
            self.content.refuse(
                f"it is XML that begins with <{tag[:60]}>, not an IBKR Flex statement",
                f"A Flex statement begins with <{_ROOT}>.",
            )
        if len(self.path) >= _MAX_DEPTH:
            self.content.refuse(f"its XML is nested too deeply on line {line}")
        if tag == "FlexStatement":
            self.account = attributes
        if tag in SECTIONS and tag not in self.sections:
            self.sections.append(tag)
        elif self.path and self.path[-1] in self.wanted:
            self._take(tag, attributes, line)
        self.path.append(tag)

    def _take(self, tag: str, attributes: dict[str, str], line: int) -> None:
        self.content.check_shape(len(self.rows) + 1, len(attributes))
        for value in attributes.values():
            self.content.check_cell(value, line)
        shared = {"accountId": self.account.get("accountId", "")}
        self.rows.append(FlexRow(self.path[-1], tag, line, shared | attributes))

    def end(self, tag: str) -> None:
        self.path.pop()

    def data(self, data: str) -> None:
        """Flex keeps everything in attributes."""

    def close(self) -> None:
        """All has been gathered."""


def read_flex(content: FileContent, what: str) -> Grid:
    """The rows of the sections that belong to the target."""
    wanted = frozenset(name for name, section in SECTIONS.items() if what in section.targets)
    statement = _parsed(content, wanted)
    if not any(name in wanted for name in statement.sections):
        present = ", ".join(statement.sections) or "none that are known"
        content.refuse(
            f"the Flex statement has no section for {what} (it has {present})",
            f"Add {' or '.join(sorted(wanted))} to the Flex query.",
        )
    headers, lines, rows, warnings = translated(statement.rows, what)
    table: list[Cells] = [headers, *rows]
    return Grid(
        "flex",
        (1, *lines),
        tuple(table),
        {"sections": ", ".join(statement.sections)},
        warnings=warnings,
    )


def _parsed(content: FileContent, wanted: frozenset[str]) -> _Statement:
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser

    statement = _Statement(wanted, content)
    # This parser is the pure one, which knows on which line it stands.
    parser = DefusedXMLParser(target=statement, forbid_dtd=True)
    statement.parser = parser
    try:
        parser.feed(content.data)
        parser.close()
    except ParseError as error:
        content.refuse(f"its XML is damaged ({error})", "Download the statement again.")
    except DefusedXmlException:
        content.refuse("its XML declares entities or a document type, which is not safe to read")
    except (ValueError, LookupError) as error:
        content.refuse(f"its XML cannot be decoded ({error})")
    return statement
