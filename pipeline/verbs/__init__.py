"""The verbs of `stickiness`, one a module: `add_to` declares its arguments, `run` does what it says."""
