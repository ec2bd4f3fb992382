"""What the Scenarios page is answered by the desk, remembered while nothing has changed."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from riskplatform.ui.session import Question, open_desk

if TYPE_CHECKING:
    from riskplatform.desk.scenario_library import ScenarioLibrary
    from riskplatform.desk.stress_bench import StressBench
    from riskplatform.stress.parts import ScenarioParts
    from riskplatform.stress.result import StressResult

FOLDER = "scenarios"


def library(question: Question) -> ScenarioLibrary:
    """All scenarios, read again as soon as a file of the desk has changed."""
    return _library(question.version.folder, _files(question))


@st.cache_resource(show_spinner=False, max_entries=4)
def _library(folder: str, files: str) -> ScenarioLibrary:
    return open_desk(folder).scenarios()


def results(question: Question) -> StressResult:
    """What the node gains in every scenario of the library."""
    return _results(question, _files(question))


@st.cache_resource(show_spinner="Revaluing everything in every scenario", max_entries=12)
def _results(question: Question, files: str) -> StressResult:
    return question.desk.run_scenarios(None, question.node, question.as_of)


def typed(question: Question, text: str) -> StressResult:
    """What the node gains in a scenario that is being written."""
    return _typed(question, text, _files(question))


@st.cache_resource(show_spinner=False, max_entries=48)
def _typed(question: Question, text: str, files: str) -> StressResult:
    whole = Question(question.version, None, question.as_of, question.base_currency)
    scenario = question.desk.scenario_of_text(text)
    return _bench(whole).run([scenario], question.node)


def parts(question: Question, scenario_id: str) -> ScenarioParts:
    """What each sort of factor gains the node in a scenario of the library."""
    return _parts(question, scenario_id, _files(question))


@st.cache_resource(show_spinner="Moving one sort of factor at a time", max_entries=48)
def _parts(question: Question, scenario_id: str, files: str) -> ScenarioParts:
    whole = Question(question.version, None, question.as_of, question.base_currency)
    return _bench(whole).parts(question.desk.scenario(scenario_id), question.node)


@st.cache_resource(show_spinner="Pricing everything that is held", max_entries=3)
def _bench(question: Question) -> StressBench:
    """Units planned once, so that a scenario that is being written answers at once."""
    return question.desk.stress_bench(question.as_of)


def _files(question: Question) -> str:
    """The state of the desk's own scenario files, by name, size and time."""
    folder = Path(question.version.folder) / FOLDER
    found = sorted(folder.rglob("*.y*ml")) if folder.is_dir() else []
    state = [(str(p.relative_to(folder)), p.stat().st_size, p.stat().st_mtime_ns) for p in found]
    return hashlib.sha256(repr(state).encode()).hexdigest()[:16]
