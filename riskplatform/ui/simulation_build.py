"""The Simulation page's upper part: choose scenarios, build their cube, watch, stop."""

from __future__ import annotations

from typing import Any

import streamlit as st

from riskplatform.ui import cards
from riskplatform.ui.markdown import literal
from riskplatform.ui.problems import fragment, guarded, show_problem
from riskplatform.ui.session import Question
from riskplatform.ui.simulation_jobs import BUILDS, Build, State, View
from riskplatform.ui.simulation_makers import CHOICES, MAKERS, Asked, Number

MINE, TO_OPEN = "_simulation-mine", "_simulation-open"
_WATCHED, _UNSEEN = "_simulation-watched", "_simulation-unseen"
_AT_ONCE_SECONDS = 0.8
_POLL_SECONDS = 0.7


def build_block(question: Question) -> None:
    """Choices and button above, what is being built below."""
    cards.heading("Scenarios", f"for everything held, from the history before {question.as_of}")
    _chooser(question)
    _open_when_done()
    folder = question.version.folder
    running = BUILDS.running(folder)
    st.session_state[_WATCHED] = [build.asked for build in running]
    # Polls only while there is something to see; its end reruns the page, which ends the polling.
    st.fragment(_progress, run_every=_POLL_SECONDS if running else None)(folder)


@fragment
def _chooser(question: Question) -> None:
    asked, is_wanted = _asked(question)
    if is_wanted:
        build = BUILDS.start(asked)
        st.session_state[MINE], st.session_state[_UNSEEN] = asked, True
        build.wait(_AT_ONCE_SECONDS)  # a cube that is there already is opened without a bar
        st.rerun()


def _asked(question: Question) -> tuple[Asked, bool]:
    """Draw the choices of one maker; what they say, and whether the button was pressed."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="chooser"):
        maker = st.selectbox(
            "Made by", list(MAKERS), key="maker", bind="query-params", width=250,
            format_func=lambda name: MAKERS[name].title,
        )  # fmt: skip
        chosen = MAKERS[maker]
        choices = tuple(
            (name, _number(maker, name, default)) for name, default in chosen.defaults.items()
        )
        pressed = st.button("Build", type="primary", width=110, key="build-go")
    st.caption(literal(chosen.words))
    return Asked(question.version.folder, question.as_of, maker, choices), pressed


def _number(maker: str, name: str, default: Number) -> Number:
    """One field; an optional one may stay empty, any other falls back on its default."""
    choice = CHOICES[name]
    kind: Any = type(choice.step)
    value: Number = st.number_input(
        choice.title, min_value=kind(choice.least), max_value=kind(choice.most),
        value=None if default is None else kind(default), step=choice.step, help=choice.help,
        key=f"{maker}-{name}", width=132, placeholder="normal" if default is None else None,
    )  # fmt: skip
    return default if value is None else value


def _progress(folder: str) -> None:
    """A bar for each build of the desk that runs; what came of the one asked for here."""
    with guarded():
        watched = [BUILDS.find(asked) for asked in st.session_state.get(_WATCHED, ())]
        if any(build is not None and build.view().has_ended for build in watched):
            st.session_state[_WATCHED] = []
            st.rerun()
        for place, build in enumerate(BUILDS.running(folder)):
            _bar(build, place)
        mine = BUILDS.find(st.session_state.get(MINE))
        if mine is not None and mine.asked.folder == folder:
            _outcome(mine.view())


def _open_when_done() -> None:
    """Have the page show, once, the cube that was asked for here."""
    build = BUILDS.find(st.session_state.get(MINE))
    if build is None or not st.session_state.get(_UNSEEN) or not build.view().has_ended:
        return
    st.session_state[_UNSEEN] = False
    if (cube_id := build.view().cube_id) is not None:
        st.session_state[TO_OPEN] = cube_id


def _bar(build: Build, place: int) -> None:
    view = build.view()
    bar, stop = st.columns([6, 1], vertical_alignment="center", gap="small")
    with bar:
        st.progress(view.share, text=literal(f"{build.asked.words()}: {progress_words(view)}"))
    with stop:
        st.button(
            "Stop", key=f"build-stop-{place}", on_click=build.stop, width="stretch",
            disabled=view.is_stopping, help="Blocks that are done are kept",
        )  # fmt: skip


def progress_words(view: View) -> str:
    """How far a build is, and how long it will still take."""
    if view.state is State.WAITING:
        return str(view.state)
    if view.state is State.SCENARIOS:
        text = f"{view.state}, {duration(view.seconds)} so far"
        return f"{text}; stops when they are made" if view.is_stopping else text
    text = f"{view.done:,} of {view.total:,} rows priced"
    if view.is_stopping:
        return f"{text}; stops after this block"
    left = "" if view.seconds_left is None else f", about {duration(view.seconds_left)} left"
    return text + left


def duration(seconds: float) -> str:
    """Seconds below two minutes, else minutes."""
    return f"{seconds:,.0f} s" if seconds < 120 else f"{seconds / 60:,.0f} min"


def _outcome(view: View) -> None:
    if view.state is State.FAILED and view.problem is not None:
        show_problem(view.problem)
    elif view.has_ended:
        st.caption(literal(outcome_words(view)))


def outcome_words(view: View) -> str:
    """What came of a build that was not refused."""
    if view.state is State.STOPPED:
        if not view.total:
            return "Stopped before any row was priced; scenarios that were made are kept."
        return (
            f"Stopped. {view.done:,} of {view.total:,} rows are done and kept; Build with the same "
            "choices goes on from there."
        )
    if not view.built:
        return "This cube was there already and is opened below."
    return f"Built in {duration(view.seconds)}: {view.built:,} of {view.total:,} rows priced."
