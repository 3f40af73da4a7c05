"""How a result shows itself: in a line, as text in a terminal, and as HTML in a notebook."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from html import escape
from numbers import Integral, Real
from typing import Any

import pandas as pd

from models.messages.places import padded, width

GAP = "  "


@dataclass(frozen=True, eq=False, repr=False)
class Summary:
    """A title, facts (label and value), tables (heading and frame) and remarks in words."""

    title: str
    facts: Sequence[tuple[str, object]] = ()
    tables: Sequence[tuple[str, pd.DataFrame]] = ()
    remarks: Sequence[str] = ()

    def text(self) -> str:
        """Return it as lines of text."""
        blocks = [self.title, "\n".join(_aligned([(f"{GAP}{label}", _shown(value)) for label, value in self.facts]))]
        blocks += ["\n".join([f"{heading}:" if heading else "", *_lines(frame)]) for heading, frame in self.tables]
        blocks += ["\n".join(["Remarks:", *(f"{GAP}{remark}" for remark in self.remarks)])] if self.remarks else []
        return "\n\n".join(block.lstrip("\n") for block in blocks if block)

    def __str__(self) -> str:
        """Return the text."""
        return self.text()

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.html()

    def html(self) -> str:
        """Return it as HTML, every name escaped."""
        facts = "".join(f"<tr><th>{escape(f)}</th><td>{escape(_shown(v))}</td></tr>" for f, v in self.facts)
        parts = [f"<p><strong>{escape(self.title)}</strong></p>", f"<table>{facts}</table>"]
        for heading, frame in self.tables:
            rows = [_row("th", map(str, frame.columns)), *(_row("td", row) for row in _cells(frame))]
            parts.append(f"<p>{escape(heading)}</p><table>{''.join(rows)}</table>")
        items = "".join(f"<li>{escape(remark)}</li>" for remark in self.remarks)
        return "\n".join([*parts, f"<ul>{items}</ul>" if items else ""])


class Summarised:
    """A result that shows itself: `repr` in a line, `str` and notebooks as a `Summary`.

    Without a `_summary` of its own, a result shows the facts of `glance` (or its single values) and the table of
    `tidy` (or its frames).
    """

    def _summary(self) -> Summary:
        tidy: Any = getattr(self, "tidy", None)
        tables = [("", tidy())] if tidy else [(n, v) for n, v in _values(self) if isinstance(v, pd.DataFrame)]
        single = {name for name, _ in _single(self)}
        tables = [(n, frame) for n, frame in tables if len(frame) > 1 or not single.issuperset(frame.columns)]
        shown = {str(name) for _, frame in tables for name in frame.columns}
        return Summary(_words(type(self).__name__), _facts(self, shown), tables)

    def __repr__(self) -> str:
        """Return one line, whatever the size of the result."""
        facts = ", ".join(f"{name}={_shown(value)}" for name, value in _single(self))
        return f"<{type(self).__name__}{': ' if facts else ''}{facts}>"

    def __str__(self) -> str:
        """Return the summary as text."""
        return self._summary().text()

    def _repr_html_(self) -> str:
        return self._summary().html()


def rows_left_out(dropped: pd.DataFrame) -> str:
    """Return how many rows were left out and by which rules, from a table of rule, rows, action."""
    lost = dropped[dropped["action"] == "dropped"].groupby("rule", sort=False)["rows"].sum()
    rules = "; ".join(f"{rule}: {rows}" for rule, rows in lost.items())
    return f"{lost.sum()} ({rules})" if rules else "0"


def _facts(result: object, shown: set[str]) -> list[tuple[str, object]]:
    glance: Any = getattr(result, "glance", None)
    row = glance().iloc[0].items() if glance else [fact for fact in _single(result) if fact[0] not in shown]
    dropped = getattr(result, "dropped", None)
    found = [(str(name), value) for name, value in row if not _blank(value) and name not in ("group", "n_dropped")]
    return [*found, ("rows left out", rows_left_out(dropped))] if isinstance(dropped, pd.DataFrame) else found


def _values(result: object) -> list[tuple[str, object]]:
    return [(f.name, getattr(result, f.name)) for f in fields(result)] if is_dataclass(result) else []


def _single(result: object) -> Iterator[tuple[str, object]]:
    return ((name, value) for name, value in _values(result) if isinstance(value, (str, Real)))


def _blank(value: object) -> bool:
    return value is None or value == "" or (isinstance(value, float) and value != value)


def _words(name: str) -> str:
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]*", name)
    text = " ".join(word if word.isupper() else word.lower() for word in words)
    return text[:1].upper() + text[1:]


def _shown(value: object) -> str:
    if value is None or value is pd.NA or (isinstance(value, Real) and value != value):
        return ""
    if isinstance(value, (bool, str)) or not isinstance(value, Real):
        return str(value)
    number = float(value)
    if isinstance(value, Integral) or (abs(number) >= 1e6 and number.is_integer()):
        return str(int(number))
    return f"{number:.3f}" if number == 0 or 5e-4 <= abs(number) < 1e6 else f"{number:.2e}"


def _cells(frame: pd.DataFrame) -> list[list[str]]:
    columns = []
    for name in frame.columns:
        small = str(name) == "pvalue" or str(name).startswith("P(")
        columns.append([f"{v:.3f}" if small and isinstance(v, float) and v == v else _shown(v) for v in frame[name]])
    return [list(row) for row in zip(*columns, strict=True)]


def _lines(frame: pd.DataFrame) -> list[str]:
    numeric = [pd.api.types.is_numeric_dtype(frame[name]) for name in frame.columns]
    return _aligned([[str(name) for name in frame.columns], *_cells(frame)], numeric)


def _aligned(rows: Sequence[Sequence[str]], right: Sequence[bool] = (False, True)) -> list[str]:
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return [GAP.join(padded(*cell) for cell in zip(row, widths, right, strict=True)).rstrip() for row in rows]


def _row(tag: str, cells: Sequence[str] | Iterator[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"
