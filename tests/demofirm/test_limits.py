"""The demo firm's limits: kept with the desk, all measurable, most kept, a few not."""

from __future__ import annotations

import pytest

from riskplatform.demofirm.limits import firm_limits
from riskplatform.demofirm.tree import FIRM, FUNDS
from riskplatform.desk import Desk
from riskplatform.risk.limits import Light, completed
from tests.demofirm.conftest import AS_OF, Story

pytestmark = pytest.mark.slow


def test_the_desk_keeps_them_from_the_firm_s_first_day(demo: Desk, story: Story) -> None:
    inception = story.stage.day(story.stage.opening)
    told = [completed(limit, "USD") for limit in firm_limits(inception)]
    assert demo.limits() == tuple(sorted(told, key=lambda limit: limit.limit_id))
    assert demo.limits(AS_OF) == demo.limits()
    assert len({limit.limit_id for limit in told}) == len(told) == 60
    assert all(limit.owner and limit.soft is not None for limit in told)
    assert {FIRM, *(fund.portfolio_id for fund in FUNDS)} <= {limit.node for limit in told}
    assert all(limit.node in demo.portfolios() for limit in told)


def test_most_are_kept_and_the_page_has_something_to_show(demo: Desk) -> None:
    report = demo.check_limits()
    assert report.provenance.as_of == AS_OF
    assert report.is_complete
    assert len(report.of(Light.GREEN)) >= 50
    assert 1 <= len(report.of(Light.AMBER)) <= 8
    assert {check.limit.limit_id for check in report.breaches} == {"CRE.HY.ISSUER", "MAS.EQ.DAYS"}
