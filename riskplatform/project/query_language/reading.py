"""Questions from files and mappings: every complaint names file and line."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from riskplatform.project.query_language.query import ALL, MEASURES, Asked, Query
from riskplatform.project.scenario_language.declaration import ID_PATTERN, KINDS, SCENARIO
from riskplatform.project.scenario_language.places import Place, shown
from riskplatform.project.scenario_language.types import (
    Choice,
    Day,
    Field,
    Flag,
    Keys,
    ListOf,
    Number,
    Schema,
    Text,
)
from riskplatform.project.strict_yaml import Document, document_of, read_document

TYPED = "typed"
"""The id of a scenario that is written out in a question; typed_2 of the second, and so on."""
_MOST = 200
_MIXED = "A scenario is an id, {scenario: ID, parameters: {...}}, or the keys of a scenario file."


class _Scenario:
    """An id, an id with parameters, or a scenario written out."""

    def check(self, value: Any, place: Place) -> Any:
        if isinstance(value, str):
            return Text(80, ID_PATTERN, "rates_up_100bp").check(value, place)
        if isinstance(value, Mapping) and "scenario" in value:
            return _WITH_PARAMETERS.check(value, place)
        if isinstance(value, Mapping):
            return _Written(place)
        raise place.error(f"a scenario is {shown(value)}.", _MIXED)

    def schema(self) -> Schema:
        written = {k: v for k, v in SCENARIO.schema().items() if k != "required"}
        return {"anyOf": [{"type": "string"}, _WITH_PARAMETERS.schema(), written]}


class _Written:
    """A scenario that stands in the question; it is checked when it is resolved."""

    def __init__(self, place: Place) -> None:
        self.place = place

    def document(self) -> Document:
        """As if it were a file of its own, with the lines of the question."""
        path = self.place.path
        data: Any = self.place.document.data
        for key in path:
            data = data[key]
        lines = {
            each[len(path) :]: line
            for each, line in self.place.document.lines.items()
            if each[: len(path)] == path
        }
        head = {"title": "Written in the question", "kind": "hypothetical"}
        return Document(self.place.document.file, {**head, **data}, lines)


class _Change:
    """A line, or a mapping; the words are those of what-ifs, which the desk reads."""

    def check(self, value: Any, place: Place) -> Any:
        if isinstance(value, str) and value.strip():
            return value.strip()
        if isinstance(value, Mapping) and value:
            return dict(value)
        raise place.error(f"a change is {shown(value)}.", 'Write it like "BOOK: AAPL +1000".')

    def schema(self) -> Schema:
        return {"type": ["string", "object"]}


_PARAMETERS = SCENARIO.fields["parameters"].kind
_WITH_PARAMETERS = Keys(
    "a scenario",
    {
        "scenario": Field(Text(80, ID_PATTERN, "equity_down_20"), "Its id.", required=True),
        "parameters": Field(_PARAMETERS, "Other values of its parameters."),
    },
)
QUERY = Keys(
    "a question",
    {
        "title": Field(Text(200), "What is asked, in a few words."),
        "measures": Field(ListOf(Choice(MEASURES), most=30, or_one=True), "gain if not given."),
        "nodes": Field(ListOf(Text(120), most=_MOST, or_one=True), "Everything if not given."),
        "scenarios": Field(
            ListOf(_Scenario(), most=_MOST, or_one=True),
            f"Ids, {ALL}, a kind ({', '.join(KINDS)}), or scenarios written out.",
        ),
        "changes": Field(ListOf(_Change(), most=5_000, or_one=True), "Such as BOOK: AAPL +1000."),
        "by": Field(Text(40), "Gains, values and exposures by a slice, such as sector."),
        "set": Field(Text(80), "Scenarios of var, es and volatility; historical if not given."),
        "confidence": Field(Number(0.5, 0.99999), "Of var and es; 0.99 if not given."),
        "as_of": Field(Day(), "The day; the last with prices if not given."),
        "self_financed": Field(Flag(), "Whether trades are paid from cash; true if not given."),
    },
)
"""What may stand in a question's file."""


def read_query(file: Path) -> Query:
    """The question in a file."""
    return query_of(read_document(file), file.stem)


QUESTION = Path("question")
"""The file that a question is said to be in that stands in none."""


def query_from(told: Mapping[str, Any]) -> Query:
    """A question as plain data, such as JSON; days may be text."""
    plain = dict(told)
    if isinstance(plain.get("as_of"), str):
        with suppress(ValueError):
            plain["as_of"] = date.fromisoformat(plain["as_of"])
    text = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True)
    return query_of(document_of(text.encode("utf-8"), QUESTION))


def query_of(document: Document, name: str = "") -> Query:
    """The question of a document."""
    checked = QUERY.check(dict(document.data), Place(document))
    return Query(
        measures=tuple(dict.fromkeys(checked.get("measures", Query().measures))),
        nodes=tuple(dict.fromkeys(checked.get("nodes", ()))),
        scenarios=asked_of(checked.get("scenarios", ())),
        changes=checked.get("changes", ()),
        by=checked.get("by"),
        scenario_set=checked.get("set", Query().scenario_set),
        confidence=float(checked.get("confidence", Query().confidence)),
        as_of=checked.get("as_of"),
        self_financed=checked.get("self_financed", True),
        title=checked.get("title", ""),
        name=name,
        document=document,
    )


def asked_of(checked: tuple[Any, ...]) -> tuple[Asked, ...]:
    """Scenarios as asked for; those written out are numbered."""
    found: list[Asked] = []
    for each in checked:
        if isinstance(each, str):
            found.append(Asked(each))
        elif isinstance(each, _Written):
            number = sum(one.is_written for one in found) + 1
            name = TYPED if number == 1 else f"{TYPED}_{number}"
            found.append(Asked.written_out(name, each.document()))
        else:
            given = tuple(sorted(each.get("parameters", {}).items()))
            found.append(Asked(each["scenario"], given))
    return tuple(found)
