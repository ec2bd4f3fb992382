"""The README's command reference is the one that the program writes, and names every command."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tests.docs import readme_reference


def test_the_reference_is_up_to_date(repo_root: Path) -> None:
    generated = subprocess.run(
        [sys.executable, "-m", "riskplatform.cli.reference"],
        cwd=repo_root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    readme = (repo_root / "README.md").read_text(encoding="utf-8")
    assert readme_reference.reference(readme) == generated.strip(), (
        "out of date: `make format` writes it anew"
    )


def test_every_command_is_in_the_reference(repo_root: Path) -> None:
    import typer.main

    from riskplatform.cli.main import app

    readme = (repo_root / "README.md").read_text(encoding="utf-8")
    text = readme_reference.reference(readme)
    names = list(readme_reference.commands(typer.main.get_command(app), "riskplatform"))
    assert names
    assert [name for name in names if not re.search(rf"`{re.escape(name)}[` ]", text)] == []


def test_commands_of_commands_are_found_and_hidden_ones_are_not() -> None:
    top, noun = click.Group("top"), click.Group("ledger")
    top.add_command(noun)
    top.add_command(click.Command("init"))
    noun.add_command(click.Command("add"))
    noun.add_command(click.Command("debug", hidden=True))
    assert list(readme_reference.commands(top, "rp")) == ["rp ledger add", "rp init"]


def test_a_readme_without_markers_is_refused() -> None:
    assert readme_reference.reference("<!-- commands: begin -->\nx\n<!-- commands: end -->") == "x"
    with pytest.raises(ValueError, match="commands: begin"):
        readme_reference.reference("nothing here")
