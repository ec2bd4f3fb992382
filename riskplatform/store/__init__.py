"""What the platform remembers: the ledger, the lake and the cubes."""
