"""Runs jobs when they are due, each exactly once however many schedulers there are.

The ledger's journal decides: a run has one name (job and scheduled time) and its first place in
the journal goes to one process. APScheduler, which lives only here, is the alarm clock.
"""
