"""Numbers as they are printed, after APA style: real minus signs, no leading zero where 1 is the bound."""

from __future__ import annotations

import math
import re

import pandas as pd

EMPTY = "–"


def missing(value: object) -> bool:
    """Whether there is nothing to print."""
    return value is None or bool(pd.isna(value))  # type: ignore[call-overload]


def _signed(text: str) -> str:
    if text.startswith("-") and not text.strip("-0."):
        text = text[1:]
    return text.replace("-", "−")


def decimal(value: float, digits: int = 2) -> str:
    """A number with fixed decimals and a leading zero: 1.20, −0.35."""
    return EMPTY if missing(value) else _signed(f"{value:,.{digits}f}")


def bounded(value: float, digits: int = 2) -> str:
    """A number that cannot exceed 1 in size (p, r, α …): .73, −.05, 1.00."""
    if missing(value):
        return EMPTY
    text = f"{value:.{digits}f}"
    sign, rest = ("-", text[1:]) if text.startswith("-") else ("", text)
    return _signed(sign + (rest[1:] if rest.startswith("0.") else rest))


def pvalue(value: float, digits: int = 3) -> str:
    """.034, and < .001 below that."""
    if missing(value):
        return EMPTY
    least = 10.0**-digits
    return f"< {bounded(least, digits)}" if value < least / 2 else bounded(value, digits)


def equation(symbol: str, text: str) -> str:
    """`p = .034`, `p < .001`."""
    return f"{symbol} {text}" if text[:1] in "<>" else f"{symbol} = {text}"


def count(value: float, sign: str = "") -> str:
    """Whole numbers with thousands separated; `sign="+"` shows the sign of positive ones too."""
    return EMPTY if missing(value) else _signed(f"{int(round(value)):{sign},}")


def percent(share: float, digits: int = 1) -> str:
    """A share as a percentage."""
    return EMPTY if missing(share) else _signed(f"{100 * share:.{digits}f}%")


def decimals(values: list[float], significant: int = 3) -> int:
    """Decimals with which the largest of `values` shows so many significant digits (2 to 5)."""
    sizes = [abs(v) for v in values if not missing(v) and v != 0]
    if not sizes:
        return 2
    return min(max(significant - 1 - math.floor(math.log10(max(sizes))), 2), 5)


def shared(estimates: list[float], errors: list[float]) -> int:
    """Decimals of a column: its smallest error shows two significant digits (2 to 4), its largest estimate one."""
    finest = min((abs(error) for error in errors if not missing(error) and error), default=None)
    needed = decimals(estimates, 1) if finest is not None else decimals(estimates)
    return max(needed, min(decimals([finest], 2), 4)) if finest is not None else needed


def interval(lower: float, upper: float, digits: int = 2, form=decimal) -> str:
    """[0.32, 1.14]; nothing when a bound is missing."""
    return "" if missing(lower) or missing(upper) else f"[{form(lower, digits)}, {form(upper, digits)}]"


_NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?")


def written(text: str) -> str:
    """A number that a stage wrote as text, as it is printed elsewhere: 15,341; −0.071; 3.0 × 10⁵. Other text stays."""
    if not _NUMBER.fullmatch(text):
        return text
    if "e" in text:
        return tiny(float(text))
    whole, point, rest = text.partition(".")
    grouped = f"{int(whole):,}" if len(whole.lstrip("-")) > 3 else whole
    return _signed(grouped + point + rest)


def tiny(value: float) -> str:
    """A deviation near zero in powers of ten: 8.0 × 10⁻⁷."""
    if missing(value):
        return EMPTY
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{_signed(mantissa)}\u00a0×\u00a010" + str(int(exponent)).translate(
        str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
    )
