"""Why the book made or lost what it did between two days.

Actual P&L line by line (:mod:`.accounting`), the gains of units by step revaluation
(:mod:`.revaluation`) or by sensitivities (:mod:`.taylor`), joined over the holdings of the earlier
day (:mod:`.join`). Terms and the unexplained sum to the actual P&L on every line.
"""

from riskplatform.risk.explain.result import ExplainResult
from riskplatform.risk.explain.terms import Term, Way, terms_of

__all__ = ["ExplainResult", "Term", "Way", "terms_of"]
