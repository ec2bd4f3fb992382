"""Copulas: fitted to known worlds, and simulated dependence against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, special, stats

from riskplatform.errors import DataError
from riskplatform.simulation import (
    Copula,
    FittedCopula,
    ScenarioSet,
    copula_plan,
    fit_copula,
    fit_marginals,
    fitted_copula_plan,
    t_tail_dependence,
)
from riskplatform.simulation.copula_fit import CopulaFamily
from riskplatform.simulation.ranks import kendall_tau, pseudo_observations
from riskplatform.simulation.skewed_t import (
    conditional_scales,
    log_bessel,
    log_density,
    skewed_table,
)
from tests.simulation.worlds import axis_of, equicorrelation, history_of, t_moves

N = 400_000
NORMAL = fit_marginals(np.random.default_rng(1).standard_normal((500, 2)), "normal")


def simulated(
    nu: float, correlation: float, skew: float = 0.0, scheme: str = "pseudo"
) -> ScenarioSet:
    family = CopulaFamily.SKEWED_T if skew else CopulaFamily.T
    fitted = FittedCopula(family, equicorrelation(2, correlation), nu, skew)
    recipe = Copula(scenarios=N, scheme=scheme)
    return fitted_copula_plan(axis_of(2), fitted, NORMAL, recipe, seed=3).materialise()


def joint_below(nu: float, correlation: float, chance: float) -> float:
    """P(both components of a bivariate t are below their ``chance`` quantile), by quadrature."""
    x = stats.t.ppf(chance, nu)

    def given(y: float) -> float:
        scale = np.sqrt((nu + y * y) * (1.0 - correlation**2) / (nu + 1.0))
        return float(stats.t.pdf(y, nu) * stats.t.cdf((x - correlation * y) / scale, nu + 1.0))

    tail, _ = integrate.quad(lambda s: given(x / s) * -x / s**2, 0.0, 1.0)
    return float(tail)


def test_tail_dependence_in_closed_form_is_the_limit() -> None:
    """Demarta and McNeil's table: nu 4, correlation 0.5 has 0.25; and the quadrature's limit."""
    assert t_tail_dependence(4.0, 0.5) == pytest.approx(0.2532, abs=5e-5)
    assert t_tail_dependence(10.0, 0.0) == pytest.approx(0.0067, abs=5e-4)
    for nu, correlation in ((3.0, 0.5), (5.0, -0.2)):
        limit = joint_below(nu, correlation, 1e-10) / 1e-10
        assert limit == pytest.approx(t_tail_dependence(nu, correlation), rel=2e-3)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["pseudo", "sobol"])
@pytest.mark.parametrize(("nu", "correlation"), [(3.0, 0.5), (6.0, 0.3)])
def test_simulated_tails_are_those_of_the_copula(
    scheme: str, nu: float, correlation: float
) -> None:
    uniforms = stats.norm.cdf(
        (simulated(nu, correlation, scheme=scheme).moves - NORMAL.ordered.mean(axis=0))
        / NORMAL.ordered.std(axis=0, ddof=1)
    )
    assert stats.kstest(uniforms[:, 0], "uniform").pvalue > 1e-3
    for chance in (0.1, 0.01, 0.001):
        expected = joint_below(nu, correlation, chance)
        error = np.sqrt(expected / N)
        for tail in (uniforms < chance, uniforms > 1.0 - chance):
            assert tail.all(axis=1).mean() == pytest.approx(expected, abs=3.5 * error)
    # At one in a thousand the conditional chance is near the limit, and above it.
    last = (uniforms < 0.001).all(axis=1).mean() / 0.001
    assert last == pytest.approx(t_tail_dependence(nu, correlation), abs=0.1)


@pytest.mark.slow
def test_simulated_rank_correlation_is_the_fitted_one() -> None:
    """Kendall's tau of any t copula is 2/pi · asin(correlation)."""
    made = simulated(4.0, 0.6).moves[:4_000]
    tau = stats.kendalltau(made[:, 0], made[:, 1]).statistic
    assert tau == pytest.approx(2.0 / np.pi * np.arcsin(0.6), abs=4.0 * 2.0 / 3.0 / np.sqrt(4_000))


