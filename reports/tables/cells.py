"""A coefficient and what stands below it, as the style of a journal has it."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from reports import numbers
from reports.style import Style
from reports.texts import Texts


def cell(row: pd.Series, digits: int, style: Style) -> Markup:
    """A coefficient with its stars over its interval or its standard error in parentheses, and over p without stars."""
    interval = numbers.interval(row["ci_lower"], row["ci_upper"], digits)
    error = "" if numbers.missing(row["se"]) else f"({numbers.decimal(row['se'], digits)})"
    p = "" if style.stars else numbers.equation("p", style.pvalue(row["pvalue"]))
    return over(
        style.starred(numbers.decimal(row["estimate"], digits), row["pvalue"]), shown(style, interval, error), p
    )


def shown(style: Style, interval: str, error: str) -> str:
    """The interval, or the error where the style prints no intervals; the other where one is missing."""
    return (interval or error) if style.intervals else (error or interval)


def over(first: Markup | str, *lines: str) -> Markup:
    """A number over small lines; empty ones are left out."""
    small = Markup("").join(Markup("<br><small>{}</small>").format(line) for line in lines if line)
    return Markup("{}{}").format(first, small)


def joint_test(row: Any, texts: Texts) -> str:
    """A joint test of several slopes: χ², or F where the row has denominator degrees of freedom."""
    size, df = numbers.decimal(row.statistic), numbers.count(row.df)
    if numbers.missing(row.df2):
        return texts("note.wald", chisq=size, df=df)
    return texts("note.f_test", f=size, df=df, df2=numbers.count(row.df2))


def held(style: Style, texts: Texts) -> str:
    """What such cells hold below the coefficient."""
    below = [texts("cell.interval" if style.intervals else "cell.error")]
    return texts.listing(below if style.stars else [*below, "p"])


def starred(style: Style, texts: Texts) -> str:
    """What the stars mean; empty where none are printed."""
    return style.levels + texts("punctuation.stop") if style.levels else ""
