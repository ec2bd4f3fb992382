"""APScheduler as the alarm clock: it wakes the loop at the moment a job is due.

Its job store, beside the ledger, only remembers when each alarm rings next. Nothing depends on it:
an alarm that is lost, late or rung twice changes when the loop looks, and not what it decides.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from apscheduler.job import Job as Alarm
from apscheduler.jobstores.base import ConflictingIdError, JobLookupError
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.util import utc_timestamp_to_datetime

from riskplatform.project.job_language import JobLibrary, Schedule

TABLE = "riskplatform_alarms"
_RING = "riskplatform.scheduling.alarms:ring"
_bells: list[Callable[[], None]] = []


def ring(_job_id: str) -> None:
    """Called by APScheduler when a job is due: every loop of this process looks."""
    for bell in list(_bells):
        bell()


class Due(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """A schedule of ours as APScheduler asks for it."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        return self.schedule.next_after(now if previous is None else max(previous, now))

    def __str__(self) -> str:
        return str(self.schedule)


class AlarmStore(SQLAlchemyJobStore):  # type: ignore[misc]  # APScheduler has no types
    """Reads ids and times only. What APScheduler pickles beside them is never unpickled: in a
    database that others can write to, a pickle would be code. What an alarm does is known here."""

    def __init__(self, url: str) -> None:
        options = {"connect_args": {"timeout": 30}} if url.startswith("sqlite") else {}
        super().__init__(url=url, tablename=TABLE, engine_options=options)
        self.schedules: Mapping[str, Schedule] = {}

    def start(self, scheduler: Any, alias: str) -> None:
        try:
            super().start(scheduler, alias)
        except Exception:
            # Another scheduler may have made the table in the same moment; then it is there now.
            super().start(scheduler, alias)

    def lookup_job(self, job_id: str) -> Alarm | None:
        found = self._get_jobs(self.jobs_t.c.id == job_id)
        return found[0] if found else None

    def _get_jobs(self, *conditions: Any) -> list[Alarm]:
        query = self.jobs_t.select().where(*conditions).order_by(self.jobs_t.c.next_run_time)
        with self.engine.begin() as connection:
            rows = connection.execute(query).all()
        return [self._alarm(row.id, row.next_run_time) for row in rows if row.id in self.schedules]

    def _alarm(self, job_id: str, next_run_time: float | None) -> Alarm:
        alarm = Alarm.__new__(Alarm)
        alarm.__setstate__(
            {
                "version": 1,
                "id": job_id,
                "name": job_id,
                "func": _RING,
                "trigger": Due(self.schedules[job_id]),
                "executor": "default",
                "args": (job_id,),
                "kwargs": {},
                "misfire_grace_time": None,
                "coalesce": True,
                "max_instances": 1,
                "next_run_time": utc_timestamp_to_datetime(next_run_time),
            }
        )
        alarm._scheduler = self._scheduler
        alarm._jobstore_alias = self._alias
        return alarm


class Alarms:
    """The alarms of a loop: one per job that has a schedule."""

    def __init__(self, url: str, bell: Callable[[], None]) -> None:
        # Its remarks about alarms of other schedulers would only frighten.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._bell = bell
        self._store = AlarmStore(url)
        self._scheduler = BackgroundScheduler(
            jobstores={"default": self._store}, timezone=UTC, daemon=True
        )

    def start(self) -> None:
        _bells.append(self._bell)
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)
        _bells.remove(self._bell)

    def set(self, library: JobLibrary) -> None:
        """These jobs and no others wake this process."""
        wanted = {
            job.job_id: job.schedule
            for job in library
            if job.enabled and not job.schedule.is_by_hand
        }
        gone = set(self._store.schedules) - set(wanted)
        self._store.schedules = wanted
        for job_id, schedule in wanted.items():
            # Two schedulers that start together may both add it: one of them is enough.
            with contextlib.suppress(ConflictingIdError, JobLookupError):
                self._scheduler.add_job(
                    _RING,
                    trigger=Due(schedule),
                    args=(job_id,),
                    id=job_id,
                    name=job_id,
                    replace_existing=True,
                    misfire_grace_time=None,
                    coalesce=True,
                )
        for job_id in gone:
            with contextlib.suppress(JobLookupError):
                self._store.remove_job(job_id)