@pytest.mark.slow
def test_a_negative_skew_makes_joint_falls_likelier() -> None:
    uniforms = pseudo_observations(simulated(5.0, 0.4, skew=-0.6).moves)
    falls = (uniforms < 0.01).all(axis=1).mean() / 0.01
    rises = (uniforms > 0.99).all(axis=1).mean() / 0.01
    assert falls > 3.0 * rises
    rng = np.random.default_rng(9)
    scale = 5.0 / rng.chisquare(5.0, (N, 1))
    normals = rng.standard_normal((N, 2)) @ np.linalg.cholesky(equicorrelation(2, 0.4)).T
    direct = pseudo_observations(-0.6 * scale + np.sqrt(scale) * normals)
    for tail in (lambda u: u < 0.01, lambda u: u > 0.99):
        ours, theirs = (tail(one).all(axis=1).mean() for one in (uniforms, direct))
        assert ours == pytest.approx(theirs, abs=4.0 * np.sqrt(2.0 * theirs / N))


@pytest.mark.slow
@pytest.mark.parametrize("size", [3, 40])
def test_the_t_fit_finds_its_world(size: int) -> None:
    """1,500 days, four worlds: one fit of nu has a standard error of 7%, their mean of 3.5%."""
    worlds = [t_moves(1_500, 5.0, equicorrelation(size, 0.4), seed) for seed in range(4)]
    fits = [fit_copula(moves, "t") for moves in worlds]
    assert np.mean([fit.nu for fit in fits]) == pytest.approx(5.0, rel=0.1)
    fitted = fits[0]
    off = fitted.correlation[np.triu_indices(size, 1)]
    assert off.mean() == pytest.approx(0.4, abs=0.04)
    assert np.abs(off - 0.4).max() < 0.12


@pytest.mark.slow
def test_the_skewed_fit_finds_its_world() -> None:
    rng = np.random.default_rng(4)
    scale = 6.0 / rng.chisquare(6.0, (4_000, 1))
    normals = rng.standard_normal((4_000, 4)) @ np.linalg.cholesky(equicorrelation(4, 0.5)).T
    fitted = fit_copula(-0.7 * scale + np.sqrt(scale) * normals, "skewed_t")
    assert fitted.nu == pytest.approx(6.0, rel=0.25)
    assert fitted.skew == pytest.approx(-0.7, abs=0.3)
    assert fitted.correlation[np.triu_indices(4, 1)].mean() == pytest.approx(0.5, abs=0.08)
    given = fit_copula(normals, "skewed_t", nu=8.0)
    assert given.nu == 8.0
    assert abs(given.skew) < 0.5


def test_the_gaussian_fit_is_the_correlation_of_normal_scores() -> None:
    moves = t_moves(800, 200.0, equicorrelation(3, 0.5), 5)
    fitted = fit_copula(np.exp(moves), "gaussian")
    scores = special.ndtri(pseudo_observations(moves))
    assert fitted.correlation == pytest.approx(np.corrcoef(scores.T), abs=1e-12)
    assert np.isinf(fitted.nu)


@pytest.mark.slow
@pytest.mark.parametrize("family", ["gaussian", "t", "skewed_t"])
@pytest.mark.parametrize("marginals", ["empirical", "gpd"])
def test_a_set_keeps_marginals_and_correlations(family: str, marginals: str) -> None:
    history = history_of(t_moves(1_000, 5.0, equicorrelation(3, 0.5), 6))
    recipe = Copula(scenarios=50_000, family=family, marginals=marginals, horizon_days=4)
    plan = copula_plan(history, recipe, seed=7)
    found = plan.materialise(workers=2).describe()
    table = found.moments
    # Four days of one: deviations and means grow with 2 and 4; heavy tails, 50,000 draws.
    assert (table["deviation"] / table["input_deviation"]).to_numpy() == pytest.approx(
        1.0, abs=0.05
    )
    assert np.abs(table["mean"] - table["input_mean"]).max() < 4e-4
    assert found.correlation_gap is not None
    assert found.correlation_gap < 0.06
    assert any("nu" in note for note in plan.notes) is (family != "gaussian")


