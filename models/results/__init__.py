"""The vocabulary of the long results table: its families, quantities and columns, and the rows that are made of them."""

from models.results.dictionary import codebook
from models.results.long import COLUMNS, KEYS, NUMBERS, TEXTS, rows, whole
from models.results.vocabulary import Family, Quantity, UnknownName, columns, tables
from models.results.ways import Way, defined, way

__all__ = [
    "COLUMNS",
    "KEYS",
    "NUMBERS",
    "TEXTS",
    "Family",
    "Quantity",
    "UnknownName",
    "Way",
    "codebook",
    "columns",
    "defined",
    "rows",
    "tables",
    "way",
    "whole",
]
