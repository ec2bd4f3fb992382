"""Trading over several periods: what is expected decays, and trading costs.

``towards_aim`` is the closed form without constraints; ``receding_horizon`` the convex programme
with them, of which the first period is traded and the rest planned anew the next day. ``costs``
takes the terms of both from the cost model.
"""

from riskplatform.optimisation.multi_period.costs import PlannedCosts, planned_costs
from riskplatform.optimisation.multi_period.receding_horizon import RecedingHorizon
from riskplatform.optimisation.multi_period.signals import Signal
from riskplatform.optimisation.multi_period.towards_aim import TowardsAim

__all__ = ["PlannedCosts", "RecedingHorizon", "Signal", "TowardsAim", "planned_costs"]
