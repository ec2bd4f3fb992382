"""A job as its file says it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from riskplatform.project.job_language.durations import duration_text
from riskplatform.project.job_language.schedule import Schedule

ID_PATTERN = r"[a-z][a-z0-9_-]{0,79}"
GRACE = timedelta(minutes=1)


class MisfirePolicy(StrEnum):
    """What becomes of scheduled times at which no scheduler was there."""

    RUN_ONCE = "run_once"
    SKIP = "skip"
    RUN_ALL = "run_all"


class IfKilled(StrEnum):
    """What becomes of a run whose process died in the middle."""

    RUN_AGAIN = "run_again"
    ABANDON = "abandon"


@dataclass(frozen=True, slots=True)
class Misfire:
    """``grace``: so much later is still in time. ``window``: what is older is never run."""

    policy: MisfirePolicy
    window: timedelta | None = None
    grace: timedelta = GRACE

    def __str__(self) -> str:
        return f"{self.policy} within {duration_text(self.window)}" if self.window else self.policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """``retries``: so many attempts after the first. ``after``: jobs that must have succeeded, or
    with ``even_if_failed`` only have ended."""

    job_id: str
    title: str
    kind: str
    owner: str
    schedule: Schedule
    misfire: Misfire
    timeout: timedelta
    after: tuple[str, ...] = ()
    even_if_failed: bool = False
    retries: int = 0
    retry_wait: timedelta = timedelta(minutes=1)
    if_killed: IfKilled = IfKilled.ABANDON
    enabled: bool = True
    parameters: Mapping[str, Any] = field(default_factory=dict)
    file: Path

    @property
    def script(self) -> Path:
        """Where a job of kind ``python`` has its ``job()``."""
        return self.file.with_suffix(".py")

    @property
    def attempts_if_killed(self) -> int:
        """A job that kills its process must not do so for ever."""
        return 1 + max(1, self.retries) if self.if_killed is IfKilled.RUN_AGAIN else 1

    @property
    def fingerprint(self) -> str:
        """Changes with what decides when it runs."""
        terms = [str(self.schedule), str(self.misfire), list(self.after), self.enabled]
        if self.even_if_failed:
            terms.append("even if failed")
        return hashlib.sha256(json.dumps(terms).encode()).hexdigest()[:16]

    def to_dict(self) -> dict[str, Any]:
        return {
            "job_id": self.job_id,
            "title": self.title,
            "kind": self.kind,
            "owner": self.owner,
            "enabled": self.enabled,
            "schedule": str(self.schedule),
            "misfire": str(self.misfire),
            "after": list(self.after),
            "even_if_failed": self.even_if_failed,
            "timeout": duration_text(self.timeout),
            "retries": self.retries,
            "retry_wait": duration_text(self.retry_wait),
            "if_killed": self.if_killed.value,
            "parameters": dict(self.parameters),
            "file": str(self.file),
        }
