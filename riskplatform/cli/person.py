"""People who may decide in their own name."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from riskplatform.cli.options import HERE, DeskFolder, Format, open_desk
from riskplatform.cli.output import Output, note, show
from riskplatform.errors import UserInputError

if TYPE_CHECKING:
    from riskplatform.desk import Desk

app = typer.Typer(
    help="People who may approve in their own name, with a passphrase.", no_args_is_help=True
)

PASSPHRASE = "RISKPLATFORM_PASSPHRASE"
NEW_PASSPHRASE = "RISKPLATFORM_NEW_PASSPHRASE"

Name = Annotated[str, typer.Argument(help="The actor's name.", metavar="NAME")]
By = Annotated[
    str | None,
    typer.Option("--by", help="Who vouches or says so; the actor of the desk if not given."),
]


@app.command("list")
def list_people(desk: DeskFolder = HERE, output: Format = Output.TABLE) -> None:
    """Who is registered, since when, and who vouched."""
    people = open_desk(desk).people()
    if not people.by_name:
        note("Nobody is registered: who approves is believed to be who the account says. "
             "`person register NAME` begins asking for passphrases.")  # fmt: skip
    show(people.to_frame(), output, title=f"{len(people.active)} people may decide")


@app.command("register")
def register(name: Name, by: By = None, desk: DeskFolder = HERE) -> None:
    """Add a person. Once there is one, somebody registered vouches with their own passphrase."""
    opened = open_desk(desk)
    vouching = (by or opened.settings.actor) if opened.people().active else None
    proof = asked(f"Passphrase of {vouching}, who vouches") if vouching else None
    new = asked(f"New passphrase of {name}", variable=NEW_PASSPHRASE, twice=True)
    person = opened.register_person(name, new, by=vouching, by_passphrase=proof)
    note(f"{person.name} is registered; approvals on this desk are signed from now on.")


@app.command("passphrase")
def passphrase(name: Name, desk: DeskFolder = HERE) -> None:
    """Change a person's passphrase; the old one is needed."""
    old = asked(f"Passphrase of {name}")
    new = asked(f"New passphrase of {name}", variable=NEW_PASSPHRASE, twice=True)
    open_desk(desk).change_passphrase(name, old, new)
    note(f"{name} has another passphrase.")


@app.command("revoke")
def revoke(name: Name, by: By = None, desk: DeskFolder = HERE) -> None:
    """Take a person's right to decide; what they approved before stays approved."""
    opened = open_desk(desk)
    actor = by or opened.settings.actor
    opened.revoke_person(name, by=actor, passphrase=asked(f"Passphrase of {actor}"))
    note(f"{name} decides nothing any more.")


def passphrase_of_actor(desk: Desk) -> str | None:
    """What the actor proves themselves with, asked for only where the desk wants it."""
    if not desk.people().active:
        return None
    return asked(f"Passphrase of {desk.settings.actor}")


def asked(prompt: str, *, variable: str = PASSPHRASE, twice: bool = False) -> str:
    """From the environment, or typed unseen; never an option, which others could see."""
    given = os.environ.get(variable)
    if given:
        return given
    if not sys.stdin.isatty():
        raise UserInputError(
            f"{prompt}: nobody is at a terminal to type it.", hint=f"Set {variable}."
        )
    return str(typer.prompt(prompt, hide_input=True, confirmation_prompt=twice, err=True))
