"""Factor returns, exposures to them, and their covariance.

Import from the modules: ``betas`` for regressions of names on factors, ``covariance`` for the
estimators, ``garch`` for volatility that changes from day to day.
"""
