"""Paths and slopes between groups: estimates, tests of equality, contrasts that decide."""

from __future__ import annotations

import pandas as pd

from reports import numbers
from reports.exhibits import NUMBER, TEXT, Band, Figure, Table
from reports.figures import coefficients
from reports.reading import Report, platform_columns
from reports.texts import Texts


def groups(report: Report, texts: Texts) -> list[Table | Figure]:
    """Paths by group with tests of equality, a figure and a table for every grouping."""
    rows = report.table("group_paths", quantity="estimate")
    found: list[Table | Figure] = []
    for by in dict.fromkeys(group.partition(": ")[0] for group in rows["group"]):
        part = rows[rows["group"].str.startswith(f"{by}: ")].reset_index(drop=True)
        found.append(coefficients.group_paths(report, texts, by, part))
        found.append(_group_table(report, texts, by, part))
    return found


def _group_table(report: Report, texts: Texts, by: str, part: pd.DataFrame) -> Table:
    groups = report.ordered(part["group"])
    equality = report.table("equality", group=by, sample="survey").set_index("term")
    body = []
    for term in dict.fromkeys(part["term"]):
        cells = part[part["term"] == term].set_index("group")
        test = equality.loc[term] if term in equality.index else None
        body.append(
            [
                texts.term(term),
                *(coefficients.with_interval(cells.loc[g]) if g in cells.index else numbers.EMPTY for g in groups),
                numbers.EMPTY if test is None else numbers.decimal(test["statistic"]),
                numbers.EMPTY if test is None else numbers.count(test["df"]),
                numbers.EMPTY if test is None else report.style.pvalue(test["pvalue"]),
            ]
        )
    head = [texts("head.path"), *(texts.member(g) for g in groups), "χ²", "df", "p"]
    return Table(
        name=f"groups_{by}",
        caption=texts("caption.groups", by=texts.group(by)),
        head=head,
        kinds=[TEXT, *[NUMBER] * (len(groups) + 3)],
        levels=platform_columns(groups, after=3),
        rows=body,
        stages=["structure"],
        defines=["equal_loadings", "wald_equal"],
        notes=[texts("note.group_cells"), *_untested(equality, texts)],
    )


def _untested(equality: pd.DataFrame, texts: Texts) -> list[str]:
    """Paths whose equality could not be tested, and why."""
    return [
        texts("punctuation.pair", a=texts.term(term), b=texts.remarks(note)) + texts("punctuation.stop")
        for term, note in equality["note"].items()
        if note
    ]


def contrasts(report: Report, texts: Texts, sample: str) -> list[Table]:
    """Contrasts that decide the hypotheses on groups."""
    rows = report.in_order(report.table("contrast", sample=sample))
    if rows.empty:
        return []
    body: list[list[str] | Band] = []
    for (model, group), part in rows.groupby(["model", "group"], sort=False):
        label = texts("punctuation.pair", a=texts.model(str(model)), b=texts.member(str(group)))
        body.append(Band(label))
        for row in part.itertuples():
            body.append(
                [
                    texts.term(row.term),
                    row.hypothesis,
                    numbers.decimal(row.estimate, 3),
                    numbers.decimal(row.se, 3),
                    with_level(row.ci_lower, row.ci_upper, 3, row.definition == "equivalence", texts),
                    report.style.pvalue(row.pvalue),
                ]
            )
    return [
        Table(
            name=f"contrasts_{sample}",
            caption=texts("caption.contrasts"),
            head=[texts(f"head.{name}") for name in ("effect", "hypothesis", "difference", "se", "interval", "p")],
            kinds=[TEXT, TEXT, *[NUMBER] * 4],
            rows=body,
            stages=sorted(set(rows["stage"])),
            defines=list(dict.fromkeys(rows["definition"])),
            notes=[texts("note.equivalence")] if rows["definition"].eq("equivalence").any() else [],
        )
    ]


def with_level(lower: float, upper: float, digits: int, equivalence: bool, texts: Texts) -> str:
    """An interval; that of an equivalence test says so, as it is narrower."""
    interval = numbers.interval(lower, upper, digits)
    return texts("punctuation.equivalence", x=interval) if equivalence and interval else interval
