"""Backtests of VaR and ES: are the forecasts right, which model is best, what should be done.

``rolling_backtest`` runs models over a history without look-ahead, ``scorecard`` judges and ranks
them. Each test stands in a file with its name, takes plain rows of days and answers with a
:class:`Verdict`; none raises for a sample that is short, has no exception or nothing but.
"""

from riskplatform.risk.backtests.acerbi_szekely import z1, z2, z2_critical_value
from riskplatform.risk.backtests.attribution import Attribution, pnl_attribution
from riskplatform.risk.backtests.berkowitz import berkowitz
from riskplatform.risk.backtests.christoffersen import conditional_coverage, independence
from riskplatform.risk.backtests.confidence_set import ConfidenceSet, confidence_set
from riskplatform.risk.backtests.diebold_mariano import diebold_mariano
from riskplatform.risk.backtests.duration import durations
from riskplatform.risk.backtests.dynamic_quantile import dynamic_quantile
from riskplatform.risk.backtests.forecasts import Forecast, Forecasts, RiskModel, RollingModel
from riskplatform.risk.backtests.histories import PnlHistory, PnlKind
from riskplatform.risk.backtests.inputs import exceptions_of
from riskplatform.risk.backtests.kupiec import non_rejection_counts, pof, pof_of_count
from riskplatform.risk.backtests.models import usual_models
from riskplatform.risk.backtests.overlapping import overlapping_pof, overlapping_traffic_light
from riskplatform.risk.backtests.pit import (
    anderson_darling,
    cramer_von_mises,
    kolmogorov_smirnov,
)
from riskplatform.risk.backtests.ranking import Alert, ModelScore
from riskplatform.risk.backtests.recipes import RECIPES, model_of
from riskplatform.risk.backtests.result import BacktestResult
from riskplatform.risk.backtests.rolling import ModelRun, RollingBacktest, rolling_backtest
from riskplatform.risk.backtests.scorecard import Scorecard, scorecard
from riskplatform.risk.backtests.scores import fissler_ziegel_scores, quantile_scores
from riskplatform.risk.backtests.shapes import Normal, StudentT
from riskplatform.risk.backtests.strip import by_year, daily_strip
from riskplatform.risk.backtests.tail_nulls import ParetoTail
from riskplatform.risk.backtests.tail_ranks import z3
from riskplatform.risk.backtests.traffic_light import Scheme, light_table, traffic_light
from riskplatform.risk.backtests.tuff import tuff
from riskplatform.risk.backtests.verdict import PValue, PValueKind, Verdict, Zone, verdict_table

__all__ = [
    "RECIPES",
    "Alert",
    "Attribution",
    "BacktestResult",
    "ConfidenceSet",
    "Forecast",
    "Forecasts",
    "ModelRun",
    "ModelScore",
    "Normal",
    "PValue",
    "PValueKind",
    "ParetoTail",
    "PnlHistory",
    "PnlKind",
    "RiskModel",
    "RollingBacktest",
    "RollingModel",
    "Scheme",
    "Scorecard",
    "StudentT",
    "Verdict",
    "Zone",
    "anderson_darling",
    "berkowitz",
    "by_year",
    "conditional_coverage",
    "confidence_set",
    "cramer_von_mises",
    "daily_strip",
    "diebold_mariano",
    "durations",
    "dynamic_quantile",
    "exceptions_of",
    "fissler_ziegel_scores",
    "independence",
    "kolmogorov_smirnov",
    "light_table",
    "model_of",
    "non_rejection_counts",
    "overlapping_pof",
    "overlapping_traffic_light",
    "pnl_attribution",
    "pof",
    "pof_of_count",
    "quantile_scores",
    "rolling_backtest",
    "scorecard",
    "traffic_light",
    "tuff",
    "usual_models",
    "verdict_table",
    "z1",
    "z2",
    "z2_critical_value",
    "z3",
]
