"""Verbs of stress: the library of scenarios, and what the book would lose in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from riskplatform.desk.core import DeskCore

if TYPE_CHECKING:
    import pandas as pd

    from riskplatform.desk.scenario_library import ScenarioLibrary
    from riskplatform.desk.stress_bench import StressBench
    from riskplatform.project.scenario_language import Scenario
    from riskplatform.project.validate import Finding
    from riskplatform.stress.parts import ScenarioParts
    from riskplatform.stress.result import StressResult


class StressVerbs(DeskCore):
    """What it would lose if."""

    def scenarios(self) -> ScenarioLibrary:
        """The stress scenarios that can be run: the desk's own files, over those shipped."""
        from riskplatform.desk.scenario_library import scenario_library

        return scenario_library(self._me)

    def scenario(
        self, scenario_id: str, parameters: Mapping[str, str | float] | None = None
    ) -> Scenario:
        """One stress scenario, resolved; ``parameters`` replace those of its file."""
        from riskplatform.desk.scenario_library import scenario

        return scenario(self._me, scenario_id, parameters)

    def scenario_of_text(self, text: str, scenario_id: str = "unsaved") -> Scenario:
        """The scenario that a YAML text describes, without keeping it."""
        from riskplatform.desk.scenario_library import scenario_of_text

        return scenario_of_text(self._me, text, scenario_id)

    def validate_scenarios(self, files: Sequence[str | Path] | None = None) -> list[Finding]:
        """What is wrong with some files, or with every file of the library; nothing is run."""
        from riskplatform.desk.scenario_library import validate_scenarios

        return validate_scenarios(self._me, files)

    def new_scenario(
        self, scenario_id: str, text: str | None = None, *, kind: str = "hypothetical"
    ) -> Path:
        """Write a scenario file into the desk: ``text`` once it is found right, or a start."""
        from riskplatform.desk.scenario_library import new_scenario

        return new_scenario(self._me, scenario_id, text, kind)

    def run_scenarios(
        self,
        ids: Sequence[str | Scenario] | None = None,
        node: str | None = None,
        as_of: date | None = None,
        *,
        parameters: Mapping[str, str | float] | None = None,
        by: str = "asset_class",
        days: int = 500,
        at_snapshot: int | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> StressResult:
        """What everything below ``node`` gains in scenarios, all of the library without ``ids``.

        Every unit is revalued in full. Nothing is written but the cube and the scenario set, which
        are kept for the next question; :meth:`record_stress` keeps the result.
        """
        from riskplatform.desk.stress_tests import run_scenarios

        return run_scenarios(
            self._me,
            ids,
            node,
            self.as_of(as_of),
            parameters=parameters,
            by=by,
            days=days,
            at_snapshot=at_snapshot,
            progress=progress,
        )

    def stress_bench(
        self, as_of: date | None = None, *, days: int = 500, at_snapshot: int | None = None
    ) -> StressBench:
        """A bench for scenarios that are being written: ``bench.run([scenario])`` takes a moment
        and keeps nothing."""
        from riskplatform.desk.snapshots import market_snapshot
        from riskplatform.desk.stress_bench import StressBench

        snapshot = market_snapshot(self.lake) if at_snapshot is None else at_snapshot
        return StressBench(self._me, self.as_of(as_of), days=days, snapshot=snapshot)

    def explain_scenario(
        self,
        scenario: str | Scenario,
        node: str | None = None,
        as_of: date | None = None,
        *,
        parameters: Mapping[str, str | float] | None = None,
        days: int = 500,
    ) -> ScenarioParts:
        """What each sort of factor gains a node in a scenario when it moves alone, by full
        revaluation, and what they gain only together."""
        chosen = self.scenario(scenario, parameters) if isinstance(scenario, str) else scenario
        return self.stress_bench(as_of, days=days).parts(chosen, node)

    def compare_scenarios(
        self,
        ids: Sequence[str],
        node: str | None = None,
        as_of: date | None = None,
        *,
        by: str = "asset_class",
    ) -> pd.DataFrame:
        """Scenarios beside each other: gains of the node by group, and in all."""
        return self.run_scenarios(ids, node, as_of, by=by).compared()

    def record_stress(self, found: StressResult) -> str:
        """Keep a result in the lake as a run; the run id under which it is found."""
        from riskplatform.desk.recording import record_stress

        return record_stress(self._me, found)
