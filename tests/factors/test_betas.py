"""Betas against known truth, against statsmodels, and against broken data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskplatform.domain.outcome import FailureReason
from riskplatform.errors import MissingDataError
from riskplatform.factors.betas import FactorBetas, estimate_betas
from tests.factors.conftest import FACTORS, Truth, simulate


def estimate(truth: Truth, **changes: object) -> FactorBetas:
    given: dict[str, object] = {
        "returns": truth.returns,
        "factor_returns": truth.factor_returns,
        "factors_of": truth.factors_of,
        **changes,
    }
    return estimate_betas(**given, base_currency="USD", inputs={"test": "yes"})  # type: ignore[arg-type]


def errors_in_deviations(result: FactorBetas, truth: Truth) -> np.ndarray:
    frame = result.to_frame()
    true = truth.betas.stack()
    index = pd.MultiIndex.from_frame(frame[["factor_id", "instrument_id"]])
    return (
        (frame["beta"].to_numpy() - true.reindex(index)) / frame["standard_error"].to_numpy()
    ).to_numpy()


def statsmodels_fit(y: pd.Series, x: pd.DataFrame) -> object:
    api = pytest.importorskip("statsmodels.api")
    model = api.RLM(y.to_numpy(), api.add_constant(x.to_numpy()), M=api.robust.norms.HuberT(1.345))
    return model.fit(conv="coefs", tol=1e-13, maxiter=500, cov="H1")


@pytest.mark.parametrize("heavy", [False, True])
def test_known_betas_are_found_and_errors_are_as_large_as_stated(heavy: bool) -> None:
    truth = simulate(names=400, heavy=heavy, seed=11)
    z = errors_in_deviations(estimate(truth), truth)
    assert z.size == 2000
    # Of 2,000 normal numbers 5 to 6 lie beyond 3 and none beyond 5.
    assert np.abs(z).max() < 5.0
    assert np.mean(np.abs(z) < 3.0) > 0.993
    # Names share factor returns, so the share inside scatters more than of 2,000 lone draws.
    assert np.mean(np.abs(z) < 1.96) == pytest.approx(0.95, abs=0.015)
    assert np.std(z) == pytest.approx(1.0, abs=0.05)


def test_gross_outliers_leave_the_betas_alone(truth: Truth) -> None:
    rng = np.random.default_rng(3)
    spoilt = truth.returns.copy()
    wrong = rng.random(spoilt.shape) < 0.05
    spoilt = spoilt.mask(wrong, rng.choice([-1.0, 1.0], spoilt.shape) * 0.7)
    robust = estimate(truth, returns=spoilt)
    assert np.abs(errors_in_deviations(robust, truth)).max() < 4.5
    x = np.column_stack([np.ones(len(spoilt)), truth.factor_returns])
    squares = np.linalg.lstsq(x, spoilt.to_numpy(), rcond=None)[0][1:]
    by_squares = np.sqrt(np.mean((squares - truth.betas.to_numpy()) ** 2))
    by_huber = np.sqrt(np.mean((robust.matrix().to_numpy().T - truth.betas.to_numpy()) ** 2))
    assert by_huber < by_squares / 5
    assert (robust.diagnostics["downweighted_days"] > 25).all()


@pytest.mark.parametrize("heavy", [False, True])
def test_agrees_with_statsmodels(heavy: bool) -> None:
    truth = simulate(names=12, heavy=heavy, seed=5)
    truth.returns.iloc[100:140, 3] = np.nan
    result = estimate(truth)
    for name in truth.returns:
        y = truth.returns[name].dropna()
        other = statsmodels_fit(y, truth.factor_returns.loc[y.index])
        mine = result.estimates[result.estimates["instrument_id"] == name]
        about = result.diagnostics.set_index("instrument_id").loc[name]
        assert mine["beta"].to_numpy() == pytest.approx(other.params[1:], rel=1e-8, abs=1e-9)
        assert mine["standard_error"].to_numpy() == pytest.approx(other.bse[1:], rel=1e-8)
        assert mine["t_stat"].to_numpy() == pytest.approx(other.tvalues[1:], rel=1e-7)
        assert about["intercept_per_day"] == pytest.approx(other.params[0], rel=1e-7)
        assert about["intercept_standard_error"] == pytest.approx(other.bse[0], rel=1e-8)
        assert about["robust_scale_per_day"] == pytest.approx(other.scale, rel=1e-8)
        assert about["observations"] == len(y)
        # The second way to R²: one minus residual over total variance of the weighted days.
        w, r = other.weights, other.resid
        total = np.sum(w * (y - np.average(y, weights=w)) ** 2)
        assert about["r_squared"] == pytest.approx(1 - np.sum(w * r**2) / total, rel=1e-8)
        deviation = np.sqrt(np.sum(r**2) / (len(y) - 6))
        assert about["residual_volatility_per_day"] == pytest.approx(deviation, rel=1e-8)


def test_each_name_has_its_own_factors(truth: Truth) -> None:
    own = {name: FACTORS[: 1 + number % 5] for number, name in enumerate(truth.returns)}
    together = estimate(truth, factors_of=own)
    for name in ("N000", "N001", "N013", "N059"):
        alone = estimate(truth, returns=truth.returns[[name]], factors_of=own)
        part = together.estimates[together.estimates["instrument_id"] == name]
        pd.testing.assert_frame_equal(
            part.reset_index(drop=True), alone.estimates, rtol=1e-9, check_exact=False
        )
        assert tuple(part["factor_id"]) == own[name]
    assert together.matrix().loc["N000", "FX.EUR"] == 0.0


def test_bad_data_of_one_name_spoils_no_other(truth: Truth) -> None:
    good = estimate(truth)
    spoilt = truth.returns.copy()
    spoilt["N000"] = np.nan
    spoilt.iloc[:450, 1] = np.nan
    spoilt["N002"] = 0.0
    spoilt.iloc[::2, 3] = np.inf
    spoilt.iloc[7, 4], spoilt.iloc[8, 4] = 1e300, 1e5
    own = {**truth.factors_of, "N005": ()}
    result = estimate(truth, returns=spoilt, factors_of=own)
    reasons = {failure.subject: failure for failure in result.failures}
    assert set(reasons) == {"N000", "N001", "N002", "N005"}
    assert reasons["N001"].reason is FailureReason.MISSING_DATA
    assert reasons["N001"].message == "N001 has 54 days with all returns; 60 are needed"
    assert reasons["N002"].reason is FailureReason.INVALID_DATA
    assert result.coverage.done == 56
    assert result.diagnostics["observations"].iloc[0] == 252
    assert np.isfinite(result.estimates[["beta", "standard_error", "t_stat"]]).all(axis=None)
    untouched = [name for name in truth.returns if name > "N005"]
    mine = result.estimates[result.estimates["instrument_id"].isin(untouched)]
    before = good.estimates[good.estimates["instrument_id"].isin(untouched)]
    pd.testing.assert_frame_equal(
        mine.reset_index(drop=True), before.reset_index(drop=True), rtol=1e-9, check_exact=False
    )


def test_factors_that_cannot_be_told_apart_are_dropped_by_name(truth: Truth) -> None:
    factors = truth.factor_returns.copy()
    factors["STY.TWICE"] = 2.0 * factors["STY.MARKET"] - factors["FX.EUR"]
    factors["STY.FLAT"] = 0.001
    factors["STY.ZERO"] = 0.0
    factors["STY.YOUNG"] = factors["CTY.DE"].where(np.arange(len(factors)) >= 480)
    extra = ("STY.FLAT", "STY.ZERO", *FACTORS, "STY.TWICE", "STY.YOUNG", "STY.NONE")
    result = estimate(truth, factor_returns=factors, factors_of=dict.fromkeys(truth.returns, extra))
    why = result.dropped[result.dropped["instrument_id"] == "N000"]
    assert dict(zip(why["factor_id"], why["reason"], strict=True)) == {
        "STY.FLAT": "constant",
        "STY.ZERO": "constant",
        "STY.TWICE": "collinear",
        "STY.YOUNG": "fewer than 60 days",
        "STY.NONE": "no returns",
    }
    pd.testing.assert_frame_equal(
        result.matrix()[list(FACTORS)], estimate(truth).matrix(), rtol=1e-8, check_exact=False
    )


def test_an_exact_fit_is_certain(truth: Truth) -> None:
    exact = truth.factor_returns.to_numpy() @ truth.betas.to_numpy()
    returns = pd.DataFrame(exact, truth.returns.index, truth.returns.columns)
    result = estimate(truth, returns=returns)
    assert result.matrix().to_numpy() == pytest.approx(truth.betas.to_numpy().T, rel=1e-9)
    assert result.estimates["standard_error"].max() < 1e-10
    assert result.diagnostics["r_squared"].min() > 1 - 1e-12


def test_the_result_says_what_it_is(truth: Truth) -> None:
    result = estimate(truth)
    assert result.method == "Huber regression (k=1.345) of daily log returns, H1 standard errors"
    assert result.first_day.isoformat() == "2024-01-02"
    assert result.last_day == result.provenance.as_of == truth.returns.index[-1].date()
    assert result.provenance.run_id == estimate(truth).provenance.run_id
    assert result.to_dict()["window"][0] == "2024-01-02"
    assert "60 names" in result._repr_html_()


def test_nothing_to_estimate_from(truth: Truth) -> None:
    with pytest.raises(MissingDataError, match="no returns"):
        estimate(truth, returns=truth.returns.iloc[:0])
    nobody = estimate(truth, factors_of={})
    assert nobody.estimates.empty
    assert nobody.coverage.done == 0
    assert nobody.matrix().empty
