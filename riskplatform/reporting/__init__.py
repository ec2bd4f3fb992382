"""Results in; text, tables, HTML and Excel out."""
