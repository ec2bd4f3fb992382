"""A run of a job that a process elsewhere has begun and not ended."""

from __future__ import annotations

from riskplatform.desk import Desk
from riskplatform.desk.run_book import RUN_STREAM, run_id_of
from riskplatform.store.ledger import Event


def claim(desk: Desk, job_id: str) -> str:
    """Its id; it stays open until somebody says how it ended."""
    at = desk.now()
    run_id = run_id_of(job_id, at)
    body = {
        "event": "claimed", "job": job_id, "scheduled_at": at.isoformat(), "by_hand": True,
        "day": str(at.date()), "attempt": 1, "owner": "machine/7/abc", "lease_seconds": 600,
    }  # fmt: skip
    desk.ledger.journal.append([Event(RUN_STREAM, run_id, 0, body)], actor="ann", action="claim")
    return run_id


def end(desk: Desk, run_id: str) -> None:
    body = {"event": "succeeded", "outputs": {}, "inputs": {}}
    desk.ledger.journal.append([Event(RUN_STREAM, run_id, 1, body)], actor="ann", action="end")
