"""Limits in files that people write: YAML and CSV in, what is wrong named by line; and out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from riskplatform.domain.limits import Limit, LimitTermError
from riskplatform.errors import UserInputError, nearest
from riskplatform.project.strict_yaml import ContentError, read_document
from riskplatform.risk.limits import limit_from, limit_terms
from riskplatform.risk.limits.definition import TERMS

_NUMBERS = ("hard", "soft", "confidence", "horizon_days", "share", "participation")
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
SUFFIXES = (".yaml", ".yml", ".csv")


@dataclass(frozen=True)
class Written:
    """A limit with where it and its terms stand in its file."""

    limit: Limit
    file: Path
    line: int | None
    lines: Mapping[str, int]

    def error(self, term: str, message: str, hint: str | None = None) -> ContentError:
        return ContentError(self.file, self.lines.get(term, self.line), message, hint=hint)


def read_limits(file: str | Path) -> list[Written]:
    """The limits of a YAML or CSV file, not yet checked against their measures."""
    path = Path(file)
    if path.suffix.lower() not in SUFFIXES:
        raise UserInputError(
            f"Limits cannot be read from {path.name}.",
            hint="Write them in a .yaml file under the key `limits`, or in a .csv file.",
        )
    written = _of_csv(path) if path.suffix.lower() == ".csv" else _of_yaml(path)
    found: dict[str, Written] = {}
    for each in written:
        name = each.limit.limit_id
        if name in found:
            raise each.error("limit_id", f"the limit {name!r} is given twice.")
        found[name] = each
    return list(found.values())


def limits_text(limits: Iterable[Limit], suffix: str) -> str:
    """The same limits as YAML or CSV, as they would be read again."""
    if suffix.lower() not in SUFFIXES:
        raise UserInputError(
            f"Limits cannot be written as {suffix or 'a file without suffix'}.",
            hint=f"Accepted: {', '.join(SUFFIXES)}.",
        )
    rows = [limit_terms(limit) for limit in limits]
    if suffix.lower() == ".csv":
        used = [term for term in TERMS if any(term in row for row in rows)]
        out = io.StringIO()
        table = csv.DictWriter(out, used or TERMS, lineterminator="\n")
        table.writeheader()
        table.writerows({k: _cell(v) for k, v in row.items()} for row in rows)
        return out.getvalue()
    tree = {"limits": {row.pop("limit_id"): row for row in rows}}
    return str(yaml.safe_dump(tree, sort_keys=False, allow_unicode=True))


def _cell(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _of_yaml(file: Path) -> Iterator[Written]:
    document = read_document(file)
    for key in document.data:
        if key != "limits":
            near = nearest(key, ["limits"], limit=1)
            hint = "Did you mean limits?" if near else "Limits stand under the key `limits`."
            raise document.error(f"there is no key {key!r} in a file of limits.", key, hint=hint)
    told = document.data.get("limits")
    if not isinstance(told, dict):
        message = "limits must be a mapping of ids to their terms."
        raise document.error(message, "limits")
    for name, terms in told.items():
        if not isinstance(terms, dict):
            message = f"the limit {name!r} must be a mapping of terms."
            raise document.error(message, "limits", name)
        if "limit_id" in terms:
            message = "the id of a limit is its key; there is no term limit_id."
            raise document.error(message, "limits", name, "limit_id")
        lines = {term: document.line("limits", name, term) or 0 for term in terms}
        line = document.line("limits", name)
        yield _written({"limit_id": name, **terms}, file, line, lines)


def _of_csv(file: Path) -> Iterator[Written]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ContentError(file, None, f"cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ContentError(file, None, "is not UTF-8 text.") from error
    rows = csv.reader(io.StringIO(text))
    header = next(rows, [])
    for name in header:
        if name not in TERMS:
            near = nearest(name, TERMS, limit=1)
            hint = f"Did you mean {near[0]}?" if near else f"Columns are {', '.join(TERMS)}."
            raise ContentError(file, 1, f"there is no column {name!r} of limits.", hint=hint)
    for row in rows:
        line = rows.line_num
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(header):
            message = f"has {len(row)} cells where the header has {len(header)}."
            raise ContentError(file, line, message)
        given = {name: cell.strip() for name, cell in zip(header, row, strict=True) if cell.strip()}
        yield _written(given, file, line, {})


def _written(
    terms: Mapping[str, Any], file: Path, line: int | None, lines: Mapping[str, int]
) -> Written:
    try:
        limit = limit_from({key: _plain(key, value) for key, value in terms.items()})
    except LimitTermError as error:
        where = lines.get(error.term, line)
        message = f"limit {error.limit_id}: {error.what}"
        raise ContentError(file, where, message, hint=error.hint) from None
    return Written(limit, file, line, lines)


def _plain(term: str, value: Any) -> Any:
    """Text that is a number or a truth where one is meant: CSV has no others, and YAML reads
    90e6 as text."""
    if not isinstance(value, str):
        return value
    if term in _NUMBERS:
        try:
            return float(value)
        except ValueError:
            return value
    return _TRUTHS.get(value.lower(), value) if term == "gross" else value
