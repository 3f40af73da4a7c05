"""Compiled refits of one model to many samples."""
