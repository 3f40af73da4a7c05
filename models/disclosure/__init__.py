"""Disclosure control: counts of people so small that they tell who somebody is, hidden before results are written."""

from models.disclosure.chain import apart
from models.disclosure.table import hidden

__all__ = ["apart", "hidden"]
