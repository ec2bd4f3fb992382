"""Two states of volatility against statsmodels and known truth; weights by labels."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from riskplatform.errors import DataError, MissingDataError, UserInputError
from riskplatform.factors.covariance.hidden_states import fit_two_states
from riskplatform.factors.covariance.observations import observed
from riskplatform.factors.covariance.regimes import RegimeWeighted, first_component
from riskplatform.factors.covariance.sample import Sample

CALM, TURBULENT = 0.01, 0.03


def switching(days: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns and the state of each day: calm stays with 98%, turbulent with 94%."""
    rng = np.random.default_rng(seed)
    states = np.zeros(days, dtype=int)
    for day in range(1, days):
        stay = (0.98, 0.94)[states[day - 1]]
        states[day] = states[day - 1] if rng.random() < stay else 1 - states[day - 1]
    return rng.standard_normal(days) * np.where(states, TURBULENT, CALM), states


def test_known_states_are_found() -> None:
    series, states = switching(3000, seed=1)
    found = fit_two_states(series)
    assert found.deviations == pytest.approx([CALM, TURBULENT], rel=0.05)
    assert found.stay == pytest.approx([0.98, 0.94], abs=0.015)
    assert np.mean((found.smoothed[:, 1] > 0.5) == states) > 0.93
    assert found.smoothed.sum(axis=1) == pytest.approx(1.0)
    assert found.tomorrow.sum() == pytest.approx(1.0)


@pytest.mark.slow
def test_agrees_with_statsmodels() -> None:
    markov = pytest.importorskip("statsmodels.tsa.regime_switching.markov_regression")
    series, _ = switching(1000, seed=2)
    mine = fit_two_states(series)
    model = markov.MarkovRegression(series * 100, k_regimes=2, trend="n", switching_variance=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = model.fit(search_reps=20)
    assert mine.log_likelihood == pytest.approx(theirs.llf + 1000 * np.log(100), abs=1e-3)
    calm = int(np.argmin(theirs.params[-2:]))
    deviations = np.sqrt(theirs.params[-2:]) / 100
    assert mine.deviations == pytest.approx(np.sort(deviations), rel=1e-3)
    smoothed = np.asarray(theirs.smoothed_marginal_probabilities)[:, calm]
    assert mine.smoothed[:, 0] == pytest.approx(smoothed, abs=2e-3)


def panel(days: int = 1500, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Three factors, calm and uncorrelated or turbulent and correlated."""
    series, states = switching(days, seed)
    rng = np.random.default_rng(seed)
    own = rng.standard_normal((days, 3)) * CALM
    values = own + np.where(states, 1.0, 0.0)[:, None] * series[:, None]
    return values * [1.0, 10.0, 1e-3], states


def test_the_covariance_is_that_of_tomorrows_regimes() -> None:
    values, states = panel()
    result = RegimeWeighted().fit(values, "ABC")
    found = fit_two_states(first_component(observed(values, "ABC")))
    parts = [
        Sample(centred=False).fit(values, "ABC", weights=found.smoothed[:, state]).covariance
        for state in (0, 1)
    ]
    expected = found.tomorrow[0] * parts[0] + found.tomorrow[1] * parts[1]
    assert result.covariance == pytest.approx(expected, rel=1e-9)
    calm, turbulent = (values[states == state] for state in (0, 1))
    # Days that are taken for the other state move a variance by a tenth or so.
    assert np.diagonal(parts[0]) == pytest.approx(np.mean(calm**2, axis=0), rel=0.2)
    assert np.diagonal(parts[1]) == pytest.approx(np.mean(turbulent**2, axis=0), rel=0.2)
    measures = dict(result.diagnostics().to_numpy().tolist())
    assert measures["turbulent over calm volatility"] > 1.5
    assert result.effective_observations < 1500


def test_labels_choose_the_days() -> None:
    values, states = panel(300)
    labels = tuple("storm" if state else "calm" for state in states)
    storm = RegimeWeighted(labels=labels, now="storm").fit(values, "ABC")
    inside = values[states == 1]
    assert storm.covariance == pytest.approx(inside.T @ inside / len(inside), rel=1e-12)
    assert storm.observations == len(inside)
    last = RegimeWeighted(labels=labels)
    assert last.method_id == f"regime-weighted (labels, {labels[-1]})"
    weighted = RegimeWeighted(labels=labels, now="storm").fit(
        values, "ABC", weights=np.arange(300.0)
    )
    days = np.arange(300.0) * states
    assert weighted.covariance == pytest.approx(
        (values * days[:, None]).T @ values / days.sum(), rel=1e-12
    )


def test_a_series_of_ones_own_says_the_regime() -> None:
    values, _ = panel()
    series, _ = switching(1500, seed=3)
    result = RegimeWeighted(series=tuple(series)).fit(values, "ABC")
    assert "given series" in result.method_id
    assert result.covariance != pytest.approx(RegimeWeighted().fit(values, "ABC").covariance)


def test_one_regime_only_is_the_sample() -> None:
    """Without a second state the mixture is nearly the plain moment, never one of a day or two."""
    values = np.random.default_rng(5).standard_normal((600, 3))
    result = RegimeWeighted().fit(values, "ABC")
    assert result.covariance == pytest.approx(values.T @ values / 600, abs=0.2)
    assert result.effective_observations > 100


def test_what_cannot_be() -> None:
    values, states = panel(300)
    labels = tuple(str(state) for state in states)
    with pytest.raises(UserInputError, match="No day is labelled 'crash'; labels are 0, 1"):
        RegimeWeighted(labels=labels, now="crash").fit(values, "ABC")
    with pytest.raises(UserInputError, match="2 labels do not fit 300 days"):
        RegimeWeighted(labels=("a", "b")).fit(values, "ABC")
    with pytest.raises(UserInputError, match="A series of 2 days beside 300"):
        RegimeWeighted(series=(0.1, 0.2)).fit(values, "ABC")
    with pytest.raises(UserInputError, match="not both"):
        RegimeWeighted(labels=labels, series=(0.1,))
    with pytest.raises(UserInputError, match="needs labels"):
        RegimeWeighted(now="a")
    with pytest.raises(MissingDataError, match="Two states need 100 days"):
        RegimeWeighted().fit(values[:50], "ABC")
    with pytest.raises(DataError, match="without moves"):
        fit_two_states(np.zeros(200))
    nothing = (np.array(labels) != labels[-1]).astype(float)
    with pytest.raises(MissingDataError, match="No day with a weight"):
        RegimeWeighted(labels=labels).fit(values, "ABC", weights=nothing)
