"""Scenario files for tests: written from text, resolved in a library of just these."""

from __future__ import annotations

from pathlib import Path

from riskplatform.project.scenario_language import Library, Scenario, resolve
from riskplatform.project.strict_yaml import document_of

HEAD = "title: a test\nkind: hypothetical\n"
EQUITY = "shocks:\n  - equity: all\n    move: -20 %\n"


def library(**texts: str) -> Library:
    """Scenarios by id, from their texts."""
    found = Library({})
    for name, text in texts.items():
        found = found.with_document(name, document_of(text.encode(), Path(f"{name}.yaml")))
    return found


def scenario(text: str) -> Scenario:
    """One scenario; title and kind are put before what it does."""
    return resolve("it", library(it=text if "title:" in text else HEAD + text))
