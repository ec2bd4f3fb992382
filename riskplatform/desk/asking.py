"""Answers questions about a day's book: scenarios, trades, nodes and measures in one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from riskplatform.desk.ask_columns import Instruments, ScenarioColumns
from riskplatform.desk.query_files import changes_of, kept
from riskplatform.desk.scenario_library import files_of, scenario_library
from riskplatform.desk.snapshots import market_snapshot
from riskplatform.desk.what_if_session import WhatIfSession, full_id
from riskplatform.domain.outcome import Coverage, Failure
from riskplatform.domain.provenance import Provenance
from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.market.content import content_hash
from riskplatform.project.query_language import GAIN, Asked, Query, parsed_query, read_query
from riskplatform.project.query_language.query import ALL, OF_RISK
from riskplatform.project.query_language.reading import QUESTION, query_from
from riskplatform.project.scenario_language import Scenario, resolve
from riskplatform.project.scenario_language.declaration import KINDS
from riskplatform.project.scenario_language.scenario import INFER
from riskplatform.project.strict_yaml import ContentError
from riskplatform.risk.what_if import Change, Trade
from riskplatform.stress.answer import MODEL, Answer, AnswerRow
from riskplatform.stress.asking import Columns, book_rows, check_by, gain_rows

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

Question = str | Path | Mapping[str, Any] | Query
FILES = (".yaml", ".yml")


def as_query(desk: Desk, question: Question, *, with_files: bool = True) -> Query:
    """A question as a value: from its text, its file, the name it is kept under, or plain data.

    A caller from elsewhere must not name files of this machine: ``with_files`` is then false.
    """
    if isinstance(question, Query):
        return question
    if isinstance(question, Mapping):
        return query_from(question)
    text = str(question).strip()
    is_file = isinstance(question, Path) or (text.endswith(FILES) and len(text.split()) == 1)
    if is_file and with_files:
        return read_query(Path(question))
    found = kept(desk, text)
    return parsed_query(text) if found is None else found


class AskSession:
    """Asks one book of one day; the first question of a kind takes seconds, the next one moments.

    What it knows is of the moment when it was opened: :attr:`is_stale` says whether the ledger or
    the market has moved since. Scenario files are read anew for each question.
    """

    def __init__(self, desk: Desk, as_of: date, *, days: int = 500) -> None:
        self._desk = desk
        self.as_of = as_of
        self._days = days
        self._version = self._now()
        self._columns = ScenarioColumns(desk, as_of, days=days, snapshot=self._version[1])
        self._ready: dict[str, WhatIfSession] = {}
        self._lock = RLock()

    @property
    def is_stale(self) -> bool:
        """Whether the desk knows more now than this session does."""
        return self._version != self._now()

    def ask(self, question: Question) -> Answer:
        """The numbers of a question, each with what it was taken from."""
        query = as_query(self._desk, question)
        if query.as_of not in (None, self.as_of):
            raise UserInputError(
                f"The question is about {query.as_of}, and this session is of {self.as_of}."
            )
        # The same question is the same whether its day was said or not.
        query = replace(query, as_of=self.as_of)
        check_by(query)
        changes = changes_of(query)
        with self._lock:
            return self._answered(query, changes)

    def _answered(self, query: Query, changes: list[Change]) -> Answer:
        scenarios = scenarios_of(self._desk, query)
        _check(query, scenarios)
        rows: list[AnswerRow] = []
        failures: list[Failure] = []
        inputs: dict[str, str] = {}
        notes: list[str] = []
        nodes = query.nodes or (None,)
        done = 0
        if scenarios:
            asked = self._known(changes)
            columns = self._columns_for(scenarios, asked, query.nodes)
            rows += gain_rows(columns, query, asked, nodes)
            failures += (*columns.book.failures, *columns.failures)
            inputs["ledger"] = columns.book.inputs["ledger"]
            done = columns.book.coverage.done
            changes = asked
            notes += [_of_band(each) for each in columns.scenarios if each.rest == INFER]
        if set(query.measures) - {GAIN}:
            ready, changes, told = self._session(query).prepared_for(changes, nodes)
            rows += book_rows(ready, query, changes, nodes)
            failures += ready.book.failures
            inputs |= ready.book.inputs
            notes += told
            done = ready.book.coverage.done
        return Answer(
            asked=query.to_plain(),
            name=query.name,
            rows=tuple(rows),
            changes=tuple(str(each) for each in changes),
            scenarios={each.scenario_id: each.content_hash for each in scenarios},
            notes=tuple(notes),
            provenance=self._provenance(query, changes, scenarios, rows, inputs, done, failures),
        )

    def _provenance(
        self,
        query: Query,
        changes: Sequence[Change],
        scenarios: Sequence[Scenario],
        rows: Iterable[AnswerRow],
        inputs: Mapping[str, str],
        done: int,
        failures: Iterable[Failure],
    ) -> Provenance:
        told = {str(each.subject): each for each in failures}
        origins = dict.fromkeys(row.origin for row in rows if row.origin.startswith("cube "))
        return Provenance(
            as_of=self.as_of,
            base_currency=self._desk.settings.base_currency,
            model_id=MODEL,
            inputs={
                **inputs,
                "lake snapshot": str(self._version[1]),
                "question": query.content_hash[:16],
                "changes": content_hash([str(each) for each in changes], query.self_financed)[:16],
                "scenarios": content_hash([each.content_hash for each in scenarios])[:16],
                "taken from": "; ".join(origins),
            },
            coverage=Coverage(done, tuple(told.values())),
        )

    def _columns_for(
        self, scenarios: Sequence[Scenario], changes: Sequence[Change], nodes: Sequence[str]
    ) -> Columns:
        trades = [each for each in changes if isinstance(each, Trade)]
        also: Instruments = frozenset(each.instrument_id for each in trades)
        leaves = set(self._desk._scope(None).leaves)
        named = {*nodes, *(each.node for each in trades if each.node is not None)}
        return self._columns.of(scenarios, also, sorted(named & leaves), with_marks=bool(changes))

    def _known(self, changes: Sequence[Change]) -> list[Change]:
        """The same, instruments by their whole names."""
        trades = [each for each in changes if isinstance(each, Trade)]
        terms = self._desk.instruments() if trades else {}
        return [
            replace(each, instrument_id=full_id(each.instrument_id, terms))
            if isinstance(each, Trade)
            else each
            for each in changes
        ]

    def _session(self, query: Query) -> WhatIfSession:
        """The book over the set that risk is asked of; sensitivities need none in particular."""
        name = query.scenario_set
        if not set(query.measures) & set(OF_RISK) and self._ready:
            name = next(iter(self._ready))
        if name not in self._ready:
            self._ready[name] = WhatIfSession(
                self._desk, self.as_of, scenarios=(name,), with_limits=False, with_stress=False
            )
        return self._ready[name]

    def _now(self) -> tuple[object, int]:
        return (
            self._desk.ledger.book_recorded_at(with_limits=True),
            market_snapshot(self._desk.lake),
        )


def _of_band(scenario: Scenario) -> str:
    name = scenario.scenario_id
    return f"{name} infers the rest: this is at its mean; `riskplatform scenario run` has the band."


def _check(query: Query, scenarios: Sequence[Scenario]) -> None:
    """A gain is in a scenario, and nothing else is."""
    if GAIN in query.measures and not scenarios:
        raise UserInputError(
            "A gain is that in a scenario, and none is named.",
            hint="Say which, as in: gain in equity_down_20; or ask for value, es or an exposure.",
        )
    if scenarios and GAIN not in query.measures:
        raise UserInputError(
            f"Scenarios are named, and {', '.join(query.measures)} is not of a scenario.",
            hint="Ask for gain too; the set that var and es are of is named by over.",
        )


def scenarios_of(desk: Desk, query: Query) -> list[Scenario]:
    """Those named, once each, in their order; all of a kind or of the library where it is asked."""
    files = files_of(desk)
    found: dict[str, Scenario] = {}
    for each in query.scenarios:
        if each.document is None and each.scenario_id not in files:
            for scenario in _many(desk, each):
                found[scenario.scenario_id] = scenario
            continue
        scenario = _one(desk, each)
        found[scenario.scenario_id] = scenario
    return list(found.values())


def _many(desk: Desk, asked: Asked) -> list[Scenario]:
    library = scenario_library(desk).scenarios
    name = asked.scenario_id
    if name not in (ALL, *KINDS):
        raise UnknownNameError("scenario", name, (*library, ALL, *KINDS))
    return [each for each in library.values() if name in (ALL, each.kind)]


def _one(desk: Desk, asked: Asked) -> Scenario:
    """Of the library, with other parameters, or as it is written in the question."""
    files = files_of(desk)
    if asked.document is not None:
        try:
            return resolve(
                asked.scenario_id, files.with_document(asked.scenario_id, asked.document)
            )
        except ContentError as error:
            if error.file != QUESTION:
                raise
            # A line typed has no file and no lines to name.
            raise UserInputError(error.what, hint=error.hint) from error
    if not asked.parameters:
        return resolve(asked.scenario_id, files)
    found = resolve(asked.scenario_id, files, dict(asked.parameters))
    words = ", ".join(f"{name}={value}" for name, value in asked.parameters)
    return replace(found, scenario_id=f"{asked.scenario_id}({words})")
