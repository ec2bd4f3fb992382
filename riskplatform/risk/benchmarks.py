"""A benchmark of a node: holdings on the book's axis, brought to the node's size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from riskplatform.domain.outcome import Coverage, Failure, FailureReason
from riskplatform.domain.portfolio import PortfolioTree
from riskplatform.market.content import FloatArray
from riskplatform.risk.book import ScenarioView
from riskplatform.risk.measures import against_benchmark, volatility


@dataclass(frozen=True, slots=True, eq=False)
class Benchmark:
    """``holdings`` by instrument of the book; what the book's cube does not have is uncovered.

    ``covered_share`` is of the benchmark's value, where that is known.
    """

    benchmark_id: str
    holdings: FloatArray
    coverage: Coverage
    covered_share: float | None


@dataclass(frozen=True, slots=True)
class AgainstIts:
    """A node against its benchmark of the same value; the tracking error is money per horizon.

    ``beta`` is per unit of the benchmark's P&L; neither is there where the benchmark never moves.
    """

    benchmark_id: str
    tracking_error: float
    beta: float | None
    correlation: float | None
    value: float
    coverage: Coverage
    covered_share: float | None

    def to_dict(self) -> dict[str, Any]:
        return {
            "benchmark_id": self.benchmark_id,
            "tracking_error": self.tracking_error,
            "tracking_error_share": self.tracking_error / self.value,
            "beta": self.beta,
            "correlation": self.correlation,
            "covered": f"{self.coverage.done:,} of {self.coverage.total:,}",
            "covered_share": self.covered_share,
        }


def benchmark_of(tree: PortfolioTree, node: str | None) -> str | None:
    """The benchmark of a node, or of the nearest above it that has one; several firms have none."""
    above = () if node is None else tree.path(node)
    named = [tree.node(each).benchmark_id for each in reversed(above)]
    return next((each for each in named if each is not None), None)


def against_its(
    gains: FloatArray, held: FloatArray, view: ScenarioView, benchmark: Benchmark
) -> AgainstIts | Failure:
    """Tracking error, beta and correlation of a node against its benchmark, scaled to its value."""
    name = benchmark.benchmark_id
    value, size = view.worth(held), view.worth(benchmark.holdings)
    if value <= 0.0 or size <= 0.0:
        what = "node" if value <= 0.0 else "benchmark"
        message = f"The value of the {what} is not above zero; {name} cannot be brought to its size"
        return Failure(FailureReason.NOT_SUPPORTED, message, name)
    other = view.of_one(benchmark.holdings) * (value / size)
    beta = correlation = None
    if other.max() > other.min():
        found = against_benchmark(gains, other, view.weights)
        beta, correlation = float(found.beta), float(found.correlation)
    return AgainstIts(
        benchmark_id=name,
        tracking_error=float(volatility(gains - other, view.weights)),
        beta=beta,
        correlation=correlation,
        value=value,
        coverage=benchmark.coverage,
        covered_share=benchmark.covered_share,
    )
