"""Published results, and whether they come out again: `publish`, `verify`, `compare`."""
