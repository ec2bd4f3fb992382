"""Value objects and nothing else: money, identifiers, instruments, portfolio tree, transactions.

This room imports only the standard library and :mod:`riskplatform.errors`.
"""
