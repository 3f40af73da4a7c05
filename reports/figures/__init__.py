"""Figures: from rows of the results to SVG, readable without colour."""
