"""What is said beside numbers, in ledgers and in errors: a key with named values, worded when somebody reads it."""

from models.remarks.beside import Remarks
from models.remarks.keys import kinds
from models.remarks.said import LANGUAGES, Caused, Names, Plain, Remark, Stated, packed, remark, unpacked
from models.remarks.words import catalogue

__all__ = [
    "LANGUAGES",
    "Caused",
    "Names",
    "Plain",
    "Remark",
    "Remarks",
    "Stated",
    "catalogue",
    "kinds",
    "packed",
    "remark",
    "unpacked",
]
