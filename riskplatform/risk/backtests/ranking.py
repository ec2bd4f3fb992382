"""Which model to use, in plain words, and what to do about the one in use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from riskplatform.risk.backtests.verdict import Verdict, Zone


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelScore:
    """All that is known of one model. ``light`` is over the last 250 days.

    ``fissler_ziegel_score`` is None for all models when one of them has a day without a loss in
    its ES. ``verdicts`` holds every test by name, the ones below included.
    """

    name: str
    rank: int
    days: int
    exceptions: int
    expected: float
    light: Verdict
    coverage: Verdict
    conditional: Verdict
    dynamic: Verdict
    shortfall: Verdict
    verdicts: tuple[Verdict, ...]
    quantile_score: float
    fissler_ziegel_score: float | None
    set_p_value: float
    in_confidence_set: bool
    red_since: date | None

    @property
    def is_red(self) -> bool:
        return self.light.zone is Zone.RED

    @property
    def rejections(self) -> tuple[str, ...]:
        """The names of the tests that reject it."""
        return tuple(one.name for one in self.verdicts if one.is_rejected)

    def to_dict(self) -> dict[str, Any]:
        return {
            "rank": self.rank,
            "model": self.name,
            "days": self.days,
            "exceptions": self.exceptions,
            "expected": self.expected,
            "light": None if self.light.zone is None else self.light.zone.value,
            "exceptions_last_250": self.light.exceptions,
            "pof_p": self.coverage.p_value,
            "cc_p": self.conditional.p_value,
            "dq_p": self.dynamic.p_value,
            "es_p": self.shortfall.p_value,
            "quantile_score": self.quantile_score,
            "fissler_ziegel_score": self.fissler_ziegel_score,
            "mcs_p": self.set_p_value,
            "in_confidence_set": self.in_confidence_set,
            "rejected_by": ", ".join(self.rejections),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """The model in use has turned red. ``challenger`` is None when no model is better."""

    champion: str
    challenger: str | None
    red_since: date | None
    message: str

    def to_dict(self) -> dict[str, Any]:
        since = None if self.red_since is None else self.red_since.isoformat()
        return {"champion": self.champion, "challenger": self.challenger, "red_since": since,
                "message": self.message}  # fmt: skip


def sort_key(
    score: float, light: Verdict, coverage: Verdict, shortfall: Verdict
) -> tuple[bool, bool, float]:
    """Red models last, then those with too many or too large losses, each group by its score.

    A model that is too careful is not put behind by that: its score already pays for it.
    """
    expected = coverage.detail("expected")
    too_many = coverage.is_rejected and (coverage.exceptions or 0) > expected
    return light.zone is Zone.RED, too_many or shortfall.is_rejected, score


def recommendation(scores: tuple[ModelScore, ...]) -> str:
    """One or two sentences; ``scores`` are in order of rank."""
    if not scores:
        return "No model could be backtested."
    best = scores[0]
    by = "quantile" if best.fissler_ziegel_score is None else "Fissler-Ziegel"
    if len(scores) == 1:
        said = f"{best.name} is the only model here"
    elif best.is_red:
        said = (
            f"Every model is in the red zone; use {best.name} for now, because it has the smallest "
            f"{by} score among those least rejected"
        )
    else:
        said = f"Use {best.name}, because it has the smallest {by} score{_group(scores)}"
    said += (
        f": {best.exceptions} exceptions where {best.expected:.1f} were expected, "
        f"{_light_text(best)}."
    )
    return f"{said} {_rivals(scores)}{_doubts(best)}".strip()


def alert_of(champion: str, scores: tuple[ModelScore, ...]) -> Alert | None:
    """An alert when the model in use is red, with the best other model that is not."""
    own = next((one for one in scores if one.name == champion), None)
    if own is None or not own.is_red:
        return None
    challenger = next((one for one in scores if one.name != champion and not one.is_red), None)
    since = "" if own.red_since is None else f" since {own.red_since}"
    message = (
        f"{champion} is red{since}: {own.light.exceptions} exceptions in the last "
        f"{own.light.sample_size} days. "
    )
    if challenger is None:
        message += "No other model is out of the red zone; none is proposed."
    else:
        message += (
            f"{challenger.name} is proposed: {challenger.light.exceptions} exceptions on the same "
            f"days ({_zone(challenger)}), rank {challenger.rank} of {len(scores)}."
        )
    name = None if challenger is None else challenger.name
    return Alert(champion=champion, challenger=name, red_since=own.red_since, message=message)


def _zone(one: ModelScore) -> str:
    return "no light" if one.light.zone is None else one.light.zone.value


def _light_text(one: ModelScore) -> str:
    return (
        f"{_zone(one)} light with {one.light.exceptions} in the last {one.light.sample_size} days"
    )


def _group(scores: tuple[ModelScore, ...]) -> str:
    by_score = min(scores, key=_score)
    if by_score is scores[0]:
        return " of all"
    why = "is red" if by_score.is_red else "has too many or too large losses"
    return f" of the models that pass ({by_score.name} has a smaller one but {why})"


def _score(one: ModelScore) -> float:
    score = one.fissler_ziegel_score
    return one.quantile_score if score is None else score


def _rivals(scores: tuple[ModelScore, ...]) -> str:
    others = [one.name for one in scores[1:] if one.in_confidence_set]
    if len(scores) == 1:
        return ""
    if not scores[0].in_confidence_set:
        return "It is not in the model confidence set: by score alone another one is better. "
    if not others:
        return "No other model is in the model confidence set. "
    return f"By score it cannot be told from {', '.join(others)}. "


def _doubts(best: ModelScore) -> str:
    if not best.rejections:
        return "No test rejects it."
    return f"Bear in mind that it is rejected by: {', '.join(best.rejections)}."
