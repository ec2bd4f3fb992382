"""Verbs of questions: one language for measures of nodes, in scenarios, with trades."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from riskplatform.desk.core import DeskCore

if TYPE_CHECKING:
    import pandas as pd

    from riskplatform.desk.asking import AskSession, Question
    from riskplatform.desk.query_runs import QueryRuns
    from riskplatform.stress.answer import Answer


class AskVerbs(DeskCore):
    """What if, in words."""

    def ask(self, question: Question, as_of: date | None = None) -> Answer:
        """The numbers of a question: scenarios × trades × nodes × measures.

        The question is one line ("gain, es of GEQ in equity_down_20 with GEQ.NAM.CORE: AAPL
        +1000"), a YAML file, the same as plain data, or the name of one that is kept. Scenarios
        that are columns of the library's cube are read from it; for others only the units that
        they touch are priced. A day given here stands before that of the question. Nothing is
        written but cubes of what risk is asked of.
        """
        from riskplatform.desk.asking import as_query

        query = as_query(self._me, question)
        if as_of is not None:
            query = replace(query, as_of=as_of)
        return self.ask_session(query.as_of).ask(query)

    def ask_session(self, as_of: date | None = None) -> AskSession:
        """The book of a day held ready for questions: after the first each takes moments."""
        from riskplatform.desk.asking import AskSession

        return AskSession(self._me, self.as_of(as_of))

    def save_query(self, name: str, question: Question) -> Path:
        """Keep a question in the desk's queries/ folder; the file."""
        from riskplatform.desk.asking import as_query
        from riskplatform.desk.query_files import save

        return save(self._me, name, as_query(self._me, question))

    def queries(self) -> pd.DataFrame:
        """The questions that are kept."""
        from riskplatform.desk.query_files import table

        return table(self._me)

    def run_saved_queries(
        self,
        names: Sequence[str] | None = None,
        as_of: date | None = None,
        *,
        record: bool = True,
    ) -> QueryRuns:
        """Ask the questions that are kept again, all without ``names``, and keep each answer in
        the lake's runs; one that fails is told and spoils no other."""
        from riskplatform.desk.query_runs import run_saved

        return run_saved(self._me, names, self.as_of(as_of), record=record)

    def record_answer(self, found: Answer) -> str:
        """Keep an answer in the lake as a run; the run id under which it is found."""
        from riskplatform.desk.query_runs import record_answer

        return record_answer(self._me, found)
