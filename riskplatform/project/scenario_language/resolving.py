"""From a file to a scenario: what it extends and combines is fetched, parameters are put in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.market.tenors import tenor_years
from riskplatform.project.scenario_language.declaration import CHILD, SCENARIO
from riskplatform.project.scenario_language.library import Library
from riskplatform.project.scenario_language.parameters import bound
from riskplatform.project.scenario_language.places import Place, unknown
from riskplatform.project.scenario_language.scenario import (
    Part,
    Propagation,
    Replay,
    Scenario,
    Selection,
    Shock,
    Step,
)
from riskplatform.project.strict_yaml import Document

_DEEPEST = 12
_MOST_PARTS = 200
_DOING = ("combine", "shocks", "path", "replay")


def resolve(
    scenario_id: str,
    library: Library,
    parameters: Mapping[str, str | float] | None = None,
    *,
    _above: tuple[str, ...] = (),
    _budget: list[int] | None = None,
) -> Scenario:
    """The scenario of a library; ``parameters`` replace the defaults that its files give."""
    documents = _chain(scenario_id, library)
    defaults = _parameters(documents)
    for name in parameters or {}:
        if name not in defaults:
            raise UnknownNameError(f"parameter of {scenario_id}", name, defaults)
    values = {**defaults, **(parameters or {})}
    data: dict[str, Any] = {}
    for document in documents:
        checked = _checked(document, values)
        shocks = (*data.get("shocks", ()), *checked.get("shocks", ()))
        data = {**data, **checked, **({"shocks": shocks} if shocks else {})}
    own = Place(documents[-1])
    _check_whole(data, own)
    budget = _budget if _budget is not None else [_MOST_PARTS]
    parts = _parts(data, library, own, (*_above, scenario_id), budget)
    return _scenario(scenario_id, data, values, parts, own)


def _chain(scenario_id: str, library: Library) -> list[Document]:
    """The file and all that it extends, the furthest first."""
    found: list[Document] = []
    names: list[str] = []
    wanted: str | None = scenario_id
    while wanted is not None:
        document = library.document(wanted)
        found.insert(0, document)
        names.append(wanted)
        place, parent = Place(document, ("extends",)), document.data.get("extends")
        if parent is None:
            return found
        if not isinstance(parent, str):
            CHILD.fields["extends"].kind.check(parent, place)
        _check_known(str(parent), library, place)
        if parent in names or len(names) > _DEEPEST:
            raise place.error(
                f"extends goes round or too deep: {' > '.join([*names, str(parent)])}."
            )
        wanted = str(parent)
    return found


def _check_known(name: str, library: Library, place: Place) -> None:
    if name not in library:
        raise unknown(place, "scenario", name, library.ids())


def _parameters(documents: Sequence[Document]) -> dict[str, Any]:
    kind = SCENARIO.fields["parameters"].kind
    found: dict[str, Any] = {}
    for document in documents:
        if "parameters" in document.data:
            found |= kind.check(document.data["parameters"], Place(document, ("parameters",)))
    return found


def _checked(document: Document, values: Mapping[str, Any]) -> dict[str, Any]:
    """What one file says, with its shocks as values."""
    place = Place(document)
    kind = CHILD if "extends" in document.data else SCENARIO
    raw = {key: each for key, each in document.data.items() if key != "parameters"}
    checked = kind.check(bound(raw, values, place), place)
    if "shocks" in checked:
        checked["shocks"] = _shocks(checked["shocks"], place.at("shocks"))
    if "path" in checked:
        checked["path"] = tuple(
            Step(
                each["days"],
                _shocks(each["shocks"], place.at("path", i, "shocks")),
                each.get("title", ""),
                each.get("date"),
            )
            for i, each in enumerate(checked["path"])
        )
    if "replay" in checked:
        checked["replay"] = _replay(checked["replay"], place.at("replay"))
    if "propagation" in checked:
        checked["propagation"] = _propagation(checked["propagation"], place.at("propagation"))
    if "window" in checked and checked["window"]["from"] > checked["window"]["to"]:
        raise place.at("window").error("window ends before it begins.")
    return checked


def _shocks(found: Sequence[tuple[str, dict[str, Any]]], place: Place) -> tuple[Shock, ...]:
    return tuple(
        _shock(target, values, place.at(i, target)) for i, (target, values) in enumerate(found)
    )


def _shock(target: str, values: Mapping[str, Any], place: Place) -> Shock:
    rest = dict(values)
    selection = Selection.of(rest.pop(target))
    on_top = rest.pop("on_top", False)
    if target not in ("default",) and not set(rest) - {"between", "around", "decay_years"}:
        known = "parallel, tilt, bend, short, long or tenors" if target == "rates" else (
            "spread or tenors" if target == "credit" else "level, tenors, skew or skew_tenors"
        )  # fmt: skip
        raise place.error(f"the shock of {target} says no move.", f"Add {known}.")
    for name in ("between", "around"):
        if name in rest:
            rest[name] = _years(rest[name], place, name)
    near, far = rest.get("between", (2.0, 10.0))
    if not near < rest.get("around", (near + far) / 2) < far:
        raise place.error("around lies between the two tenors of between, the shorter one first.")
    where = f"{place.document.file}:{place.line}"
    return Shock(target, selection, tuple(sorted(rest.items())), on_top, where)


def _years(words: str | tuple[str, ...], place: Place, name: str) -> float | tuple[float, ...]:
    try:
        return tenor_years(words) if isinstance(words, str) else tuple(map(tenor_years, words))
    except UserInputError as error:
        raise place.error(f"{name}: {error.message}", error.hint) from error


def _replay(values: Mapping[str, Any], place: Place) -> Replay:
    by_days = {"from", "to"} <= set(values)
    if by_days == ("days" in values) or ("from" in values) != ("to" in values):
        raise place.error(
            "replay needs either from and to, or days.",
            "Say {from: 2026-03-02, to: 2026-03-20}, or {days: 10, worst: {equity: all}}.",
        )
    if by_days and ("worst" in values or values["from"] >= values["to"]):
        raise place.error("replay: from lies before to, and worst goes with days only.")
    worst = values.get("worst")
    return Replay(
        first=values.get("from"),
        last=values.get("to"),
        days=values.get("days"),
        worst=None if worst is None else Shock(
            worst[0], Selection.of(worst[1][worst[0]]), (), where=f"{place.document.file}"
        ),
        falls=values.get("direction", "down") == "down",
    )  # fmt: skip


def _propagation(values: Mapping[str, Any], place: Place) -> Propagation:
    rest = dict(values)
    when = rest.pop("when", {})
    if when and "regime" in rest:
        raise place.at("when").error(
            "propagation chooses days by a regime and by a factor.", "Keep one of the two."
        )
    if when and not {"below", "above"} & set(when):
        raise place.at("when").error(
            "when has no quantile.", "Write {factor: spot.IDX.US500, below: 0.1}."
        )
    return Propagation(**rest, **when)


def _check_whole(data: Mapping[str, Any], place: Place) -> None:
    """What only the merged file can show."""
    lacking = [name for name in ("title", "kind") if name not in data]
    if lacking:
        raise place.error(f"a scenario lacks {', '.join(lacking)}.")
    if not any(data.get(name) for name in _DOING):
        raise place.error(f"nothing moves: add one of {', '.join(_DOING)}.")
    if data["kind"] == "historical":
        dated = any(name in data for name in ("date", "window"))
        missing = [] if dated else ["date or window"]
        missing += [] if "source" in data else ["source"]
        if missing:
            raise place.at("kind").error(
                f"a historical scenario needs {' and '.join(missing)}.",
                "Say when it was and who says so.",
            )
    if data["kind"] == "regulatory" and "source" not in data:
        raise place.at("kind").error("a regulatory scenario needs source.", "Name the rule.")


def _parts(
    data: Mapping[str, Any],
    library: Library,
    place: Place,
    above: tuple[str, ...],
    budget: list[int],
) -> tuple[Part, ...]:
    found = []
    for i, each in enumerate(data.get("combine", ())):
        at = place.at("combine", i, "scenario")
        name = each["scenario"]
        _check_known(name, library, at)
        budget[0] -= 1
        if name in above or len(above) > _DEEPEST or budget[0] < 0:
            raise at.error(f"combine goes round or too deep: {' > '.join([*above, name])}.")
        inner = resolve(name, library, _above=above, _budget=budget)
        found.append(Part(inner, float(each.get("weight", 1.0))))
    return tuple(found)


def _scenario(
    scenario_id: str,
    data: Mapping[str, Any],
    values: Mapping[str, Any],
    parts: tuple[Part, ...],
    place: Place,
) -> Scenario:
    source = data.get("source", "")
    window = data.get("window")
    return Scenario(
        scenario_id=scenario_id,
        title=data["title"],
        kind=data["kind"],
        description=data.get("description", ""),
        date=data.get("date"),
        window=None if window is None else (window["from"], window["to"]),
        source=source if isinstance(source, str) else source["text"],
        url="" if isinstance(source, str) else source.get("url", ""),
        tags=tuple(data.get("tags", ())),
        parameters=tuple(sorted(values.items())),
        parts=parts,
        shocks=tuple(data.get("shocks", ())),
        path=tuple(data.get("path", ())),
        replay=data.get("replay"),
        horizon_days=data.get("horizon_days", 1),
        rest=data.get("rest", "still"),
        propagation=data.get("propagation", Propagation()),
        origin=str(place.document.file),
    )
