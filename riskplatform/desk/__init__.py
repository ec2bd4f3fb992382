"""The narrow waist: one object, one verb per use case, for notebooks, CLI, workbench and jobs."""

from riskplatform.desk.desk import Desk

__all__ = ["Desk"]
