"""Answers to the moments that a model is fitted to."""
