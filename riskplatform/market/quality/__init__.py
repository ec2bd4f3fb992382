"""Quality of price series: what looks wrong is marked, and a repaired series stands beside it."""

from riskplatform.market.quality.assess import QualityReport, assess_prices
from riskplatform.market.quality.rules import DEFAULT_RULES, QualityRules, Rule, Severity

__all__ = ["DEFAULT_RULES", "QualityReport", "QualityRules", "Rule", "Severity", "assess_prices"]
