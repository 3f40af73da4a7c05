"""Verdicts of the front page: hypotheses that real data test, by data set, and what the others would take."""

from __future__ import annotations

from collections import Counter
from typing import Any

from markupsafe import Markup

from models import theory
from reports import numbers
from reports.exhibits import TEXT, Table
from reports.front.sets import Summary, sized, title
from reports.synthesis.found import KINDS, Found
from reports.tables.verdicts import mark
from reports.texts import Texts

# Columns of verdicts side by side on one sheet.
ABREAST = 4
UNTESTED = "not_testable"


def tested(found: list[Summary]) -> list[str]:
    """Hypotheses with a verdict from at least one of the data sets, in the order of the theory."""
    there = {row["hypothesis"] for entry in found for row in entry["verdicts"] if row["verdict"] != UNTESTED}
    return [name for name in theory.hypotheses() if name in there]


def tests(entry: Summary, kind: str) -> bool:
    """Whether a data set tests any hypothesis by a kind of data."""
    return any(row["kind"] == kind and row["verdict"] != UNTESTED for row in entry["verdicts"])


def silent(found: list[Summary], texts: Texts) -> str:
    """Data sets that have no column, because no hypothesis could be tested with them; empty where there are none."""
    without = [
        Markup("{}{}").format(title(entry, texts), texts("punctuation.aside", x=texts(f"kind.{kind}")))
        for entry in found
        for kind in entry["kinds"]
        if not tests(entry, kind)
    ]
    return (
        Markup(texts("site.silent", x="{}")).format(Markup(texts("punctuation.list")).join(without)) if without else ""
    )


def tables(found: list[Summary], texts: Texts) -> list[Table]:
    """Hypotheses × data sets and kinds of test that test one, in parts that fit a sheet of paper.

    The last part says how sure it is.
    """
    names, columns = tested(found), [(entry, kind) for entry in found for kind in entry["kinds"] if tests(entry, kind)]
    if not names:
        return []
    parts = [columns[first : first + ABREAST] for first in range(0, len(columns), ABREAST)]
    return [
        _part(part, names, found if part is parts[-1] else [], texts, f"{place}/{len(parts)}" * (len(parts) > 1))
        for place, part in enumerate(parts, 1)
    ]


def _part(columns: list[tuple[Summary, str]], names: list[str], sure: list[Summary], texts: Texts, place: str) -> Table:
    verdicts = {(s["data_set"], row["kind"], row["hypothesis"]): row for s, _ in columns for row in s["verdicts"]}
    rows = []
    for key in names:
        cells = [_cell(verdicts[entry["data_set"], kind, key], texts) for entry, kind in columns]
        first = Markup("<strong>{}</strong> {} <small>§ {}</small>").format(
            key, texts.claim(key), texts.section(theory.hypotheses()[key].section)
        )
        rows.append([first, *cells, *([_threats(key, sure, texts)] if sure else [])])
    head = [texts("head.hypothesis"), *(_column(entry, kind, texts) for entry, kind in columns)]
    caption = texts("site.verdicts_caption") + (texts("punctuation.aside", x=place) if place else "")
    return Table(
        name="matrix",
        caption=caption,
        head=[*head, *([texts("site.sure")] if sure else [])],
        kinds=[TEXT] * (1 + len(columns) + bool(sure)),
        rows=rows,
        stages=[],
    )


def _column(entry: Summary, kind: str, texts: Texts) -> Markup:
    marked = Markup("")
    if "published" in entry:
        marked = Markup("<br><em>{}</em>").format(texts("site.published", date=entry["published"]))
    said = Markup("{}<br><small>{}</small>{}<br><small>{}</small>")
    return said.format(title(entry, texts), sized(entry, kind, texts), marked, texts("site.beta"))


def _cell(row: dict[str, Any], texts: Texts) -> Markup:
    return Markup("{} {}").format(mark(row["verdict"], texts), effect(row))


def effect(row: dict[str, Any]) -> Markup:
    """A standardised effect with its interval; nothing where there is none."""
    if numbers.missing(row["standardised"]):
        return Markup("")
    low, high = (row.get(name, float("nan")) for name in ("zero_lower", "zero_upper"))
    digits = min(numbers.decimals([row["standardised"], low, high], 2), 4)
    bounds = numbers.interval(low, high, digits)
    shown = Markup("<span class='nowrap'>{}</span> <span class='nowrap'>{}</span>")
    return shown.format(numbers.decimal(row["standardised"], digits), bounds)


def _threats(hypothesis: str, found: list[Summary], texts: Texts) -> Markup:
    """The declared threats that the data speak for, kind by kind; of several data sets, in how many."""
    said = []
    for kind in KINDS:
        rows = [row for entry in found for row in entry["verdicts"] if row["kind"] == kind]
        rows = [row for row in rows if row["hypothesis"] == hypothesis and row["verdict"] != UNTESTED]
        named = Counter(threat for row in rows for threat in row.get("threats") or [])
        parts = []
        for threat, k in named.items():
            text = texts.pick(theory.threats()[threat].label)
            share = texts("together.of", k=numbers.count(k), n=numbers.count(len(rows)))
            parts.append(text + (texts("punctuation.aside", x=share) if len(rows) > 1 else ""))
        if parts:
            said.append(texts("punctuation.pair", a=texts(f"kind.{kind}"), b=texts("punctuation.clauses").join(parts)))
    return Markup('<span class="threats">{}</span>').format(
        texts("punctuation.clauses").join(said) or texts("site.none_named")
    )


def untested(found: list[Summary], together: Found, texts: Texts) -> Table:
    """Hypotheses that no real data set tests, with what the data sets at hand do not measure."""
    known, gaps = set(tested(found)), together.table("gaps", quantity="lacking")
    rows = []
    for name in theory.hypotheses():
        if name in known or not found:
            continue
        cells = []
        for kind in KINDS:
            lacking = gaps[(gaps["term"] == name) & (gaps["sample"] == kind)]["group"]
            reasons = dict.fromkeys(
                _of_set(entry, texts).remarks(row.get("detail") or "")
                for entry in found
                for row in entry["verdicts"]
                if row["hypothesis"] == name and row["kind"] == kind and kind in entry["kinds"]
            )
            needed = texts.listing([texts.construct(construct) for construct in lacking])
            cells.append(needed or texts("punctuation.clauses").join(filter(None, reasons)))
        rows.append([name, texts.claim(name), *(cell or numbers.EMPTY for cell in cells)])
    counts = {"k": numbers.count(len(rows)), "n": numbers.count(len(theory.hypotheses()))}
    return Table(
        name="untested",
        caption=texts("site.untested", **counts),
        head=[texts("head.hypothesis"), texts("head.claim"), *(texts(f"site.needs.{kind}") for kind in KINDS)],
        kinds=[TEXT] * 4,
        rows=rows,
        stages=[],
    )


def _of_set(entry: Summary, texts: Texts) -> Texts:
    """The texts with the names of the roll-outs of a data set."""
    return Texts(texts.language, {"treatments": {"levels": entry.get("roll_outs", {})}})
