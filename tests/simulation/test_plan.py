"""The same numbers for any number of workers, in any order of blocks, in any process."""

from __future__ import annotations

import itertools
import os
import pickle
import subprocess
import sys
import tracemalloc
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskplatform.errors import UserInputError
from riskplatform.simulation import (
    Copula,
    FactorModel,
    FilteredHistorical,
    GarchParameters,
    GarchPaths,
    Gaussian,
    ImportanceTails,
    Merton,
    ScenarioBlock,
    ScenarioPlan,
    StudentT,
    copula_plan,
    factor_model_plan,
    filtered_historical_plan,
    garch_paths_plan,
    importance_plan,
    merton_plan,
    monte_carlo_plan,
    normalised,
)
from tests.simulation.worlds import COVARIANCE, axis_of, equicorrelation, history_of, t_moves

MAKERS = (
    "gaussian",
    "sobol",
    "matched",
    "student_t",
    "factor_model",
    "merton",
    "garch_paths",
    "filtered",
    "copula",
    "importance",
)


@cache
def plan(maker: str, seed: int = 11, scenarios: int = 1_000, horizon: int = 2) -> ScenarioPlan:
    """A small plan of each maker, in four blocks."""
    axis = axis_of(3)
    size = {"scenarios": scenarios, "horizon_days": horizon, "block_size": 250}
    history = history_of(t_moves(300, 5.0, equicorrelation(3, 0.5), 1))
    rows = GarchParameters.of([(1e-6, 0.05, 0.05, 0.9, 6.0)] * 3)
    match maker:
        case "gaussian":
            return monte_carlo_plan(axis, COVARIANCE, Gaussian(**size), seed=seed)
        case "sobol":
            return monte_carlo_plan(axis, COVARIANCE, Gaussian(scheme="sobol", **size), seed=seed)
        case "matched":
            recipe = Gaussian(scheme="moment_matched", **size)
            return monte_carlo_plan(axis, COVARIANCE, recipe, seed=seed)
        case "student_t":
            return monte_carlo_plan(axis, COVARIANCE, StudentT(**size), seed=seed)
        case "factor_model":
            loadings, specific = np.ones((3, 1)), np.full(3, 1e-5)
            recipe = FactorModel(nu=5.0, **size)
            return factor_model_plan(axis, loadings, [[1e-4]], specific, recipe, seed=seed)
        case "merton":
            jump = np.full(3, -0.02)
            return merton_plan(axis, COVARIANCE, jump, COVARIANCE, Merton(**size), seed=seed)
        case "garch_paths":
            recipe = GarchPaths(scheme="antithetic", **size)
            start = np.full(3, 1e-4)
            return garch_paths_plan(axis, rows, equicorrelation(3, 0.5), start, recipe, seed=seed)
        case "filtered":
            return filtered_historical_plan(history, rows, FilteredHistorical(**size), seed=seed)
        case "copula":
            return copula_plan(history, Copula(nu=5.0, **size), seed=seed)
        case _:
            recipe = ImportanceTails(**size)
            return importance_plan(axis, COVARIANCE, np.ones(3), recipe, seed=seed)


def one_block(asked: tuple[ScenarioPlan, int]) -> ScenarioBlock:
    """Top level, so that another process finds it."""
    whole, number = asked
    return whole.block(number)


@pytest.mark.parametrize("maker", MAKERS)
def test_workers_and_blocks_give_the_same_bits(maker: str) -> None:
    whole = plan(maker).materialise()
    assert plan(maker).materialise(workers=8).moves_hash() == whole.moves_hash()
    blocks = [plan(maker).block(number) for number in (3, 1, 0, 2)]
    blocks.sort(key=lambda block: block.first)
    assert (np.concatenate([block.moves for block in blocks]) == whole.moves).all()
    raw = np.concatenate([block.raw_weights for block in blocks])
    assert normalised(raw) == pytest.approx(whole.weights, rel=1e-13)
    assert tuple(itertools.chain(*(block.labels for block in blocks))) == whole.labels
    assert whole.weights.sum() == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("maker", MAKERS)
def test_another_seed_is_another_set(maker: str) -> None:
    one, other = plan(maker), plan(maker, seed=12)
    assert one.scenario_set_id != other.scenario_set_id
    assert not (one.block(0).moves == other.block(0).moves).any()


