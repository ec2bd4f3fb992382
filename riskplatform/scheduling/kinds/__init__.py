"""What each kind of job does: one file per kind, thin, calling verbs of the desk only."""

from riskplatform.scheduling.kinds.registry import Work, work_of

__all__ = ["Work", "work_of"]
