"""Verbs of what-if: what trades and other changes would do, before anybody does them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from riskplatform.desk.core import DeskCore

if TYPE_CHECKING:
    import pandas as pd

    from riskplatform.desk.risk_books import Asked
    from riskplatform.desk.what_if_session import WhatIfSession, Written
    from riskplatform.risk.what_if import HedgeReport, WhatIfResult

    Progress = Callable[[int, int], None]


class WhatIfVerbs(DeskCore):
    """What it would be."""

    def what_if_session(
        self,
        as_of: date | None = None,
        *,
        scenarios: Sequence[Asked] | None = None,
        confidence: float = 0.99,
        with_limits: bool = True,
        with_stress: bool = True,
        progress: Progress | None = None,
    ) -> WhatIfSession:
        """The book of a day held ready: each question after this takes milliseconds."""
        from riskplatform.desk.what_if_session import WhatIfSession

        return WhatIfSession(
            self._me,
            self.as_of(as_of),
            scenarios=scenarios,
            confidence=confidence,
            with_limits=with_limits,
            with_stress=with_stress,
            progress=progress,
        )

    def what_if(
        self,
        changes: str | Iterable[Written],
        node: str | None = None,
        as_of: date | None = None,
        *,
        name: str = "",
        self_financed: bool = True,
        scenarios: Sequence[Asked] | None = None,
        confidence: float = 0.99,
        methods: Collection[str] = (),
        with_limits: bool = True,
        with_stress: bool = True,
        progress: Progress | None = None,
    ) -> WhatIfResult:
        """Value, exposures, VaR and ES, stress and limits of a node with changes and without.

        ``changes`` are lines such as "BOOK: AAPL +1000", "AAPL -50%", "AAPL -> 0", "scale BOOK 0.5"
        or "remove BOOK", in their order. Instruments need not be held, only known. A ``name`` keeps
        the question in the desk's what-if/ folder. ``methods`` of risk (``all`` that suit) add
        their VaR and ES, which takes a second or more.
        """
        if name:
            self._check_name(name)
        session = self.what_if_session(
            as_of,
            scenarios=scenarios,
            confidence=confidence,
            with_limits=with_limits,
            with_stress=with_stress,
            progress=progress,
        )
        lines = changes if isinstance(changes, str) else list(changes)
        found = session.ask(lines, node, self_financed=self_financed, name=name, methods=methods)
        if name:
            self.save_what_if(name, lines, node=node, self_financed=self_financed)
        return found

    def save_what_if(
        self,
        name: str,
        changes: str | Iterable[Written],
        *,
        node: str | None = None,
        title: str = "",
        self_financed: bool = True,
    ) -> Path:
        """Keep a question under a name; the file."""
        from riskplatform.desk.what_if_files import save
        from riskplatform.desk.what_if_session import written

        return save(
            self._me, name, written(changes), node=node, title=title, self_financed=self_financed
        )

    def hedges(
        self,
        node: str | None = None,
        as_of: date | None = None,
        *,
        risk: str = "es",
        scenarios: Asked = "historical",
        confidence: float = 0.99,
        candidates: Sequence[str] | None = None,
        budget: float | None = None,
        shown: int = 10,
        progress: Progress | None = None,
    ) -> HedgeReport:
        """Trades that cut a risk of a node most for what they cost, each sized in full.

        ``risk``: es, var, volatility or an exposure such as delta or dv01. ``budget`` is the most
        money to trade, a tenth of the node's gross value if not given.
        """
        session = self.what_if_session(
            as_of, scenarios=(scenarios,), confidence=confidence, with_limits=False,
            with_stress=False, progress=progress,
        )  # fmt: skip
        return session.hedges(node, risk=risk, candidates=candidates, budget=budget, shown=shown)

    def what_ifs(self) -> pd.DataFrame:
        """The questions that are kept."""
        from riskplatform.desk.what_if_files import table

        return table(self._me)

    def run_what_if(
        self,
        name_or_file: str | Path,
        as_of: date | None = None,
        *,
        node: str | None = None,
        self_financed: bool | None = None,
        save_as: str = "",
        confidence: float = 0.99,
        methods: Collection[str] = (),
        progress: Progress | None = None,
    ) -> WhatIfResult:
        """Ask a question that is kept, or that of a file, again.

        What is given here stands before what the file says; ``save_as`` keeps it under that name.
        """
        from riskplatform.desk.what_if_files import kept, read

        if save_as:
            self._check_name(save_as)
        path = Path(name_or_file)
        one = read(path) if path.suffix in (".yaml", ".yml") else kept(self._me, str(name_or_file))
        is_paid = one.self_financed if self_financed is None else self_financed
        session = self.what_if_session(as_of, confidence=confidence, progress=progress)
        found = session.ask(
            one.changes,
            node or one.node,
            self_financed=is_paid,
            name=save_as or one.name,
            methods=methods,
        )
        if save_as:
            self.save_what_if(
                save_as, one.changes, node=node or one.node, title=one.title, self_financed=is_paid
            )
        return found

    def _check_name(self, name: str) -> None:
        """Before anything is priced."""
        from riskplatform.desk.what_if_files import path_of

        path_of(self._me, name)
