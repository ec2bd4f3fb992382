"""Scenario sets on disk: one folder each, named by the set's id, its numbers memory-mapped."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from riskplatform.domain.outcome import Coverage, Failure, FailureReason
from riskplatform.errors import DamagedStoreError, EnvironmentSetupError, UserInputError
from riskplatform.simulation.axis import factor_axis
from riskplatform.simulation.facts import Reference, SetFacts
from riskplatform.simulation.recipe import recipe_from_dict
from riskplatform.simulation.scenario_set import ScenarioSet
from riskplatform.simulation.short_ids import full_id
from riskplatform.store.mapped import give_back

FACTS_FILE, MOVES_FILE, WEIGHTS_FILE = "facts.json", "moves.npy", "weights.npy"
INPUT_FILE, CORRELATION_FILE = "input.npy", "input_correlation.npy"
# What a foreign file makes numpy and json say; a file of numpy's own kind may be a zip.
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, BadZipFile)


class SetStore:
    """Keeps, lists and opens the scenario sets of one folder."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def save(self, whole: ScenarioSet) -> Path:
        """Keep a set; one that is there already is left as it is."""
        final = self.folder / whole.scenario_set_id
        if final.is_dir():
            return final
        self.folder.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=self.folder, suffix=".partial"))
        try:
            np.save(part / MOVES_FILE, whole.moves)
            np.save(part / WEIGHTS_FILE, whole.weights)
            _save_reference(part, whole.reference)
            facts = {**whole.to_dict(), "labels": list(whole.labels)}
            facts["moves_hash"] = whole.moves_hash()
            (part / FACTS_FILE).write_text(json.dumps(facts, allow_nan=False), encoding="utf-8")
            os.replace(part, final)
        except OSError as error:
            shutil.rmtree(part, ignore_errors=True)
            if not final.is_dir():  # else another process kept the same set at the same time
                raise EnvironmentSetupError(
                    f"The scenario set of {whole.moves.nbytes / 1e6:,.1f} MB cannot be kept in "
                    f"{self.folder}: {error}.",
                    hint="Free disk space, or remove sets that are no longer needed.",
                ) from error
        return final

    def open(self, scenario_set_id: str, *, proved: bool = False) -> ScenarioSet:
        """The set whose id begins so; ``proved`` compares all its numbers with their hash."""
        folder = self.folder / self.full_id(scenario_set_id)
        facts = self.facts(folder.name)
        try:
            moves = np.load(folder / MOVES_FILE, mmap_mode="r", allow_pickle=False)
            weights = np.load(folder / WEIGHTS_FILE, allow_pickle=False)
            labels = tuple(facts["labels"])
            whole = ScenarioSet(
                facts=_facts_from(facts, _reference(folder)),
                moves=moves,
                weights=weights,
                labels=labels,
            )
        except (*_UNREADABLE, UserInputError) as error:
            raise _damaged(folder, str(error)) from error
        if whole.scenario_set_id != folder.name:
            raise _damaged(folder, "its id is not that of its content")
        if proved and whole.moves_hash() != facts.get("moves_hash"):
            raise _damaged(folder, "its numbers have changed")
        # They were all read to see that they are numbers.
        give_back(moves)
        return whole

    def verify(self, scenario_set_id: str) -> None:
        """Compare the numbers themselves with the hash that was written with them."""
        self.open(scenario_set_id, proved=True)

    def facts(self, scenario_set_id: str) -> dict[str, Any]:
        """What is known of a set, without its numbers."""
        path = self.folder / self.full_id(scenario_set_id) / FACTS_FILE
        try:
            content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise _damaged(path, f"it cannot be read ({error})") from error
        return content

    def full_id(self, beginning: str) -> str:
        """The one id that begins so."""
        return full_id("scenario set", beginning, self.list())

    def list(self) -> tuple[str, ...]:
        if not self.folder.is_dir():
            return ()
        return tuple(sorted(p.name for p in self.folder.iterdir() if p.is_dir() and not p.suffix))


def _save_reference(folder: Path, reference: Reference | None) -> None:
    """The moments that went in, beside the scenarios that came out."""
    if reference is not None:
        np.save(folder / INPUT_FILE, np.stack([reference.mean, reference.deviation]))
        if reference.correlation is not None:
            np.save(folder / CORRELATION_FILE, reference.correlation)


def _reference(folder: Path) -> Reference | None:
    if not (folder / INPUT_FILE).is_file():
        return None
    mean, deviation = np.load(folder / INPUT_FILE, allow_pickle=False)
    if not (folder / CORRELATION_FILE).is_file():
        return Reference(mean, deviation)
    correlation = np.load(folder / CORRELATION_FILE, mmap_mode="r", allow_pickle=False)
    return Reference(mean, deviation, correlation)


def _facts_from(facts: Mapping[str, Any], reference: Reference | None) -> SetFacts:
    failures = tuple(
        Failure(FailureReason(each["reason"]), each["message"], each["subject"])
        for each in facts["coverage"]["failures"]
    )
    return SetFacts(
        axis=factor_axis(facts["factor_ids"], date.fromisoformat(facts["as_of"]), facts["kinds"]),
        horizon_days=facts["horizon_days"],
        recipe=recipe_from_dict(facts["recipe"]),
        seed=facts["seed"],
        inputs=facts["inputs"],
        coverage=Coverage(facts["coverage"]["done"], failures),
        notes=tuple(facts["notes"]),
        reference=reference,
    )


def _damaged(path: Path, reason: str) -> DamagedStoreError:
    return DamagedStoreError(
        f"The scenario set in {path} cannot be used: {reason}.",
        hint="Remove its folder and build it again: the same recipe makes the same numbers.",
    )
