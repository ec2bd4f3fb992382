"""The command reference of the README, written from the commands themselves.

``python -m riskplatform.cli.reference`` prints it; ``--write README.md`` puts it between the
markers of that file.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from riskplatform.cli.main import app

BEGIN = "<!-- commands: begin -->"
END = "<!-- commands: end -->"


def commands() -> Iterator[tuple[str, str]]:
    """Every command with its arguments, and the first sentence of its help."""
    yield from _walk("riskplatform", typer.main.get_command(app))


def _walk(name: str, command: Any) -> Iterator[tuple[str, str]]:
    children = getattr(command, "commands", None)
    if children is None:
        arguments = [p.metavar or p.name for p in command.params if p.param_type_name == "argument"]
        summary = (command.help or "").split("\n\n")[0].replace("\n", " ").strip()
        yield " ".join([name, *arguments]), summary
        return
    for verb, child in sorted(children.items()):
        yield from _walk(f"{name} {verb}", child)


def reference() -> str:
    """The reference as a Markdown table."""
    rows = ["| command | what it does |", "|---|---|"]
    rows += [f"| `{name}` | {summary} |" for name, summary in commands()]
    return "\n".join(rows) + "\n"


def written_into(text: str) -> str:
    """``text`` with the reference between its markers."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{reference()}{END}{tail}"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--write"]:
        target = Path(sys.argv[2])
        target.write_text(written_into(target.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        sys.stdout.write(reference())
