"""Rates and credit: instruments as cash-flow matrices against the curves of many states.

Description (:mod:`.describe`: what a unit pays), plan (:mod:`.plan`: sparse matrices, once for a
book and a horizon), engine (:mod:`.engine`: one product for all states). :mod:`.book` joins them;
:mod:`.sensitivities`, :mod:`.par_quotes`, :mod:`.measures` and :mod:`.yields` read the same flows.
"""
