"""What the scales measure and how well: items, dimensions, reliability, validity, method."""
