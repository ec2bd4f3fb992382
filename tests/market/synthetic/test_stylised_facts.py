"""What markets are known for, tested with statistics (Cont 2001 lists most of these facts)."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from scipy import stats

from riskplatform.market.synthetic.crises import PANDEMIC_2020, RATES_AND_BANKS_2022_23, crisis_days
from riskplatform.market.synthetic.history import SyntheticHistory
from riskplatform.market.synthetic.simulate import simulate
from riskplatform.market.synthetic.streams import FloatArray


def hill_tail_index(returns: FloatArray, share: float = 0.04) -> float:
    """Hill's estimate of the tail index from the largest losses."""
    losses = np.sort(-returns)[::-1]
    count = int(share * losses.size)
    return float(1.0 / np.mean(np.log(losses[:count] / losses[count])))


def ljung_box(values: FloatArray, lags: int = 10) -> float:
    """p-value that the first autocorrelations are all zero."""
    centred = values - values.mean()
    size = centred.size
    power = (centred**2).sum()
    rho = np.array([(centred[lag:] * centred[:-lag]).sum() / power for lag in range(1, lags + 1)])
    statistic = size * (size + 2) * (rho**2 / (size - np.arange(1, lags + 1))).sum()
    return float(stats.chi2.sf(statistic, lags))


def mean_correlation(returns: FloatArray) -> float:
    correlation = np.corrcoef(returns.T)
    size = correlation.shape[0]
    return float((correlation.sum() - size) / (size * (size - 1)))


def correlation(first: FloatArray, second: FloatArray) -> float:
    return float(np.corrcoef(first, second)[0, 1])


def in_year(history: SyntheticHistory, year: int) -> np.ndarray:
    return history.dates.astype("datetime64[Y]").astype(int)[1:] + 1970 == year


def test_tails_are_fat(index_returns: FloatArray, share_returns: FloatArray) -> None:
    assert 2.0 < hill_tail_index(index_returns) < 5.0
    assert stats.kurtosis(index_returns) > 3.0
    indices = [hill_tail_index(column) for column in share_returns.T]
    assert 2.5 < np.median(indices) < 5.0
    assert np.quantile(stats.kurtosis(share_returns), 0.05) > 1.0


def test_volatility_clusters_and_returns_do_not(
    index_returns: FloatArray, share_returns: FloatArray
) -> None:
    assert ljung_box(index_returns**2) < 1e-10
    squares = [ljung_box(np.abs(column)) for column in share_returns.T]
    assert np.mean(np.array(squares) < 0.01) > 0.9
    first_lag = [correlation(column[1:], column[:-1]) for column in share_returns.T]
    assert abs(np.mean(first_lag)) < 0.05


def test_clustering_is_not_only_the_crises(
    history: SyntheticHistory, index_returns: FloatArray
) -> None:
    calm = index_returns[~crisis_days(history.dates)[1:]]
    assert ljung_box(calm**2) < 1e-4


def test_falls_raise_volatility_more_than_rises(index_returns: FloatArray) -> None:
    lags = range(1, 11)
    leverage = [correlation(index_returns[:-lag], index_returns[lag:] ** 2) for lag in lags]
    assert np.mean(leverage) < -0.02


def test_correlation_rises_in_crises(history: SyntheticHistory, share_returns: FloatArray) -> None:
    crash = PANDEMIC_2020.days(history.dates)[1:]
    banks = RATES_AND_BANKS_2022_23.days(history.dates)[1:]
    calm = mean_correlation(share_returns[in_year(history, 2019)])
    assert 0.10 < calm < 0.30
    assert mean_correlation(share_returns[crash]) > calm + 0.2
    assert mean_correlation(share_returns[banks]) > calm + 0.05


def test_one_market_eigenvalue_and_several_above_noise(share_returns: FloatArray) -> None:
    days, names = share_returns.shape
    eigenvalues = np.linalg.eigvalsh(np.corrcoef(share_returns.T))[::-1]
    noise_edge = (1.0 + np.sqrt(names / days)) ** 2  # Marchenko and Pastur
    assert 0.12 < eigenvalues[0] / names < 0.40
    assert 10 <= (eigenvalues > 1.2 * noise_edge).sum() <= 45


