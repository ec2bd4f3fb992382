"""GARCH and GJR: volatility that remembers. ``model`` filters and forecasts with compiled loops;
``fit`` estimates by the package ``arch``; ``many`` does so for a whole table of factors."""
