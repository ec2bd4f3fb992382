"""Verbs of jobs: what is scheduled, what ran and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskplatform.desk.core import DeskCore

if TYPE_CHECKING:
    import pandas as pd

    from riskplatform.desk.job_history import RunStory, SchedulerStatus
    from riskplatform.project.job_language import JobLibrary


class JobVerbs(DeskCore):
    """What it does by itself."""

    def jobs(self) -> JobLibrary:
        """The jobs of the desk's folder ``jobs/``, and what is wrong with its files."""
        from riskplatform.project.job_language import job_library

        return job_library(self.settings.desk)

    def jobs_table(self) -> pd.DataFrame:
        """Every job: when it runs next, how its last run ended."""
        from riskplatform.desk.job_history import jobs_table

        return jobs_table(self._me)

    def job_facts(self, job_id: str) -> dict[str, Any]:
        """One job as its file says it, the next times, and how its last run ended."""
        from riskplatform.desk.job_history import job_facts

        return job_facts(self._me, job_id)

    def job_history(self, job_id: str | None = None, *, limit: int = 50) -> pd.DataFrame:
        """Runs and times that were not run, the newest first."""
        from riskplatform.desk.job_history import history_table

        return history_table(self._me, job_id, limit)

    def job_run(self, run_id: str) -> RunStory:
        """One run with its log, attempt by attempt."""
        from riskplatform.desk.job_history import run_story

        return run_story(self._me, run_id)

    def scheduler_status(self) -> SchedulerStatus:
        """Which schedulers live on this machine, what runs now, what is due next."""
        from riskplatform.desk.job_history import scheduler_status

        return scheduler_status(self._me)
