"""What one unit of an instrument is worth, and the value of lines made of such units."""
