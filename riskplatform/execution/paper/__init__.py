"""A venue that exists only here: a seeded market, its matching, and a process of its own."""
