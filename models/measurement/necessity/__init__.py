"""Whether a high outcome needs a high condition."""
