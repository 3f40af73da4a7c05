"""The minimum, within the constraints."""
