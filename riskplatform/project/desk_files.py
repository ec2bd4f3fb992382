"""Files that a new desk begins with: what is written in them is what holds without them."""

from __future__ import annotations

IGNORED = "data/\ninbox/\nreports/\n"

GATE = """\
# The gate before the venue: every order passes each of these checks. This is what holds if the
# file is not there; change what your desk wants otherwise. `riskplatform gate rules` shows it.
# mode: block, trim (to what fits, where a check can), warn or off.

# Children never exceed what was approved, on its side and in its time.
parent: {mode: block}
# Whole lots; an odd one only as the last of what was approved.
lots: {mode: block}
# What may not be traded, by instrument or by issuer.
restricted: {mode: block, instruments: [], issuers: []}
# The market is open and not halted.
session: {mode: block}
# The last quote is so many seconds old at most, and not ahead of our clock.
fresh: {mode: block, seconds: 300.0, ahead_seconds: 2.0}
# The order's price against the market's middle, in basis points: towards the market, away from it,
# and how far the market may be from the price that was decided on.
collar: {mode: block, away_bp: 200.0, passive_bp: 2000.0, decision_bp: 1000.0}
# No chasing of a price that ran away within so many seconds.
period_collar: {mode: block, away_bp: 500.0, seconds: 300.0}
# Not the same order twice, by its id ever or by what it is within so many seconds.
duplicate: {mode: block, seconds: 5.0}
# It would not meet an open order of our own.
self_cross: {mode: block}
# So many messages to the venue at most in any so many seconds.
messages: {mode: block, at_most: 50, seconds: 1.0}
# After so many orders of one line and side a person must look: only those named here release it.
repeats: {mode: block, at_most: 500, hours: 24.0, released_by: []}
# One order: units, money in the base currency, and a share of the daily volume; null is no cap.
size: {mode: block, quantity: null, notional: 25000000.0, volume_share: 0.1}
# One day (UTC): in all, of a portfolio, of an instrument, of its daily volume, and orders.
day:
  mode: block
  notional: 1000000000.0
  portfolio_notional: 250000000.0
  instrument_notional: 100000000.0
  volume_share: 0.25
  orders: 20000
# The limits of the desk, as if all that is open were filled; soft ones, and those without a number.
limits: {mode: block, soft: warn, unmeasured: block}
"""

COSTS = """\
# What trading costs, for the algorithms that plan by it. This is what holds if the file is not
# there: half a spread, and a day's volatility for a day's volume by the square-root law.
# _bp are hundredths of a percent of the value (of a year, for borrowing); fees per unit and the
# least fee are in the base currency. `groups` hold other terms by kind of instrument.
model_id: square-root
half_spread_bp: 3.0
temporary: 1.0
exponent: 0.5
permanent: 0.0
turnover_power: 0.0
days: 1.0
fee_bp: 0.0
fee_per_unit: 0.0
least_fee: 0.0
borrow_bp: 50.0
# groups:
#   equity: {fee_bp: 0.5}
"""

FILES = {".gitignore": IGNORED, "gate.yaml": GATE, "costs.yaml": COSTS}
"""By name, in the desk's folder."""
