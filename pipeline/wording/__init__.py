"""What the command line says: a key with values, worded in the reader's language."""
