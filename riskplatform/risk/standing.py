"""Whether scenarios can carry a risk: enough of them, and each standing for a likelihood."""

from __future__ import annotations

from riskplatform.errors import MissingDataError, UserInputError
from riskplatform.risk.book import ScenarioView
from riskplatform.risk.checks import checked_confidence
from riskplatform.risk.sample import too_few


def check_view(view: ScenarioView, confidence: float) -> None:
    """Refuse what has no quantile: stress scenarios, and fewer than one in the tail."""
    few = too_few(len(view.labels), checked_confidence(confidence))
    check_likelihood(view)
    if few is not None:
        raise MissingDataError(
            f"{few.message} (scenario set {view.name}).",
            hint="Ask for a lower confidence, or for a set of more scenarios.",
        )


def check_likelihood(view: ScenarioView) -> None:
    """Refuse scenarios that stand for themselves."""
    if view.is_stress:
        raise UserInputError(
            f"The scenarios of {view.name} stand for themselves and for no likelihood: there is no "
            "VaR of them.",
            hint="Name a set of history or of draws; stress results are `riskplatform scenario "
            "run`.",
        )
