"""What `riskplatform` exports is small, documented in the README, and really there."""

from __future__ import annotations

import re
import types
from pathlib import Path

import riskplatform

BLOCK = re.compile(r"<!-- public names: begin -->(.*?)<!-- public names: end -->", re.DOTALL)


def documented_names(readme: str) -> list[str]:
    """The names of the README's table of public names: first cell of each row, in backticks."""
    found = BLOCK.search(readme)
    if found is None:
        return []
    return re.findall(r"^\|\s*`(?:riskplatform\.)?(\w+)[^`]*`", found.group(1), re.MULTILINE)


def test_the_readme_lists_exactly_what_is_exported(repo_root: Path) -> None:
    readme = (repo_root / "README.md").read_text(encoding="utf-8")
    assert sorted(documented_names(readme)) == sorted(riskplatform.__all__)


def test_every_exported_name_is_there_and_explained() -> None:
    for name in riskplatform.__all__:
        value = getattr(riskplatform, name)
        assert isinstance(value, str) or value.__doc__, f"{name} has no docstring"


def test_nothing_else_is_public_by_accident() -> None:
    accidental = {
        name
        for name, value in vars(riskplatform).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    }
    assert accidental - {"annotations"} <= set(riskplatform.__all__)


def test_names_are_read_from_the_table_only() -> None:
    readme = (
        "| `before` | x |\n<!-- public names: begin -->\n| Name | Meaning |\n|---|---|\n"
        "| `riskplatform.open(path)` | a |\n| `Desk` | b, see `other` |\n<!-- public names: end -->"
    )
    assert documented_names(readme) == ["open", "Desk"]
