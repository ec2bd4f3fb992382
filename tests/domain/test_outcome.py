"""Coverage counts what is done and why the rest is not."""

from __future__ import annotations

from datetime import date

from riskplatform.domain.outcome import Coverage, Failure, FailureReason, coverage_of
from riskplatform.domain.provenance import Provenance

STALE = Failure(FailureReason.STALE_DATA, "ACME's price is 9 days old", "ACME")
MISSING = Failure(FailureReason.MISSING_DATA, "no curve JPY.6M")


def test_coverage_counts_and_gives_reasons() -> None:
    found = coverage_of(4_997, [STALE, MISSING, STALE])
    assert (found.done, found.total, found.is_complete) == (4_997, 5_000, False)
    assert found.share == 4_997 / 5_000
    assert found.by_reason() == {"stale data": 2, "missing data": 1}
    assert str(found) == "4,997 of 5,000 (2 stale data, 1 missing data)"
    assert found.to_dict()["failures"][1] == {
        "reason": "missing data",
        "message": "no curve JPY.6M",
        "subject": None,
    }


def test_an_empty_book_is_completely_covered() -> None:
    assert Coverage(0).share == 1
    assert str(Coverage(0)) == "0 of 0 (complete)"


def test_coverages_add_up() -> None:
    assert coverage_of(2, [STALE]) + coverage_of(3, [MISSING]) == coverage_of(5, [STALE, MISSING])


def test_the_same_question_on_the_same_inputs_has_the_same_run_id() -> None:
    def asked(**changes: object) -> Provenance:
        terms = {
            "as_of": date(2026, 3, 31),
            "base_currency": "USD",
            "model_id": "marks",
            "inputs": {"ledger": "a", "market": "b"},
            "coverage": Coverage(1),
        }
        return Provenance(**{**terms, **changes})  # type: ignore[arg-type]  # one place for all

    one = asked()
    assert one.run_id == asked(inputs={"market": "b", "ledger": "a"}).run_id
    assert one.run_id != asked(inputs={"market": "c", "ledger": "a"}).run_id
    assert one.run_id != asked(as_of=date(2026, 4, 1)).run_id
    assert one.to_dict()["run_id"] == one.run_id
    assert "as of 2026-03-31, in USD, model marks" in str(one)
