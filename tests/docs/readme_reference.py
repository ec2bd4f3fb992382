"""The command reference of the README: which part it is, and which commands there are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

BLOCK = re.compile(r"<!-- commands: begin -->\n(.*?)<!-- commands: end -->", re.DOTALL)


def reference(readme: str) -> str:
    """What stands between the markers, without the empty lines around it."""
    found = BLOCK.search(readme)
    if found is None:
        raise ValueError("README.md has no <!-- commands: begin --> ... <!-- commands: end -->")
    return found.group(1).strip()


def commands(group: Any, path: str) -> Iterator[str]:
    """The full name of every command below a Click group, hidden ones left out."""
    for name, command in group.commands.items():
        if command.hidden:
            continue
        full = f"{path} {name}"
        if hasattr(command, "commands"):
            yield from commands(command, full)
        else:
            yield full
