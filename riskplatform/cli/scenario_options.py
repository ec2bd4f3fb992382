"""How a command line says which scenarios it means: a set's id, a maker with choices, or a file."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from riskplatform.errors import UnknownNameError, UserInputError

if TYPE_CHECKING:
    from datetime import date

    from riskplatform.desk import Desk
    from riskplatform.simulation.recipe import Recipe
    from riskplatform.simulation.scenario_set import ScenarioSet

Scenarios = Annotated[
    int | None, typer.Option("--scenarios", help="How many to draw.", min=1, metavar="N")
]
Horizon = Annotated[
    int | None, typer.Option("--horizon-days", help="Days that each scenario spans.", min=1)
]
Days = Annotated[int | None, typer.Option("--days", help="Daily moves of history; 500.", min=2)]
Seed = Annotated[int | None, typer.Option("--seed", help="The same seed draws the same.", min=0)]
Choice = Annotated[
    list[str] | None,
    typer.Option(
        "--option", help="Any other choice of the maker, such as nu=4.", metavar="NAME=VALUE"
    ),
]
File = Annotated[
    Path | None,
    typer.Option(
        "--from",
        help="CSV or Parquet of your own moves: one row per scenario, a column per factor, "
        "optional columns label and weight.",
        metavar="FILE",
    ),
]
Kind = Annotated[
    list[str] | None,
    typer.Option(
        "--kind",
        help="With --from: log, relative or absolute for all, or FACTOR=KIND or TYPE=KIND; "
        "what is usual for its type if not given.",
        metavar="KIND",
    ),
]

_ID = re.compile(r"[0-9a-f]{1,64}")
_SHOWN = 16


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The options of one call."""

    what: str | None
    scenarios: int | None
    horizon_days: int | None
    days: int | None
    seed: int | None
    choices: Sequence[str] | None
    file: Path | None
    kinds: Sequence[str] | None

    def __post_init__(self) -> None:
        if self.kinds and self.file is None:
            raise UserInputError("--kind says how the moves of a file apply; give one by --from.")
        if self.file is not None and (self.what or self._drawn()):
            raise UserInputError(
                "A file of moves has neither a maker nor its choices.",
                hint="With --from give only --kind, --horizon-days and --as-of.",
            )
        if self.is_id and (self._drawn() or self.horizon_days is not None):
            raise UserInputError(
                f"{self.what!r} is the id of a set, which is made already.",
                hint="Name a maker to have another set, or leave the choices out.",
            )

    @property
    def is_id(self) -> bool:
        return self.what is not None and is_set_id(self.what)

    @property
    def history(self) -> dict[str, int]:
        """The days of history and the seed, where they were given."""
        given = {"days": self.days, "seed": self.seed}
        return {name: value for name, value in given.items() if value is not None}

    def _drawn(self) -> bool:
        return bool(self.choices) or any(
            each is not None for each in (self.scenarios, self.days, self.seed)
        )

    def recipe(self) -> Recipe:
        """The maker with its choices, each of the type that it has."""
        from riskplatform.simulation.recipe import recipe_from_dict

        given: dict[str, Any] = {"scenarios": self.scenarios, "horizon_days": self.horizon_days}
        chosen = {name: value for name, value in given.items() if value is not None}
        chosen |= _pairs(self.choices or [])
        maker = {"maker": self.what or "historical"}
        plain = recipe_from_dict(maker)
        known = {field.name: getattr(plain, field.name) for field in dataclasses.fields(plain)}
        for name in chosen:
            if name not in known:
                error = UnknownNameError(f"choice of the maker {plain.maker!r}", name, known)
                error.hint = error.hint or f"It has {', '.join(known)}."
                raise error
            chosen[name] = _typed(name, chosen[name], known[name])
        try:
            return recipe_from_dict(maker | chosen)
        except (TypeError, ValueError) as error:
            raise UserInputError(f"A choice of {plain.maker!r} cannot be used: {error}.") from error

    def of_file(self, desk: Desk, as_of: date | None) -> ScenarioSet | None:
        """The set of the file, where one is given."""
        if self.file is None:
            return None
        horizon = 1 if self.horizon_days is None else self.horizon_days
        return desk.own_scenarios(
            self.file, as_of, kinds=_kinds(self.kinds or []), horizon_days=horizon
        )


def is_set_id(text: str) -> bool:
    """Whether a text can be the first digits of a set's id; makers' names are not."""
    return _ID.fullmatch(text) is not None


def short(identifier: str) -> str:
    """As much of an id as a person needs."""
    return identifier[:_SHOWN]


def _pairs(texts: Sequence[str]) -> dict[str, Any]:
    """``name=value``; the value as JSON where it is some, else the text."""
    found: dict[str, Any] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            raise UserInputError(f"{text!r} is no choice.", hint="Write --option name=value.")
        try:
            found[name.strip()] = json.loads(value)
        except ValueError:
            found[name.strip()] = value.strip()
    return found


def _typed(name: str, value: Any, default: Any) -> Any:
    """A value of the type that the choice has; a whole number is a number too."""
    kinds: Mapping[type, str] = {bool: "true or false", int: "a whole number", float: "a number"}
    wanted = type(default)
    if wanted is float and type(value) is int:
        return float(value)
    if wanted in kinds and type(value) is not wanted:
        raise UserInputError(f"The choice {name} is {kinds[wanted]}; found {value!r}.")
    return value


def _kinds(texts: Sequence[str]) -> dict[str, str] | str | None:
    """One kind for all, or kinds by factor or by type of factor."""
    plain = [text for text in texts if "=" not in text]
    if len(plain) > 1 or (plain and len(texts) > 1):
        raise UserInputError(
            "One kind for all factors and others do not go together.",
            hint="Give --kind once, or each as --kind FACTOR=KIND.",
        )
    if plain:
        return plain[0]
    pairs = [text.partition("=")[::2] for text in texts]
    return {name.strip(): kind.strip() for name, kind in pairs} or None
