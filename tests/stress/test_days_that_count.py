"""Which days a covariance is of, and that its quick form is the same estimate."""

from __future__ import annotations

import numpy as np
import pytest

from riskplatform.errors import MissingDataError, UnknownNameError, UserInputError
from riskplatform.factors.covariance.matrices import LowRank
from riskplatform.factors.covariance.shrinkage import LedoitWolf
from riskplatform.market.content import FloatArray
from riskplatform.stress.days_that_count import DaysThatCount, covariance_of_days


def history(days: int = 60, factors: int = 100, seed: int = 0) -> tuple[FloatArray, list[str]]:
    rng = np.random.default_rng(seed)
    own = rng.standard_normal((days, factors)) * np.geomspace(1e-4, 0.1, factors)
    common = rng.standard_normal((days, 1)) * np.geomspace(1e-4, 0.1, factors)
    return own + common, [f"f{i}" for i in range(factors)]


def test_few_days_of_many_factors_are_ledoit_and_wolf_without_the_dense_matrix() -> None:
    moves, names = history()
    found = covariance_of_days(moves, names)
    plain = LedoitWolf().fit(moves, names)
    assert isinstance(found.matrix, LowRank)
    assert found.matrix.rank < len(moves)
    assert found.shrinkage == pytest.approx(plain.shrinkage, rel=1e-9)
    assert found.covariance == pytest.approx(plain.covariance, rel=1e-9, abs=1e-16)
    assert found.method_id == f"{plain.method_id}, all days"
    # The components are in the order of their size, as those who look for them expect.
    scaled = found.matrix.loadings / found.volatility[:, None]
    assert (np.diff(np.sum(scaled**2, axis=0)) <= 1e-12).all()


def test_many_days_of_few_factors_are_ledoit_and_wolf() -> None:
    moves, names = history(200, 5)
    found = covariance_of_days(moves, names)
    assert found.covariance == pytest.approx(LedoitWolf().fit(moves, names).covariance)


def test_a_window_is_the_last_days() -> None:
    moves, names = history(200, 5)
    found = covariance_of_days(moves, names, DaysThatCount(window_days=50))
    assert found.covariance == pytest.approx(LedoitWolf().fit(moves[-50:], names).covariance)
    assert "50 days" in found.method_id


def test_days_on_which_a_factor_was_beyond_a_quantile() -> None:
    moves, names = history(400, 5)
    worst = moves[:, 2] <= np.quantile(moves[:, 2], 0.1)
    chosen = DaysThatCount(factor_id="f2", below=0.1)
    found = covariance_of_days(moves, names, chosen)
    assert found.observations == worst.sum() == 40
    # Days on one side of a factor: about zero, and shrunk.
    moment = moves[worst].T @ moves[worst] / 40
    share = found.shrinkage or 0.0
    wanted = (1.0 - share) * moment + share * np.diag(np.diag(moment))
    assert 0.0 < share < 0.2
    assert found.covariance == pytest.approx(wanted, rel=1e-9, abs=1e-16)
    both = DaysThatCount(factor_id="f2", below=0.1, above=0.9).weights(moves, names)
    assert both.sum() == 80
    assert str(chosen) == "days of all days with f2 below its 10% quantile"


@pytest.mark.slow
def test_a_regime_is_the_days_of_its_volatility() -> None:
    """Three hundred calm days with a hundred three times as wild in their middle."""
    moves, names = history(400, 6, seed=3)
    wild = np.zeros(400, dtype=bool)
    wild[150:250] = True
    moves[wild] *= 3.0
    turbulent, calm = (
        DaysThatCount(regime=regime).weights(moves, names) for regime in ("turbulent", "calm")
    )
    assert turbulent[wild].mean() > 0.9
    assert turbulent[~wild].mean() < 0.1
    assert calm[~wild].mean() > 0.9
    volatile = covariance_of_days(moves, names, DaysThatCount(regime="turbulent")).volatility
    quiet = covariance_of_days(moves, names, DaysThatCount(regime="calm")).volatility
    assert volatile / quiet == pytest.approx(3.0, rel=0.25)


def test_a_factor_that_stands_still_on_these_days_is_left_out() -> None:
    moves, names = history(30, 40)
    moves[:, 3] = 0.0
    found = covariance_of_days(moves, names)
    assert found.names == tuple(name for name in names if name != "f3")
    others = np.delete(np.arange(40), 3)
    plain = LedoitWolf().fit(moves[:, others], found.names)
    assert found.covariance == pytest.approx(plain.covariance, rel=1e-9, abs=1e-16)
    with pytest.raises(MissingDataError, match="No factor moves"):
        covariance_of_days(np.zeros((30, 2)), ["a", "b"])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"window_days": 1}, "2 or more"),
        ({"regime": "turbulant"}, "turbulent"),
        ({"factor_id": "f1"}, "need the factor and a quantile"),
        ({"below": 0.1}, "need the factor and a quantile"),
        ({"factor_id": "f1", "below": 10.0}, "between 0 and 1"),
        ({"factor_id": "f1", "below": 0.1, "regime": "calm"}, "not by both"),
    ],
)
def test_choices_that_cannot_be(options: dict[str, object], words: str) -> None:
    with pytest.raises((UserInputError, UnknownNameError), match=words):
        DaysThatCount(**options)  # type: ignore[arg-type]


def test_too_few_days_and_unknown_factors() -> None:
    moves, names = history(100, 5)
    with pytest.raises(MissingDataError, match="There are 5 days"):
        covariance_of_days(moves, names, DaysThatCount(factor_id="f1", below=0.05))
    with pytest.raises(UnknownNameError, match="f9"):
        covariance_of_days(moves, names, DaysThatCount(factor_id="f9", below=0.5))