@pytest.mark.parametrize("maker", [m for m in MAKERS if m not in ("matched", "importance")])
def test_a_longer_set_starts_with_the_same_scenarios(maker: str) -> None:
    shorter = plan(maker, scenarios=610).materialise()
    assert (plan(maker).materialise().moves[:610] == shorter.moves).all()


@pytest.mark.slow
def test_processes_give_the_same_bits() -> None:
    """Plans travel to two spawned processes, which have state of their own."""
    asked = [(plan(maker), number) for maker in MAKERS for number in range(4)]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        there = list(pool.map(one_block, asked))
    for (whole, number), block in zip(asked, there, strict=True):
        assert (whole.block(number).moves == block.moves).all()
        assert (whole.block(number).raw_weights == block.raw_weights).all()


_CODE = """
from tests.simulation.test_plan import MAKERS, plan
for maker in MAKERS:
    made = plan(maker).materialise(workers=2)
    print(maker, made.scenario_set_id, made.moves_hash())
"""


@pytest.mark.slow
@pytest.mark.parametrize("threads", ["1", "3"])
def test_another_process_makes_the_same_sets_from_the_seed(threads: str) -> None:
    """From history and seed alone, whatever the threads of the linear algebra are."""
    settings_ = {**os.environ, "OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
    found = subprocess.run(
        [sys.executable, "-c", _CODE], capture_output=True, text=True, check=True, env=settings_
    ).stdout.split("\n")
    for maker, line in zip(MAKERS, found, strict=False):
        made = plan(maker).materialise()
        assert line == f"{maker} {made.scenario_set_id} {made.moves_hash()}"


@pytest.mark.parametrize("maker", MAKERS)
def test_a_plan_pickles_with_its_facts(maker: str) -> None:
    there = pickle.loads(pickle.dumps(plan(maker)))
    assert there.scenario_set_id == plan(maker).scenario_set_id
    assert there.facts.to_dict() == plan(maker).facts.to_dict()


@settings(max_examples=25)
@given(st.integers(1, 700), st.integers(1, 350).map(lambda half: 2 * half))
def test_blocks_tile_any_set(scenarios: int, block_size: int) -> None:
    recipe = Gaussian(scenarios=scenarios, block_size=block_size)
    made = monte_carlo_plan(axis_of(3), COVARIANCE, recipe, seed=1)
    rows = [len(block) for block in made.blocks()]
    assert sum(rows) == scenarios == len(made)
    assert len(rows) == made.block_count
    assert all(count == block_size for count in rows[:-1])


@settings(max_examples=20)
@given(st.integers(1, 400))
def test_a_gaussian_horizon_scales_by_its_root(days: int) -> None:
    """Same seed, no mean: the moves over h days are those of one day times sqrt(h)."""
    one = plan("gaussian", horizon=1).block(0).moves
    assert plan("gaussian", horizon=days).block(0).moves == pytest.approx(one * np.sqrt(days))


def test_progress_and_bad_questions() -> None:
    told: list[tuple[int, int]] = []
    plan("gaussian").materialise(progress=lambda done, total: told.append((done, total)))
    assert told == [(250, 1_000), (500, 1_000), (750, 1_000), (1_000, 1_000)]
    with pytest.raises(UserInputError, match="0 workers"):
        plan("gaussian").materialise(workers=0)
    with pytest.raises(UserInputError, match="no block 4"):
        plan("gaussian").block(4)
    with pytest.raises(UserInputError, match="whole number"):
        monte_carlo_plan(axis_of(3), COVARIANCE, Gaussian(), seed=-1)


def test_streaming_holds_a_block_at_a_time() -> None:
    """40 MB of moves pass through a few blocks of 2 MB each."""
    recipe = Gaussian(scenarios=50_000)
    made = monte_carlo_plan(axis_of(100), 1e-4 * equicorrelation(100, 0.3), recipe, seed=1)
    made.block(0)  # compiled and imported before memory is watched
    tracemalloc.start()
    squares = sum(np.square(block.moves).sum() for block in made.blocks())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert squares / (50_000 * 100) == pytest.approx(1e-4, rel=0.02)
    assert peak < 12e6
