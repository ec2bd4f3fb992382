"""Options without a formula: American barriers, and averages of fixings on any days.

QuantLib and the heavy recursions run in worker processes (:mod:`workers`), never in the caller's;
many market states of one contract are read off a spot-vol grid whose error is measured
(:mod:`grid`). :func:`riskplatform.pricing.exotics.values.exotic_values` is the way in.
"""
