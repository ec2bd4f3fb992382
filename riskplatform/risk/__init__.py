"""Risk: measures of P&L vectors by many methods, taken apart, backtested and limited."""
