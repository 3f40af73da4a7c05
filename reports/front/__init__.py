"""The front page: what was asked and found, how sure it is, the verdicts, the sources."""
