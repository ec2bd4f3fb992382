"""From a file ``jobs/<id>.yaml`` to a job; what is wrong is said with file, line and way out."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, fields
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from riskplatform.errors import RiskPlatformError, nearest
from riskplatform.project.job_language.cron import cron_of
from riskplatform.project.job_language.durations import duration_of
from riskplatform.project.job_language.job import (
    GRACE,
    ID_PATTERN,
    IfKilled,
    Job,
    Misfire,
    MisfirePolicy,
)
from riskplatform.project.job_language.kinds import KINDS, PYTHON, kind_names, terms_of
from riskplatform.project.job_language.schedule import Schedule
from riskplatform.project.strict_yaml import ContentError, Document, read_document

_NEEDED = ("title", "kind", "owner", "schedule", "misfire", "timeout")
_KEYS = (
    *_NEEDED, "after", "even_if_failed", "retries", "retry_wait", "if_killed", "enabled",
    "parameters",
)  # fmt: skip
_SCHEDULE_KEYS = ("cron", "every", "time_zone", "calendar")
_MISFIRE_KEYS = ("policy", "window", "grace")
BY_HAND = "by_hand"
SHORTEST = timedelta(minutes=1)
_MOST_RETRIES = 20

T = TypeVar("T")
Choice = TypeVar("Choice", bound=StrEnum)


def read_job(file: Path) -> Job:
    """The job in ``file``."""
    return job_of(read_document(file))


def job_of(document: Document) -> Job:
    """The job that a document describes."""
    name = document.file.stem
    if not re.fullmatch(ID_PATTERN, name):
        raise ContentError(
            document.file,
            None,
            "the file's name is the job's id: a small letter, then small letters, digits, _ and -.",
            hint="Rename it, such as morning_report.yaml.",
        )
    _check_keys(document, (), document.data, _KEYS)
    missing = [key for key in _NEEDED if key not in document.data]
    if missing:
        raise document.error(
            f"lacks {', '.join(missing)}.", hint=f"A job needs {', '.join(_NEEDED)}."
        )
    kind = _one_of(document, ("kind",), kind_names())
    job = Job(
        job_id=name,
        title=_text(document, "title"),
        kind=kind,
        owner=_text(document, "owner"),
        schedule=_schedule(document),
        misfire=_misfire(document),
        timeout=_positive(document, "timeout"),
        after=_names(document, "after"),
        even_if_failed=_truth(document, "even_if_failed", False),
        retries=_count(document, "retries"),
        retry_wait=_length(document, ("retry_wait",), timedelta(minutes=1)),
        if_killed=_choice(document, ("if_killed",), IfKilled, IfKilled.ABANDON),
        enabled=_truth(document, "enabled", True),
        parameters=_parameters(document, kind),
        file=document.file,
    )
    if kind == PYTHON and not job.script.is_file():
        raise document.error(
            f"is of kind python, but there is no {job.script.name} beside it.",
            "kind",
            hint="Write one with a function job(desk, parameters, run).",
        )
    return job


def _schedule(document: Document) -> Schedule:
    said = document.data["schedule"]
    if said == BY_HAND:
        return Schedule()
    values = _mapping(document, ("schedule",), _SCHEDULE_KEYS, f"or {BY_HAND}")
    if ("cron" in values) == ("every" in values):
        raise document.error(
            "schedule needs either cron or every.",
            "schedule",
            hint='Such as cron: "30 7 * * mon-fri", or every: 15m.',
        )
    cron = every = None
    if "cron" in values:
        cron = _read(document, ("schedule", "cron"), cron_of)
    else:
        every = _read(document, ("schedule", "every"), duration_of)
        if every < SHORTEST or every % SHORTEST:
            raise document.error(
                "every must be whole minutes.", "schedule", "every", hint="Such as 15m."
            )
    schedule = Schedule(cron, every, _zone(document, values), _calendar(document, values))
    if cron is not None and "time_zone" not in values:
        raise document.error(
            "schedule has no time_zone.", "schedule", hint="Such as UTC or Europe/London."
        )
    return schedule


def _zone(document: Document, values: Mapping[str, Any]) -> str:
    name = values.get("time_zone", "UTC")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        near = nearest(str(name), available_timezones())
        raise document.error(
            f"there is no time zone {name!r}.",
            "schedule",
            "time_zone",
            hint=f"Did you mean {near[0]}?" if near else "Such as UTC or Europe/London.",
        ) from None
    return str(name)


def _calendar(document: Document, values: Mapping[str, Any]) -> str | None:
    name = values.get("calendar")
    if name is None:
        return None
    from riskplatform.market.calendars import business_calendar

    try:
        return business_calendar(str(name)).name
    except RiskPlatformError as error:
        raise document.error(error.message, "schedule", "calendar", hint=error.hint) from error


def _misfire(document: Document) -> Misfire:
    """A word, or a mapping with ``policy``, ``window`` and ``grace``."""
    if isinstance(document.data["misfire"], str):
        return _bounded(document, Misfire(_choice(document, ("misfire",), MisfirePolicy)))
    values = _mapping(
        document, ("misfire",), _MISFIRE_KEYS, f"or one of {', '.join(MisfirePolicy)}"
    )
    if "policy" not in values:
        raise document.error(
            "misfire has no policy.", "misfire", hint=f"One of {', '.join(MisfirePolicy)}."
        )
    window = None
    if "window" in values:
        window = _read(document, ("misfire", "window"), duration_of)
    found = Misfire(
        _choice(document, ("misfire", "policy"), MisfirePolicy),
        window,
        _length(document, ("misfire", "grace"), GRACE),
    )
    return _bounded(document, found)


def _bounded(document: Document, misfire: Misfire) -> Misfire:
    if misfire.policy is MisfirePolicy.RUN_ALL and misfire.window is None:
        raise document.error(
            "misfire run_all needs a window.",
            "misfire",
            hint="Such as misfire: {policy: run_all, window: 2d}.",
        )
    return misfire


def _parameters(document: Document, kind: str) -> Mapping[str, Any]:
    given = document.data.get("parameters", {})
    if kind == PYTHON:
        if not isinstance(given, Mapping):
            raise document.error("parameters must be keys and values.", "parameters")
        return given
    known = {
        field.name: field.default is MISSING and field.default_factory is MISSING
        for field in fields(KINDS[kind])
    }
    values = _mapping(document, ("parameters",), known, "") if given else {}
    missing = [name for name, needed in known.items() if needed and name not in values]
    if missing:
        raise document.error(
            f"parameters lacks {', '.join(missing)}.",
            "parameters",
            hint=f"Jobs of kind {kind} take {', '.join(known)}.",
        )
    try:
        terms_of(kind, values)
    except RiskPlatformError as error:
        key = error.message.split(" ", 1)[0]
        raise document.error(error.message, "parameters", key, hint=error.hint) from error
    return values


def _check_keys(
    document: Document, path: tuple[str, ...], values: Mapping[str, Any], known: Collection[str]
) -> None:
    for key in values:
        if key not in known:
            near = nearest(key, known)
            hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known)}."
            raise document.error(f"unknown key {key!r}.", *path, key, hint=hint)


def _mapping(
    document: Document, path: tuple[str, ...], known: Collection[str], otherwise: str
) -> Mapping[str, Any]:
    values = _at(document, path)
    if not isinstance(values, Mapping):
        accepted = f"keys and values ({', '.join(known)}) {otherwise}".strip()
        raise document.error(f"{path[-1]} is {values!r}.", *path, hint=f"Accepted: {accepted}.")
    _check_keys(document, path, values, known)
    return values


def _at(document: Document, path: tuple[str, ...], default: Any = None) -> Any:
    found: Any = document.data
    for key in path:
        if not isinstance(found, Mapping) or key not in found:
            return default
        found = found[key]
    return found


def _read(document: Document, path: tuple[str, ...], read: Callable[[object], T]) -> T:
    try:
        return read(_at(document, path))
    except ValueError as error:
        raise document.error(f"{path[-1]}: {error}.", *path) from error


def _length(document: Document, path: tuple[str, ...], default: timedelta) -> timedelta:
    return default if _at(document, path) is None else _read(document, path, duration_of)


def _positive(document: Document, key: str) -> timedelta:
    found = _read(document, (key,), duration_of)
    if not found:
        raise document.error(f"{key} is 0.", key, hint="Such as 30m.")
    return found


def _one_of(document: Document, path: tuple[str, ...], known: Collection[str]) -> str:
    value = _at(document, path)
    if value not in known:
        near = nearest(str(value), known)
        raise document.error(
            f"{path[-1]} is {value!r}.",
            *path,
            hint=f"Did you mean {near[0]}?" if near else f"One of {', '.join(known)}.",
        )
    return str(value)


def _choice(
    document: Document, path: tuple[str, ...], kind: type[Choice], default: Choice | None = None
) -> Choice:
    if default is not None and _at(document, path) is None:
        return default
    return kind(_one_of(document, path, [str(member) for member in kind]))


def _text(document: Document, key: str) -> str:
    value = document.data[key]
    if not isinstance(value, str) or not value.strip():
        raise document.error(f"{key} must be text.", key)
    return value.strip()


def _names(document: Document, key: str) -> tuple[str, ...]:
    values = document.data.get(key)
    if values is None:
        return ()
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise document.error(f"{key} must be a list of jobs.", key, hint=f"Such as {key}: [cubes].")
    if len(set(values)) < len(values):
        raise document.error(f"{key} names a job twice.", key)
    return tuple(values)


def _count(document: Document, key: str) -> int:
    value = document.data.get(key, 0)
    if type(value) is not int or not 0 <= value <= _MOST_RETRIES:
        raise document.error(
            f"{key} is {value!r}.", key, hint=f"A whole number from 0 to {_MOST_RETRIES}."
        )
    return value


def _truth(document: Document, key: str, default: bool) -> bool:
    value = document.data.get(key, default)
    if type(value) is not bool:
        raise document.error(f"{key} is {value!r}.", key, hint="true or false.")
    return value
