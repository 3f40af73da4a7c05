"""Whether the scales measure the same in all groups."""
