"""A scenario as a value: parsed, checked and resolved, with nothing left to look up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import translate
from functools import cached_property
from typing import Any

from riskplatform.market.content import content_hash
from riskplatform.project.scenario_language.amounts import Amount

Names = tuple[str, ...]
STILL, INFER = "still", "infer"
_ALL = "all"


@dataclass(frozen=True, slots=True)
class Selection:
    """Things by ``names`` (of which * stands for any letters) and attributes, all of which hold.

    Without names and attributes it is everything.
    """

    names: Names = ()
    attributes: tuple[tuple[str, Names], ...] = ()
    excepted: Selection | None = None

    @classmethod
    def of(cls, value: Any) -> Selection:
        """From what the declaration has checked: names, or a mapping of attributes."""
        if isinstance(value, tuple):
            return cls(names=() if value == (_ALL,) else value)
        attributes = dict(value)
        excepted = attributes.pop("except", None)
        names = attributes.pop("name", ())
        return cls(
            names=() if names == (_ALL,) else names,
            attributes=tuple(sorted(attributes.items())),
            excepted=None if excepted is None else cls.of(excepted),
        )

    def patterns(self) -> list[str]:
        """The names as regular expressions that match a whole name, in any case."""
        return [translate(name.casefold()) for name in self.names]

    def __str__(self) -> str:
        words = [", ".join(self.names)] if self.names else []
        words += [f"{key} {' or '.join(values)}" for key, values in self.attributes]
        if self.excepted is not None:
            words.append(f"except {self.excepted}")
        return ", ".join(words) or _ALL


@dataclass(frozen=True, slots=True)
class Shock:
    """One entry: what it is of, which of those, and by how much. ``where`` is file and line."""

    target: str
    selection: Selection
    amounts: tuple[tuple[str, Any], ...]
    on_top: bool = False
    where: str = field(default="", compare=False)

    def get(self, name: str, default: Any = None) -> Any:
        return next((value for key, value in self.amounts if key == name), default)

    def says(self, *names: str) -> bool:
        """Whether it has an amount of one of these names."""
        return any(key in names for key, _ in self.amounts)

    def amount(self, name: str) -> Amount | None:
        found = self.get(name)
        assert found is None or isinstance(found, Amount)
        return found

    def __str__(self) -> str:
        return f"{self.target} {self.selection}: " + ", ".join(
            f"{name} {_text(value)}" for name, value in self.amounts
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "target": self.target,
            "selection": str(self.selection),
            **{name: _words(value) for name, value in self.amounts},
            "on_top": self.on_top,
        }


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a path: its moves are on top of those before."""

    days: int
    shocks: tuple[Shock, ...]
    title: str = ""
    date: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Replay:
    """A window of the desk's own history: by its days, or the worst of so many days."""

    first: dt.date | None = None
    last: dt.date | None = None
    days: int | None = None
    worst: Shock | None = None
    falls: bool = True


@dataclass(frozen=True, slots=True)
class Propagation:
    """How the factors that no shock names are inferred: by which distribution, from which days.

    Of the window's days those of a ``regime`` count, or those on which ``factor`` moved ``below``
    or ``above`` a quantile of its own; all of them without either.
    """

    window_days: int = 500
    distribution: str = "gaussian"
    degrees_of_freedom: float = 5.0
    correlation_toward_one: float = 0.0
    regime: str = ""
    factor: str = ""
    below: float | None = None
    above: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """What was chosen, without what was not."""
        whole = {name: getattr(self, name) for name in self.__slots__}
        if self.distribution != "t":
            del whole["degrees_of_freedom"]
        return {name: value for name, value in whole.items() if value not in ("", None, 0.0)}


