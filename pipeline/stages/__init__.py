"""The stages: each loads, calls one thing in `models`, saves."""
