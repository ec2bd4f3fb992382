"""The language of job files: what may be written, how it is read and checked, when it is due."""

from riskplatform.project.job_language.job import IfKilled, Job, Misfire, MisfirePolicy
from riskplatform.project.job_language.library import JobLibrary, job_library
from riskplatform.project.job_language.reading import read_job
from riskplatform.project.job_language.schedule import Schedule

__all__ = [
    "IfKilled",
    "Job",
    "JobLibrary",
    "Misfire",
    "MisfirePolicy",
    "Schedule",
    "job_library",
    "read_job",
]
