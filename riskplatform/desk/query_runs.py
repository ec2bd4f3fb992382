"""Questions that are kept, asked again: each answer is recorded; one that fails spoils no other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskplatform.desk.asking import AskSession
from riskplatform.desk.query_files import named, names
from riskplatform.domain.outcome import Coverage, Failure, FailureReason
from riskplatform.errors import RiskPlatformError
from riskplatform.stress.answer import Answer

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class QueryRuns:
    """``run_ids`` are those under which the answers were recorded, none where they were not."""

    as_of: date
    answers: tuple[Answer, ...] = field(repr=False)
    failures: tuple[Failure, ...] = ()
    run_ids: tuple[str, ...] = ()

    @property
    def coverage(self) -> Coverage:
        return Coverage(len(self.answers), self.failures)

    def to_frame(self) -> pd.DataFrame:
        """One row per number of every answer, with the name of its question."""
        frames = [each.to_frame().assign(question=each.name) for each in self.answers]
        if not frames:
            return pd.DataFrame(columns=["question"])
        whole = pd.concat(frames, ignore_index=True)
        return whole[["question", *(name for name in whole.columns if name != "question")]]

    def to_dict(self) -> dict[str, Any]:
        return {
            "as_of": self.as_of.isoformat(),
            "answers": [each.to_dict() for each in self.answers],
            "failures": [each.to_dict() for each in self.failures],
            "run_ids": list(self.run_ids),
        }

    def _repr_html_(self) -> str:
        return f"<p>{self.coverage}</p>{self.to_frame().to_html(index=False)}"


def run_saved(desk: Desk, wanted: Sequence[str] | None, as_of: date, *, record: bool) -> QueryRuns:
    """Those named, or all; a question about another day is asked about that day."""
    sessions: dict[date, AskSession] = {}
    answers: list[Answer] = []
    failures: list[Failure] = []
    run_ids: list[str] = []
    for name in names(desk) if wanted is None else dict.fromkeys(wanted):
        try:
            query = named(desk, name)
            day = query.as_of or as_of
            if day not in sessions:
                sessions[day] = AskSession(desk, day)
            found = sessions[day].ask(query)
            if record:
                run_ids.append(record_answer(desk, found))
        except RiskPlatformError as error:
            failures.append(Failure(FailureReason.INVALID_DATA, f"{name}: {error}", name))
        else:
            answers.append(found)
    return QueryRuns(
        as_of=as_of, answers=tuple(answers), failures=tuple(failures), run_ids=tuple(run_ids)
    )


def record_answer(desk: Desk, found: Answer) -> str:
    """Write an answer as a run and return its id; a run already there stays."""
    provenance = found.provenance
    run_id = provenance.run_id
    if len(desk.lake.read("runs", where={"run_id": run_id})):
        return run_id
    with desk.lake.batch(message=f"query {run_id}") as batch:
        batch.record_run(
            run_id,
            kind="query",
            as_of=provenance.as_of,
            base_currency=provenance.base_currency,
            model_id=provenance.model_id,
            snapshot_id=int(provenance.inputs["lake snapshot"]),
            inputs={**provenance.inputs, "name": found.name},
            summary={
                " ".join(filter(None, (r.measure, r.node, r.scenario, r.group))): r.value
                for r in found.rows
            },
            status="complete" if provenance.coverage.is_complete else "incomplete",
            recorded_at=desk.now(),
        )
    return run_id
