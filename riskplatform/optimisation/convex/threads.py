"""How many threads the linear algebra of one programme is worth."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from typing import Any

_WORTH_MORE = 2_000
"""Assets from which a second thread gains more than it costs."""


def one_thread(assets: int) -> AbstractContextManager[Any]:
    """One thread for small matrices: several spin on one another's locks, and where the machine is
    shared a solve of a second takes half a minute."""
    if assets >= _WORTH_MORE:
        return nullcontext()
    limited: AbstractContextManager[Any] = _controller().limit(limits=1, user_api="blas")
    return limited


@lru_cache(maxsize=1)
def _controller() -> Any:
    """Of the libraries that are loaded once a solver runs: finding them takes a millisecond."""
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

    return ThreadpoolController()
