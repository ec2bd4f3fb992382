"""Execution: approved targets become orders, orders become fills, fills come back to the book.

Journal, then pure state machine, then effects: what is intended is durable before a venue sees it.
"""