def test_sectors_and_countries_hold_together(
    history: SyntheticHistory, share_returns: FloatArray
) -> None:
    shares = [name for name in history.universe.names if name.kind == "equity"]
    matrix = np.corrcoef(share_returns.T)
    sector = np.array([name.sector_code for name in shares])
    country = np.array([name.country for name in shares])
    off = ~np.eye(len(shares), dtype=bool)
    same_sector, same_country = sector[:, None] == sector, country[:, None] == country
    neither = matrix[off & ~same_sector & ~same_country].mean()
    assert matrix[off & same_sector & ~same_country].mean() > neither + 0.03
    assert matrix[off & ~same_sector & same_country].mean() > neither + 0.02


def test_the_index_looks_like_an_index(
    history: SyntheticHistory, index_returns: FloatArray
) -> None:
    calm = ~crisis_days(history.dates)[1:]
    assert 0.12 < index_returns[calm].std() * np.sqrt(252) < 0.20
    spring = (history.dates >= np.datetime64("2020-01-15")) & (
        history.dates <= np.datetime64("2020-05-31")
    )
    level = history.indices.of("IDX.US500")[spring]
    assert -0.37 < (level / np.maximum.accumulate(level)).min() - 1.0 < -0.28
    assert 0.02 < np.log(history.indices.of("IDX.US500")[-1] / 2000.0) / 9.5 < 0.16


@pytest.mark.parametrize("year", [2017, 2021, 2024])
def test_shares_vary_about_as_much_as_shares_do(
    history: SyntheticHistory, share_returns: FloatArray, year: int
) -> None:
    volatility = share_returns[in_year(history, year)].std(axis=0) * np.sqrt(252)
    assert 0.20 < np.median(volatility) < 0.38
    assert volatility.min() > 0.08


def test_levels_a_risk_manager_remembers(history: SyntheticHistory) -> None:
    year = history.dates.astype("datetime64[Y]").astype(int) + 1970
    dollar = 100.0 * history.curves.at("USD.GOVT", 10.0)
    assert 0.2 < dollar[year == 2020].min() < 0.9
    assert 3.5 < dollar[year == 2023].mean() < 5.0
    for curve in ("EUR.OIS", "CHF.OIS", "JPY.OIS"):
        assert history.curves.at(curve, 0.25)[(year >= 2017) & (year <= 2021)].mean() < 0.0
    assert history.curves.at("USD.OIS", 0.25)[year == 2021].mean() < 0.004
    assert history.curves.at("USD.OIS", 0.25)[year == 2023].mean() > 0.045
    euro = history.usd_per_unit.of("EUR")
    assert euro.min() > 0.93
    assert euro.max() < 1.29
    assert 10 < history.commodities.of("WTI")[year == 2020].min() < 30
    assert 90 < history.commodities.of("WTI")[year == 2022].max() < 150


def test_currencies_and_commodities_move_as_much_as_they_do(history: SyntheticHistory) -> None:
    def volatility(factor_id: str) -> float:
        return float(history.factors.returns_of(factor_id).std() * np.sqrt(252))

    assert 0.05 < volatility("FX.EUR") < 0.11
    assert volatility("FX.HKD") < 0.01
    assert 0.10 < volatility("FX.BRL") < 0.22
    assert 0.25 < volatility("CM.WTI") < 0.50
    assert 0.10 < volatility("CM.GOLD") < 0.20
    assert 0.45 < volatility("CX.BTC") < 0.85


def test_stress_links_asset_classes(history: SyntheticHistory) -> None:
    returns = history.factors.returns_of
    market = returns("STY.MARKET")
    assert correlation(market, returns("CR.NA_HY.5Y")) < -0.4
    assert correlation(market, returns("FX.AUD")) > 0.1
    assert correlation(market, returns("CM.WTI")) > 0.1
    assert correlation(returns("IR.USD.OIS.10Y"), returns("IR.EUR.OIS.10Y")) > 0.4
    assert correlation(returns("IR.USD.OIS.10Y"), returns("CM.GOLD")) < -0.1
    assert correlation(returns("CX.BTC"), returns("CX.ETH")) > 0.5


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_facts_do_not_hang_on_one_seed(seed: int) -> None:
    other = simulate(date(2024, 12, 31), seed)
    returns = np.diff(np.log(other.indices.of("IDX.US500")))
    calm = ~crisis_days(other.dates)[1:]
    assert stats.kurtosis(returns) > 3.0
    assert ljung_box(returns**2) < 1e-10
    assert 0.11 < returns[calm].std() * np.sqrt(252) < 0.20
    leverage = [correlation(returns[:-lag], returns[lag:] ** 2) for lag in range(1, 11)]
    assert np.mean(leverage) < 0.0
