"""Reads and checks the content of a desk: scenarios/, models/, jobs/, all by path."""
