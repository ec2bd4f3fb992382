"""Random numbers by block and by scheme: streams, mirror images, exact moments, Sobol, bridge."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from riskplatform.errors import UserInputError
from riskplatform.simulation.bridge import bridge_matrix
from riskplatform.simulation.draws import DrawPlan, Scheme
from riskplatform.simulation.sobol import sobol_block
from riskplatform.simulation.streams import block_stream

SCHEMES = list(Scheme)


def plan(scheme: Scheme, **choices: int) -> DrawPlan:
    asked = {"seed": 3, "block_size": 1_000, "normals": 4, "uniforms": 1, "days": 2, **choices}
    return DrawPlan(scheme, **asked)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_blocks_repeat_and_differ(scheme: Scheme) -> None:
    one, same = plan(scheme).block(5, 1_000), plan(scheme).block(5, 1_000)
    assert (one.normals == same.normals).all()
    assert (one.uniforms == same.uniforms).all()
    for other in (plan(scheme).block(6, 1_000), plan(scheme, seed=4).block(5, 1_000)):
        assert not (one.normals == other.normals).any(axis=(1, 2)).all()
    assert one.normals.shape == (1_000, 2, 4)
    assert one.uniforms.shape == (1_000, 2, 1)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_numbers_are_standard(scheme: Scheme) -> None:
    drawn = [plan(scheme, block_size=5_000).block(number, 5_000) for number in range(4)]
    normals = np.concatenate([one.normals for one in drawn]).reshape(20_000, 8)
    uniforms = np.concatenate([one.uniforms for one in drawn]).reshape(20_000, 2)
    # Four standard errors of 20,000 independent draws (antithetic: of its 10,000 pairs).
    error = 4.0 / np.sqrt(20_000 if scheme is not Scheme.ANTITHETIC else 10_000)
    assert np.abs(normals.mean(axis=0)).max() < error
    assert np.abs(np.cov(normals.T) - np.eye(8)).max() < error * np.sqrt(2.0)
    assert np.abs(uniforms.mean(axis=0) - 0.5).max() < error * np.sqrt(1.0 / 12.0)
    assert uniforms.min() > 0.0
    assert uniforms.max() < 1.0


@pytest.mark.parametrize("scheme", [Scheme.PSEUDO, Scheme.ANTITHETIC, Scheme.SOBOL])
def test_a_cut_block_is_the_start_of_the_whole(scheme: Scheme) -> None:
    whole, cut = plan(scheme).block(2, 1_000), plan(scheme).block(2, 137)
    assert (whole.normals[:137] == cut.normals).all()
    assert (whole.uniforms[:137] == cut.uniforms).all()


def test_antithetic_scenarios_are_mirror_images() -> None:
    drawn = plan(Scheme.ANTITHETIC).block(0, 1_000)
    assert (drawn.normals[::2] == -drawn.normals[1::2]).all()
    assert (drawn.uniforms[::2] == drawn.uniforms[1::2]).all()


@pytest.mark.parametrize(("rows", "whole"), [(1_000, True), (12, False)])
def test_matched_moments_are_exact(rows: int, whole: bool) -> None:
    normals = plan(Scheme.MOMENT_MATCHED).block(0, rows).normals.reshape(rows, 8)
    assert np.abs(normals.mean(axis=0)).max() < 1e-12
    covariance = normals.T @ normals / rows
    assert np.diagonal(covariance) == pytest.approx(np.ones(8))
    assert bool(np.abs(covariance - np.eye(8)).max() < 1e-12) is whole


def test_sobol_blocks_are_one_sequence() -> None:
    whole = sobol_block(3, 9, 0, 512)
    parts = [sobol_block(3, 9, number, 64) for number in range(8)]
    assert (np.concatenate(parts) == whole).all()
    # Scrambling keeps the net: each of the 512 slices of each axis has one point.
    for column in whole.T:
        assert sorted(np.floor(column * 512.0).astype(int)) == list(range(512))


def test_sobol_knows_its_limit() -> None:
    with pytest.raises(UserInputError, match=r"100 days of 301 numbers need 30,100"):
        DrawPlan(Scheme.SOBOL, 1, 100, normals=300, uniforms=1, days=100)


def test_sobol_integrates_ten_times_tighter() -> None:
    """E[exp(sum of z / 5)] over 5 normals is exp(5/50); root mean square error of 20 seeds."""
    exact = np.exp(0.5 * 5 / 25)
    errors = {}
    for scheme in (Scheme.PSEUDO, Scheme.SOBOL):
        found = [
            np.exp(
                DrawPlan(scheme, seed, 4_096, normals=5).block(0, 4_096).normals[:, 0].sum(axis=1)
                / 5
            ).mean()
            for seed in range(20)
        ]
        errors[scheme] = np.sqrt(np.mean((np.array(found) - exact) ** 2))
    # The pseudo-random error is the known one; Sobol's is at least ten times smaller.
    known = exact * np.sqrt((np.exp(5 / 25) - 1.0) / 4_096)
    assert errors[Scheme.PSEUDO] == pytest.approx(known, rel=0.5)
    assert errors[Scheme.SOBOL] < errors[Scheme.PSEUDO] / 10.0


@pytest.mark.parametrize("days", [1, 2, 3, 7, 10, 64])
def test_the_bridge_is_a_rotation_that_decides_the_end_first(days: int) -> None:
    matrix = bridge_matrix(days)
    assert matrix @ matrix.T == pytest.approx(np.eye(days), abs=1e-12)
    ends = matrix.sum(axis=0)
    assert ends[0] == pytest.approx(np.sqrt(days))
    assert np.abs(ends[1:]).max(initial=0.0) < 1e-12


def test_the_bridge_makes_the_end_of_a_path_as_even_as_one_dimension() -> None:
    ends = plan(Scheme.SOBOL, normals=1, uniforms=0, days=16, block_size=256).block(0, 256)
    chances = np.sort(ndtr(ends.normals[:, :, 0].sum(axis=1) / 4.0))
    assert np.abs(chances - (np.arange(256) + 0.5) / 256).max() < 1.0 / 256


def test_streams_are_those_of_their_seed_name_and_block() -> None:
    kinds = [(1, "a", 0), (1, "a", 1), (1, "b", 0), (2, "a", 0)]
    assert len({block_stream(*kind).random() for kind in kinds}) == 4
    for bad in (-1, True, 1.5):
        with pytest.raises(UserInputError, match="whole number"):
            block_stream(bad, "a", 0)  # type: ignore[arg-type]
