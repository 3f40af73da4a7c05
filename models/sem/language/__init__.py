"""Model text to the table of parameters."""
