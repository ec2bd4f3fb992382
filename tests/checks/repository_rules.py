"""Rules that concern the repository as a whole: no trace of a machine, content is never a package.

Each function takes a root and returns the breaches as lines for a person; none means it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

CONTENT_FOLDERS = ("scenarios", "models", "jobs")
# A path of somebody's machine, or the address of a package index that only somebody's machine has.
TRACES = re.compile(
    r"""
    (?<![\w.<{$~-])/(?:home|root|Users|work|opt)/[\w.-]+   # /home/anna, not https://x/home/
    | [A-Z]:\\Users\\                                             # a path of Windows
    | file://+/                                                   # a package index on a disk
    | https?://(?:10|127|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.[\d.]+:\d+/simple
    | https?://[^\s"']+/simple/?(?=[\s"']|$)                      # any package index by address
    """,
    re.VERBOSE,
)
# The rule's own examples would be breaches of the rule.
ITSELF = ("repository_rules.py", "test_repository_rules.py")


def machine_traces(root: Path, paths: Iterable[Path]) -> list[str]:
    """Absolute paths and package indexes in text files; binary files are passed over."""
    breaches = []
    for path in paths:
        if path.name in ITSELF:
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            found = TRACES.search(line)
            if found:
                breaches.append(f"{path.relative_to(root)}:{number}: {found.group().strip()}")
    return breaches


def importable_content(root: Path) -> list[str]:
    """Content folders hold files read by path; an __init__.py would make them importable."""
    found = [
        init for folder in CONTENT_FOLDERS for init in sorted((root / folder).rglob("__init__.py"))
    ]
    return [
        f"{init.relative_to(root)}: content is read by path, remove this file" for init in found
    ]


def shared_names(root: Path) -> list[str]:
    """No sub-package may share the name of a content folder."""
    return [
        f"riskplatform/{folder}: shares its name with the content folder {folder}/"
        for folder in CONTENT_FOLDERS
        if (root / "riskplatform" / folder).exists()
    ]