def test_kendall_is_scipys_ties_and_all() -> None:
    moves = np.round(t_moves(200, 4.0, equicorrelation(4, 0.3), 1), 2)
    moves[:, 3] = 0.5
    found = kendall_tau(moves)
    for i, j in ((0, 1), (1, 2)):
        assert found[i, j] == pytest.approx(stats.kendalltau(moves[:, i], moves[:, j]).statistic)
    assert found[0, 3] == 0.0
    thinned = kendall_tau(t_moves(2_500, 4.0, equicorrelation(2, 0.5), 1))
    assert thinned[0, 1] == pytest.approx(1.0 / 3.0, abs=0.05)


def test_densities_are_scipys_and_integrate_to_one() -> None:
    x, matrix = np.random.default_rng(1).standard_normal((5, 3)), equicorrelation(3, 0.3)
    inverse = np.linalg.inv(matrix)
    quadratic = np.einsum("ni,ij,nj->n", x, inverse, x)
    determinant = np.log(np.linalg.det(matrix))
    ours = log_density(quadratic, np.zeros(5), 0.0, 5.0, 3, determinant)
    theirs = stats.multivariate_t(np.zeros(3), matrix, df=5.0).logpdf(x)
    assert ours == pytest.approx(theirs, abs=1e-10)

    def skewed(v: float) -> float:
        return float(np.exp(log_density(np.array(v * v), np.array(-0.6 * v), 0.36, 5.0, 1, 0.0)))

    assert integrate.quad(skewed, -np.inf, np.inf)[0] == pytest.approx(1.0, abs=1e-7)
    below, _ = integrate.quad(skewed, -np.inf, -4.0)
    assert skewed_table(5.0, -0.6).cdf(np.array([-4.0]))[0] == pytest.approx(below, abs=2e-6)
    back = skewed_table(5.0, -0.6).quantile(np.array([below]))
    assert back[0] == pytest.approx(-4.0, abs=1e-3)


@pytest.mark.parametrize("order", [2.5, 40.0, 60.0, 120.0])
def test_bessel_functions_of_any_order(order: float) -> None:
    at = np.array([0.5, 5.0, 50.0, 200.0])
    assert log_bessel(order, at) == pytest.approx(np.log(special.kv(order, at)), rel=1e-8)
    assert np.isfinite(log_bessel(400.0, at)).all()


def test_conditional_scales_by_quadrature() -> None:
    """E[W | x] and E[1/W | x] from the joint density of x and W, integrated over W."""
    nu, skew, x = 5.0, -0.6, -1.3

    def joint(w: float) -> float:
        prior = stats.invgamma.pdf(w, nu / 2.0, scale=nu / 2.0)
        return float(prior * stats.norm.pdf(x, skew * w, np.sqrt(w)))

    total = integrate.quad(joint, 0.0, np.inf)[0]
    mean, inverse = conditional_scales(np.array([x * x]), skew * skew, nu, 1)
    expected = integrate.quad(lambda w: w * joint(w), 0.0, np.inf)[0] / total
    assert mean[0] == pytest.approx(expected, rel=1e-6)
    expected = integrate.quad(lambda w: joint(w) / w, 0.0, np.inf)[0] / total
    assert inverse[0] == pytest.approx(expected, rel=1e-6)


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(DataError, match="does not exist"):
        FittedCopula(CopulaFamily.T, np.eye(2), nu=np.inf, skew=0.5)
    short = history_of(t_moves(50, 5.0, equicorrelation(2, 0.5), 1))
    with pytest.raises(DataError, match="100 moves over 1 days are needed"):
        copula_plan(short, seed=1)


def test_a_world_without_common_shocks_is_told_to_be_nearly_gaussian() -> None:
    normals = np.random.default_rng(3).standard_normal((800, 6))
    plan = copula_plan(history_of(0.01 * normals), Copula(scenarios=10), seed=1)
    assert any("nearly Gaussian" in note for note in plan.notes)
