"""Engines by name, and what is said when one cannot be had."""

from __future__ import annotations

import sys

import pytest

from riskplatform.errors import EnvironmentSetupError, UnknownNameError
from riskplatform.simulation.engines import LocalEngine, RayEngine, engine_named


def test_engines_by_the_names_of_the_setting() -> None:
    assert isinstance(engine_named("local"), LocalEngine)
    cluster = engine_named("ray", "10.0.0.1:6379")
    assert isinstance(cluster, RayEngine)
    assert cluster.address == "10.0.0.1:6379"
    with pytest.raises(UnknownNameError, match="no engine named 'rai'"):
        engine_named("rai")


def test_the_local_engine_does_one_part_after_another() -> None:
    found = LocalEngine().map(lambda shared, part: shared * part, 10, [1, 2, 3])
    assert list(found) == [(1, 10), (2, 20), (3, 30)]


def test_ray_that_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(EnvironmentSetupError, match=r"riskplatform\[scale\]"):
        next(RayEngine().map(lambda shared, part: part, None, [1]))
