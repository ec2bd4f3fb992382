"""Fragile directions: what is known in closed form, and that every one is revalued in full."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import linalg

from riskplatform.errors import UserInputError
from riskplatform.stress.fragile import minimal_shock_directions
from riskplatform.stress.plausibility import plausibility
from riskplatform.stress.revaluer import DeltaGammaRevaluer, LinearRevaluer
from tests.stress.option_books import BY_MOVES, SIGMA, Line, OptionBook
from tests.stress.test_conditional import NAMES, covariance, low_rank
from tests.stress.test_reverse import exposures


def test_the_steepest_direction_of_a_linear_book_is_the_covariance_times_its_exposures() -> None:
    sigma, held = covariance(), exposures()
    for form in (sigma, low_rank(size=5)):
        dense = form if isinstance(form, np.ndarray) else form.dense()
        found = minimal_shock_directions(form, held, names=NAMES, distance=2.0)
        deviation = math.sqrt(held @ dense @ held)
        worst = found.worst
        assert worst.name == "steepest"
        assert worst.loss_per_sigma == pytest.approx(deviation, rel=1e-9)
        assert worst.moves == pytest.approx(-2.0 * dense @ held / deviation, rel=1e-9)
        assert worst.opposite == pytest.approx(-worst.loss)
        assert worst.share == pytest.approx(1.0)
        assert worst.bent == pytest.approx(0.0, abs=1e-6 * worst.loss)
        for each in found.directions:
            assert plausibility(each.moves, form).distance == pytest.approx(2.0, rel=1e-9)
            assert each.loss == pytest.approx(-held @ each.moves)
            assert each.loss <= worst.loss * (1 + 1e-12)


def test_principal_components_share_the_variance_of_a_linear_book() -> None:
    """The share of a component is (w·v)² λ / w'Σw, of the components of correlation."""
    sigma, held = covariance(), exposures()
    scale = np.sqrt(np.diag(sigma))
    values, basis = linalg.eigh(sigma / np.outer(scale, scale))
    wanted = (held * scale @ basis) ** 2 * values / (held @ sigma @ held)
    found = minimal_shock_directions(sigma, held)
    shares = {
        each.name: each.share for each in found.directions if each.name.startswith("component")
    }
    assert len(shares) == 5
    assert sum(shares.values()) == pytest.approx(1.0)
    assert [shares[f"component {i}"] for i in range(1, 6)] == pytest.approx(wanted[::-1])


def test_a_book_without_delta_is_most_fragile_where_it_bends_most() -> None:
    """The largest eigenvalue of −Γ against Σ⁻¹, by another routine."""
    sigma = covariance(size=4)
    rng = np.random.default_rng(9)
    scale = np.sqrt(np.diag(sigma))
    bend = rng.standard_normal((4, 4)) / np.outer(scale, scale)
    gamma = -1e3 * (bend + bend.T)
    values, vectors = linalg.eigh(-gamma, np.linalg.inv(sigma))
    found = minimal_shock_directions(sigma, DeltaGammaRevaluer(np.zeros(4), gamma), distance=2.0)
    worst = found.worst
    assert worst.name == "curvature 1"
    assert worst.loss == pytest.approx(0.5 * values[-1] * 4.0, rel=1e-6)
    assert worst.bent == pytest.approx(worst.loss, rel=1e-6)
    assert worst.opposite == pytest.approx(worst.loss, rel=1e-6)
    along = (
        2.0 * vectors[:, -1] / math.sqrt(vectors[:, -1] @ np.linalg.solve(sigma, vectors[:, -1]))
    )
    assert np.abs(worst.moves) == pytest.approx(np.abs(along), rel=1e-4)


def test_an_option_book_is_revalued_in_full() -> None:
    book = OptionBook((Line(-80.0, 100.0), Line(-80.0, 100.0, is_call=True)), knows_slope=True)
    found = minimal_shock_directions(SIGMA, book, names=BY_MOVES, distance=4.0)
    for each in found.directions:
        gains = book.gains(np.stack([each.moves, -each.moves]))
        assert each.loss == pytest.approx(-gains[0])
        assert each.opposite == pytest.approx(-gains[1])
        assert each.loss >= each.opposite
    losses = [each.loss for each in found.directions]
    assert losses == sorted(losses, reverse=True)
    # It is short gamma: both ways of the worst direction lose, which the slope does not say.
    assert found.worst.opposite > 0.0
    assert found.worst.bent > 0.4 * found.worst.loss


def test_groups_and_what_is_shown() -> None:
    masks = {"prices": np.array([True, False, False, False, True]),
             "others": np.array([False, True, True, True, False])}  # fmt: skip
    found = minimal_shock_directions(
        covariance(), LinearRevaluer(exposures()), names=NAMES, groups=masks, count=4
    )
    assert len(found.directions) == 4
    assert {"prices", "others"} & {each.name for each in found.directions}
    table = found.to_frame()
    assert "σ" in table["factors"].iloc[0]
    assert set(found.factors()["factor_id"]) == set(NAMES)
    assert found.to_dict()["distance"] == 3.0
    assert "steepest" in found._repr_html_()
    with pytest.raises(UserInputError, match="above 0"):
        minimal_shock_directions(covariance(), exposures(), distance=0.0)
