"""Fits beside each other, and what freeing a parameter would gain."""
