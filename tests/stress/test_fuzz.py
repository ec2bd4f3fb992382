"""Mutated scenario files: a complaint that names its line, or a right run; never anything else."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from riskplatform.errors import RiskPlatformError
from riskplatform.project.scenario_language import Library, library_of, resolve
from riskplatform.project.strict_yaml import ContentError, document_of
from riskplatform.simulation.cube_rows import RowMaker
from riskplatform.simulation.history import FactorHistory, factor_history
from riskplatform.simulation.nodes import USUAL_KINDS, state_maker
from riskplatform.stress.factor_table import FactorTable
from riskplatform.stress.haircuts import haircuts_of
from riskplatform.stress.moves import moves_of
from riskplatform.stress.propagation import Inference
from riskplatform.stress.stress_set import stress_moves
from tests.pricing.units.listed_market import AS_OF
from tests.stress.stress_world import book, table

FOLDER = Path(__file__).resolve().parents[2] / "scenarios"
WORDS = (
    "equity", "rates", "fx", "credit", "volatility", "commodity", "crypto", "default", "liquidity",
    "carry", "factor", "move", "parallel", "tilt", "bend", "around", "between", "short", "long",
    "tenors", "spread", "level", "skew", "skew_tenors", "skew.*", "haircut", "recovery",
    "shares", "on_top", "all", "except", "name",
    "sector", "country", "currency", "rating", "region", "issuer", "extends", "combine", "path",
    "days", "replay", "worst", "rest", "infer", "still", "parameters", "${size}", "-2 * ${size}",
    "propagation", "window_days", "regime", "turbulent", "calm", "when", "below", "above",
    "distribution", "degrees_of_freedom", "gaussian", "weight", "scenario", "shocks",
    "title", "kind", "date", "window",
    "USD", "EURUSD", "EURCHF", "ACME", "BANK", "SHARE", "spot.SHARE", "zero.USD.OIS@*", "*", "[",
    "]",
    "-20 %", "+100 bp", "5 points", "-3 sigma", "1e308", "-99.999 %", "0 %", "10000 %", ".inf",
    ".nan", "null", "true", "2020-01-01", "1y", "30y", "100Y", "9999D", "!!python/name:os.system",
    "&a", "*a", "<<: *a", "|", ">-", "{", "}", "#", "\t", "\x00", "é", "𝟙", "%", "''", '"', "-",
    ":",
)  # fmt: skip


@cache
def world() -> tuple[Library, dict[str, str], FactorTable, FactorHistory]:
    shipped = library_of([FOLDER])
    texts = {name: path.read_text(encoding="utf-8") for name, path in shipped.files.items()}
    factors = table()
    rng = np.random.default_rng(3)
    nodes = factors.nodes
    total = np.cumsum(rng.normal(0, 0.01, (70, len(nodes))), axis=0)
    kinds = [USUAL_KINDS[node.kind].value for node in nodes]
    logged = np.array([kind == "log" for kind in kinds])
    levels = np.where(logged, np.exp(total), total)
    days = np.arange("2026-04-01", np.datetime64("2026-04-01") + 70, dtype="datetime64[D]")
    history = factor_history(levels, days, factors.factor_ids, kinds)
    sizes = dict.fromkeys(factors.factor_ids, 0.01)
    return shipped, texts, factors.with_deviations(sizes), history


def mutated(rng: random.Random, text: str, others: list[str]) -> str:
    """A few small slips: a letter, a word, a line, an indent; or a piece of another file."""
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        text = rng.choice(SLIPS)(rng, text, others)
    return text


def _letter(rng: random.Random, text: str, others: list[str]) -> str:
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice("abcdefgst0159-+%:{}[],.*&!#'\" \n\t") + text[at + 1 :]


def _gone(rng: random.Random, text: str, others: list[str]) -> str:
    at = rng.randrange(len(text) + 1)
    return text[:at] + text[at + rng.randint(1, 4) :]


def _word(rng: random.Random, text: str, others: list[str]) -> str:
    words = text.split(" ")
    words[rng.randrange(len(words))] = rng.choice(WORDS)
    return " ".join(words)


def _line(rng: random.Random, text: str, others: list[str]) -> str:
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    what = rng.randrange(4)
    if what == 0:
        del lines[at]
    elif what == 1:
        lines.insert(at, lines[rng.randrange(len(lines))])
    elif what == 2:
        lines[at] = " " * rng.randint(0, 6) + lines[at].lstrip()
    else:
        lines.insert(at, f"{rng.choice(WORDS)}: {rng.choice(WORDS)}")
    return "\n".join(lines)


def _piece(rng: random.Random, text: str, others: list[str]) -> str:
    other = rng.choice(others).split("\n")
    at = rng.randrange(len(other))
    lines = text.split("\n")
    place = rng.randrange(len(lines) + 1)
    return "\n".join(lines[:place] + other[at : at + rng.randint(1, 6)] + lines[place:])


SLIPS: tuple[Callable[[random.Random, str, list[str]], str], ...] = (
    _letter, _gone, _word, _word, _line, _line, _piece,
)  # fmt: skip


def tried(text: str) -> str:
    """What becomes of a file: 'refused', 'not for this book' or 'run'."""
    shipped, _, factors, history = world()
    try:
        document = document_of(text.encode("utf-8"), Path("mutant.yaml"))
        found = resolve("mutant", shipped.with_document("mutant", document))
        moves = moves_of(found, factors, history=history, fill=Inference(factors, history))
    except ContentError as error:
        return "refused" if error.what else "a complaint without words"
    except RiskPlatformError as error:
        return "not for this book" if error.message else "a complaint without words"
    assert np.isfinite(moves.values).all()
    assert moves.labels()[-1] == "mutant"
    assert len(found.content_hash) == 64
    assert found.to_dict()["title"] == found.title
    assert all(0 <= abs(each.share) <= 10 for each in haircuts_of(found))
    return "run"


def fuzzed(count: int, seed: int) -> dict[str, int]:
    rng = random.Random(seed)
    _, texts, _, _ = world()
    originals = list(texts.values())
    outcomes = {"refused": 0, "not for this book": 0, "run": 0}
    for _ in range(count):
        text = mutated(rng, rng.choice(originals), originals)
        try:
            outcomes[tried(text)] += 1
        except Exception as error:
            raise AssertionError(f"{type(error).__name__}: {error}\n---\n{text}") from error
    return outcomes


@pytest.mark.slow
def test_two_thousand_mutants_are_refused_or_run() -> None:
    outcomes = fuzzed(2_000, seed=20260630)
    # A fuzz that refuses everything, or nothing, tests nothing.
    assert outcomes["refused"] > 500
    assert outcomes["run"] > 250


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_fifty_thousand_mutants_are_refused_or_run() -> None:
    outcomes = fuzzed(50_000, seed=1)
    assert sum(outcomes.values()) == 50_000


@pytest.mark.slow
def test_mutants_that_are_accepted_are_priced_or_named() -> None:
    """Full revaluation of the small book: a number, or the reason of an instrument."""
    rng = random.Random(5)
    shipped, texts, factors, history = world()
    units = book()
    originals = list(texts.values())
    done = 0
    while done < 40:
        text = mutated(rng, rng.choice(originals), originals)
        if tried(text) != "run":
            continue
        document = document_of(text.encode("utf-8"), Path("mutant.yaml"))
        found = resolve("mutant", shipped.with_document("mutant", document))
        made = stress_moves(
            [replace(found)], factors, AS_OF, history=history, fill=Inference(factors, history)
        )
        maker = RowMaker(units, state_maker(units.layout, made.whole.axis), made.whole, 0)
        rows, failures = maker.rows(range(len(units.units)))
        named = {failure.subject for failure in failures}
        for unit, row in zip(units.units, rows, strict=True):
            assert np.isfinite(row).all() or unit.instrument_id in named
        done += 1


def test_nothing_in_a_file_is_run(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    touch = f"touch {mark}"
    head, shock = "title: x\nkind: hypothetical\n", "shocks:\n  - equity: all\n    move: "
    for text in (
        f"title: !!python/object/apply:os.system ['{touch}']\nkind: hypothetical\n",
        f"{head}{shock}__import__('os').system('{touch}')\n",
        f"{head}parameters: {{a: '{{{{ {touch} }}}}'}}\n{shock}${{a}}\n",
        f"{head}parameters: {{a: '$({touch})'}}\n{shock}-1 * ${{a}}\n",
        f"{head}extends: ../../{mark}\n",
    ):
        assert tried(text) == "refused"
    assert not mark.exists()
