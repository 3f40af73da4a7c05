"""What the estimates rest on: tests of assumptions, and how far the results move without them."""
