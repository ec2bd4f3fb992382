"""What a wheel of this repository must hold, and what must not leak into it."""

from __future__ import annotations

from collections.abc import Iterable

# Content at the top of the repository travels below riskplatform/starter/ (see setup.py).
STARTER = ("scenarios/", "models/", "jobs/", "apps/workbench/")


def expected(tracked: Iterable[str]) -> set[str]:
    """The names in the wheel that follow from the files of the repository."""
    names = {name for name in tracked if name.startswith("riskplatform/")}
    names |= {f"riskplatform/starter/{name}" for name in tracked if name.startswith(STARTER)}
    return names


def breaches(in_wheel: Iterable[str], tracked: Iterable[str]) -> list[str]:
    """What is missing and what should not be there, as lines for a person."""
    files = {name for name in in_wheel if not name.endswith("/")}
    metadata = {name for name in files if name.partition("/")[0].endswith(".dist-info")}
    wanted = expected(tracked)
    found = [f"missing: {name}" for name in sorted(wanted - files)]
    found += [f"should not travel: {name}" for name in sorted(files - metadata - wanted)]
    if not any(name.endswith("/licenses/LICENSE") for name in metadata):
        found.append("missing: the licence")
    return found
