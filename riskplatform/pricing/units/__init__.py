"""Units of every kind of instrument, valued in many market states at once.

Flows (:mod:`.flows`: what a unit pays), plan (:mod:`.plan`: sparse matrices, once for a book and a
horizon), engine (:mod:`.engine`: one product for all states), gradient (:mod:`.sensitivities`).
:mod:`.book` joins them. The descriptions that make flows of instruments are in
:mod:`riskplatform.pricing.rates` and :mod:`riskplatform.pricing.spots`.
"""