@dataclass(frozen=True, slots=True)
class Part:
    """A scenario and how much of its moves is taken."""

    scenario: Scenario
    weight: float


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What a file says, with everything that it extends and combines put in place.

    Moves are those of ``parts`` (weighted and added), then of ``replay``, then of ``shocks``,
    then of each step of ``path`` upon the last.
    """

    scenario_id: str
    title: str
    kind: str
    description: str = ""
    date: dt.date | None = None
    window: tuple[dt.date, dt.date] | None = None
    source: str = ""
    url: str = ""
    tags: Names = ()
    parameters: tuple[tuple[str, str | float], ...] = ()
    parts: tuple[Part, ...] = ()
    shocks: tuple[Shock, ...] = ()
    path: tuple[Step, ...] = ()
    replay: Replay | None = None
    horizon_days: int = 1
    rest: str = STILL
    propagation: Propagation = Propagation()
    origin: str = field(default="", compare=False)

    @property
    def when(self) -> str:
        """The day or days of the moves, as text."""
        if self.window is not None:
            return f"{self.window[0]} to {self.window[1]}"
        return self.date.isoformat() if self.date else ""

    @property
    def days(self) -> int:
        """How long it takes: all steps of a path, or the horizon."""
        return sum(step.days for step in self.path) if self.path else self.horizon_days

    def everything(self) -> Iterator[Shock]:
        """Every shock, those of parts and steps too."""
        for part in self.parts:
            yield from part.scenario.everything()
        yield from self.shocks
        for step in self.path:
            yield from step.shocks

    def all_of(self) -> Iterator[Scenario]:
        """This scenario and those that it combines."""
        yield self
        for part in self.parts:
            yield from part.scenario.all_of()

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of what it does: words and places in files do not change it."""
        return content_hash("scenario", 1, self._doing())

    def _doing(self) -> dict[str, Any]:
        return {
            "parts": [{"weight": p.weight, "scenario": p.scenario._doing()} for p in self.parts],
            "shocks": [_plain(shock) for shock in self.shocks],
            "path": [{"days": s.days, "shocks": [_plain(e) for e in s.shocks]} for s in self.path],
            "replay": None if self.replay is None else _replay_plain(self.replay),
            "horizon_days": self.horizon_days,
            "rest": self.rest,
            "propagation": self.propagation if self.rest == INFER else None,
        }

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON of everything but where it is from."""
        return {
            "scenario_id": self.scenario_id,
            "title": self.title,
            "kind": self.kind,
            "when": self.when,
            "description": self.description,
            "source": self.source,
            "url": self.url,
            "tags": list(self.tags),
            "parameters": dict(self.parameters),
            "combine": [
                {"scenario": part.scenario.scenario_id, "weight": part.weight}
                for part in self.parts
            ],
            "shocks": [shock.to_dict() for shock in self.shocks],
            "path": [
                {"title": s.title, "days": s.days, "shocks": [e.to_dict() for e in s.shocks]}
                for s in self.path
            ],
            "horizon_days": self.horizon_days,
            "rest": self.rest,
            **({"propagation": self.propagation.to_dict()} if self.rest == INFER else {}),
            "content_hash": self.content_hash,
        }


def _plain(shock: Shock) -> dict[str, Any]:
    return {
        "target": shock.target,
        "selection": shock.selection,
        "amounts": {name: _words(value) for name, value in shock.amounts},
        "on_top": shock.on_top,
    }


def _replay_plain(replay: Replay) -> dict[str, Any]:
    return {
        "span": [replay.first, replay.last, replay.days, replay.falls],
        "worst": None if replay.worst is None else _plain(replay.worst),
    }


def _words(value: Any) -> str | Mapping[str, str]:
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        return {_tenor(years): str(amount) for years, amount in value}
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _tenor(years: float) -> str:
    months = years * 12
    whole = abs(months - round(months)) < 1e-9
    if whole and round(months) % 12:
        return f"{round(months)}m"
    return f"{years:.6g}y"


def _text(value: Any) -> str:
    found = _words(value)
    if isinstance(found, str):
        return found
    return ", ".join(f"{tenor} {amount}" for tenor, amount in found.items())
