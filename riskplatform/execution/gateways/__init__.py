"""Gateways: one protocol to many venues."""
