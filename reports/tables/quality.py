"""Whose answers to doubt, and whether the result rests on them or on how gaps are treated."""

from __future__ import annotations

import pandas as pd

from reports import numbers
from reports.exhibits import NUMBER, TEXT, Table
from reports.reading import Report
from reports.tables.measurement import about, marked, wide
from reports.texts import Texts

HANDLINGS = (
    "main",
    "listwise",
    "full_information",
    "imputation",
    "with_left_out",
    "without_doubtful",
    "ordinal",
    "with_controls",
)


def flags(report: Report, texts: Texts) -> list[Table]:
    """People flagged by each check of the answers."""
    rows = report.table("quality")
    if rows.empty:
        return []
    values = wide(rows)
    marks, sentences = marked(about(zip(rows["term"], rows["note"], strict=True)), texts)
    rule, origin = _rule(report.table("quality_rule"), texts)
    body = []
    for name, row in values.iterrows():
        body.append(
            [
                texts(f"flag.{name}") + marks.get(str(name), ""),
                texts(f"flag_rule.{name}", rule=rule) if name == "doubtful" else texts(f"flag_rule.{name}"),
                numbers.count(row["n"]),
                numbers.percent(row["share"]),
            ]
        )
    return [
        Table(
            name="quality",
            caption=texts("caption.quality", n=numbers.count(rows["n"].iloc[0])),
            head=[texts(f"head.{name}") for name in ("flag", "flag_rule", "people", "share")],
            kinds=[TEXT, TEXT, NUMBER, NUMBER],
            rows=body,
            stages=["measure"],
            defines=["quality_flag"],
            notes=[_sheets(report.table("quality_rule"), texts), texts("note.quality"), origin, *sentences],
        )
    ]


def _sheets(rows: pd.DataFrame, texts: Texts) -> str:
    """How many sheets have no gap, and how many there are where some are repeated."""
    counts = rows.drop_duplicates("quantity").set_index("quantity")
    if "complete" not in counts.index:
        return ""
    n, k = counts.loc["complete", ["n", "estimate"]]
    if numbers.missing(k):
        return ""
    said = [texts("note.complete", k=numbers.count(k), n=numbers.count(n), share=numbers.percent(k / n))]
    if "different" in counts.index and (k := counts.loc["different", "estimate"]) < n:
        said.append(texts("note.different", k=numbers.count(k), n=numbers.count(n)))
    return texts("punctuation.space").join(said)


def _rule(rows: pd.DataFrame, texts: Texts) -> tuple[str, str]:
    """The rule of doubt in words, and where it was set."""
    flags = rows[rows["quantity"] == "any_of"]["term"]
    least = rows[rows["quantity"] == "at_least"]["estimate"]
    parts = []
    if len(flags):
        parts.append(texts("note.doubt_any", flags=texts.listing([texts(f"flag.{flag}") for flag in flags])))
    if len(least):
        parts.append(texts("note.doubt_count", n=numbers.count(least.iloc[0])))
    if len(parts) == 2:
        parts = [texts("note.doubt_or", a=parts[0], b=parts[1])]
    return "".join(parts), texts(f"note.doubt_{rows['group'].iloc[0]}") if len(rows) else ""


def sensitivity(report: Report, texts: Texts) -> list[Table]:
    """Effects of the main model under each choice of the analyst, side by side."""
    rows = report.table("sensitivity")
    effects = rows[rows["quantity"] == "effect"]
    used = [name for name in HANDLINGS if name in set(effects["group"])]
    if len(used) < 2:
        return []
    cells = effects.set_index(["term", "group"])
    body = [[texts.term(term), *(_cell(cells, term, name) for name in used)] for term in dict.fromkeys(effects["term"])]
    sizes = [numbers.count(effects[effects["group"] == name]["n"].iloc[0]) for name in used]
    head = [texts("handling.head", x=texts(f"handling.{name}"), n=n) for name, n in zip(used, sizes, strict=True)]
    notes = [
        texts("note.shift", x=texts(f"handling.{row.group}"), se=numbers.decimal(row.estimate))
        for row in rows[rows["quantity"] == "largest_shift"].itertuples()
    ]
    controls = report.card.survey.controls if report.card.survey else {}
    if "with_controls" in used:
        named = [texts.pick(controls[name].label) for name in rows[rows["quantity"] == "control"]["term"]]
        notes.insert(0, texts("note.controls", x=texts.listing(named)))
    notes += [
        texts("note.not_estimated", group=texts(f"handling.{row.group}"), reason=texts.remarks(row.note))
        for row in rows[rows["quantity"] == "failed"].itertuples()
    ]
    return [
        Table(
            name="sensitivity",
            caption=texts("caption.sensitivity"),
            head=[texts("head.effect"), *head],
            kinds=[TEXT, *[NUMBER] * len(used)],
            rows=body,
            stages=["structure"],
            defines=["sensitivity"],
            notes=notes,
        )
    ]


def _cell(cells: pd.DataFrame, term: str, name: str) -> str:
    if (term, name) not in cells.index:
        return numbers.EMPTY
    found = cells.loc[(term, name)]
    return f"{numbers.decimal(found['estimate'])} ({numbers.decimal(found['se'])})"
