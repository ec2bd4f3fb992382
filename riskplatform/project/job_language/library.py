"""The jobs of a desk, by id; files that cannot be used are problems beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from riskplatform.errors import UnknownNameError, nearest
from riskplatform.project.job_language.job import Job
from riskplatform.project.job_language.reading import read_job
from riskplatform.project.strict_yaml import ContentError, read_document

FOLDER = "jobs"
SUFFIXES = (".yaml", ".yml")
SEE_JOBS = "`riskplatform job list` shows those in jobs/, and files there that cannot be used."


@dataclass(frozen=True, slots=True)
class JobLibrary:
    """Jobs that can be run, in order of their ids, and what is wrong with the others."""

    jobs: Mapping[str, Job]
    problems: tuple[ContentError, ...] = ()

    def __getitem__(self, job_id: str) -> Job:
        if job_id not in self.jobs:
            for problem in self.problems:
                if problem.file.stem == job_id:
                    raise problem
            raise UnknownNameError("job", job_id, self.jobs, see=SEE_JOBS)
        return self.jobs[job_id]

    def __iter__(self) -> Iterator[Job]:
        return iter(self.jobs.values())

    def __len__(self) -> int:
        return len(self.jobs)


def job_library(desk: Path) -> JobLibrary:
    """The job files of a desk's folder, checked one by one and against each other."""
    jobs: dict[str, Job] = {}
    problems: list[ContentError] = []
    for file in job_files(desk):
        try:
            job = read_job(file)
            if job.job_id in jobs:
                twin = jobs[job.job_id].file.name
                raise ContentError(file, None, f"has the same id as {twin}.")
            jobs[job.job_id] = job
        except ContentError as error:
            problems.append(error)
    problems += _scripts_alone(desk)
    problems += _unfit(jobs, {problem.file.stem for problem in problems})
    return JobLibrary(dict(sorted(jobs.items())), tuple(problems))


def job_files(desk: Path) -> list[Path]:
    """Every file that describes a job, in order."""
    return sorted(file for file in (desk / FOLDER).glob("*") if file.suffix in SUFFIXES)


def _scripts_alone(desk: Path) -> Iterator[ContentError]:
    for script in sorted((desk / FOLDER).glob("*.py")):
        if not any(script.with_suffix(suffix).is_file() for suffix in SUFFIXES):
            yield ContentError(
                script,
                None,
                f"has no {script.stem}.yaml beside it that says when it runs.",
                hint="Write one with kind: python.",
            )


def _unfit(jobs: dict[str, Job], broken: set[str]) -> list[ContentError]:
    """Takes out of ``jobs`` those that wait for what is not there, or for each other."""
    problems = []
    for job in list(jobs.values()):
        for name in job.after:
            if name not in jobs and name not in broken:
                near = nearest(name, jobs)
                hint = f"Did you mean {near[0]}?" if near else f"Jobs: {', '.join(jobs)}."
                problems.append(_after(job, f"there is no job {name!r}.", hint))
                jobs.pop(job.job_id, None)
            elif name in jobs and jobs[name].schedule.is_by_hand:
                problems.append(_after(job, f"the job {name!r} runs by hand only."))
                jobs.pop(job.job_id, None)
    for job_id in list(jobs):
        ring = _ring(job_id, jobs)
        if ring:
            words = " after ".join(ring)
            problems.append(_after(jobs[job_id], f"jobs wait for each other: {words}."))
            del jobs[job_id]
    return problems + _without_ground(jobs)


def _without_ground(jobs: dict[str, Job]) -> list[ContentError]:
    """Jobs after a job that cannot be used; taking one out can take out the next."""
    problems: list[ContentError] = []
    while True:
        lost = [(job, name) for job in jobs.values() for name in job.after if name not in jobs]
        if not lost:
            return problems
        for job, name in lost:
            if jobs.pop(job.job_id, None) is not None:
                problems.append(_after(job, f"the job {name!r} cannot be used."))


def _after(job: Job, message: str, hint: str | None = None) -> ContentError:
    return read_document(job.file).error(f"after: {message}", "after", hint=hint)


def _ring(start: str, jobs: Mapping[str, Job]) -> list[str] | None:
    """The way from a job along what it waits for back to itself."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for name in jobs[way[-1]].after if way[-1] in jobs else ():
            if name == start:
                return [*way, start]
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return None
