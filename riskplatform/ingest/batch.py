"""The outcome of reading a file: what may be committed, and what was refused and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from riskplatform.domain.instruments import Instrument
from riskplatform.domain.transactions import Transaction
from riskplatform.errors import ImportRefusedError

if TYPE_CHECKING:
    import pandas as pd

Policy = Literal["all", "good rows"]
What = Literal["positions", "transactions", "instruments", "prices"]
WHATS: tuple[What, ...] = ("positions", "transactions", "instruments", "prices")


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One price as a lake row: lakes hold doubles, so this is where exactness ends."""

    instrument_id: str
    date: date
    close: float
    volume: float | None
    source: str


Item = Transaction | Instrument | PriceRow


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row that was not taken: where it is, what is wrong, what to do."""

    file: str
    line: int
    column: str | None
    value: str
    reason: str
    hint: str | None = None

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}" + (f", {self.column}" if self.column else "")
        return f"{where}: {self.reason}" + (f" {self.hint}" if self.hint else "")

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A line that repeats an earlier one and was left out."""

    file: str
    line: int
    first_line: int
    reason: str

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ImportBatch:
    """All that came of one file. Each row read is taken, unchanged, a duplicate or refused.

    ``items`` are the good ones; ``to_commit`` is what the policy lets through, which under
    ``"all"`` is nothing as soon as one row is refused.
    """

    what: What
    file: str
    content_id: str
    rows_read: int
    items: tuple[Item, ...]
    rows_taken: int
    rows_unchanged: int = 0
    refusals: tuple[Refusal, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    warnings: tuple[str, ...] = ()
    policy: Policy = "all"
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        """Whether no row was refused."""
        return not self.refusals

    @property
    def to_commit(self) -> tuple[Item, ...]:
        """What may be written, in one transaction."""
        return self.items if self.is_clean or self.policy == "good rows" else ()

    def require(self) -> tuple[Item, ...]:
        """``to_commit``, or an error that carries the refusals when the policy lets none in."""
        if self.refusals and self.policy == "all":
            raise ImportRefusedError(
                f"{self.file} was not imported: {len(self.refusals):,} of {self.rows_read:,} rows "
                f"are refused. The first: {self.refusals[0]}",
                self.refusals,
                hint='Mend them, or import the good rows alone (policy "good rows").',
            )
        return self.items

    def to_frame(self) -> pd.DataFrame:
        """The refusals, one row each."""
        import pandas as pd

        columns = ["file", "line", "column", "value", "reason", "hint"]
        return pd.DataFrame([r.to_dict() for r in self.refusals], columns=columns)

    def summary(self) -> str:
        """What happened, in one paragraph for people."""
        parts = [f"{self.file}: {self.rows_read:,} {self.what} rows read"]
        parts.append(f"{self.rows_taken:,} taken")
        if self.rows_unchanged:
            parts.append(f"{self.rows_unchanged:,} already so")
        if self.duplicates:
            parts.append(f"{len(self.duplicates):,} repeated and left out")
        parts.append(f"{len(self.refusals):,} refused")
        text = ", ".join(parts) + "."
        if self.refusals:
            reasons = Counter(refusal.column or "row" for refusal in self.refusals)
            text += " Refused by column: "
            text += ", ".join(f"{column} {count:,}" for column, count in reasons.most_common(5))
            text += (
                ". Nothing is committed, because the policy is all or nothing."
                if self.policy == "all"
                else ". Only the good rows are committed, as asked."
            )
        return text

    def to_dict(self) -> dict[str, Any]:
        return {
            "what": self.what,
            "file": self.file,
            "content_id": self.content_id,
            "rows_read": self.rows_read,
            "rows_taken": self.rows_taken,
            "rows_unchanged": self.rows_unchanged,
            "items": len(self.items),
            "items_to_commit": len(self.to_commit),
            "policy": self.policy,
            "refusals": [refusal.to_dict() for refusal in self.refusals],
            "duplicates": [duplicate.to_dict() for duplicate in self.duplicates],
            "warnings": list(self.warnings),
            "details": dict(self.details),
        }
