"""The JSON Schema of scenario files, for editors: completion, words beside keys, red lines."""

from __future__ import annotations

from typing import Any

from riskplatform.project.scenario_language.declaration import SCENARIO

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """From the declaration that the validator follows. A file that extends another may leave out
    title and kind, so that neither is required here; the validator knows."""
    found = {name: each for name, each in SCENARIO.schema().items() if name != "required"}
    return {"$schema": DIALECT, "title": "Stress scenario of riskplatform", **found}
