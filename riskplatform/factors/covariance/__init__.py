"""Covariance of factor returns: estimators with one contract.

``estimator.fit(returns, names, weights=None)`` gives a frozen
:class:`~riskplatform.factors.covariance.result.CovarianceResult`. Every one is positive
semi-definite; where that took a repair, the result says so. Import from the modules, or by name
with :func:`~riskplatform.factors.covariance.catalogue.estimator`.
"""
