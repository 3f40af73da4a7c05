"""Formulas: text to terms."""
