"""The language of scenario files: what may be written, how it is read, checked and resolved.

One declaration (:mod:`.declaration`) is both the validator and the JSON Schema for editors. Nothing
in a file is ever run: a parameter is put in place of its name, and that is all.
"""

from riskplatform.project.scenario_language.library import Library, library_of
from riskplatform.project.scenario_language.resolving import resolve
from riskplatform.project.scenario_language.scenario import (
    Part,
    Replay,
    Scenario,
    Selection,
    Shock,
    Step,
)

__all__ = [
    "Library",
    "Part",
    "Replay",
    "Scenario",
    "Selection",
    "Shock",
    "Step",
    "library_of",
    "resolve",
]
