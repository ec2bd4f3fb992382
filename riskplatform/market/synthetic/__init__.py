"""A synthetic market: invented companies, banks and prices that behave like real ones.

``simulate(as_of, seed)`` makes the whole daily history since 2016-01-04 as a frozen
:class:`~riskplatform.market.synthetic.history.SyntheticHistory`. Import from the modules.
"""
