"""What the sample could have found: minimum detectable effects."""

from __future__ import annotations

from reports import numbers
from reports.exhibits import NUMBER, TEXT, Band, Table
from reports.reading import Report
from reports.texts import Texts


def detectable(report: Report, texts: Texts) -> list[Table]:
    """The smallest standardised effect of every path that the sample and its groups could find."""
    rows = report.table("detectable", quantity="std_all")
    if rows.empty:
        return []
    groups = ["", *report.ordered(group for group in rows["group"] if group)]
    cells = rows.drop_duplicates(["model", "term", "group"]).set_index(["model", "term", "group"])["estimate"]
    body: list[list[str] | Band] = []
    for model in report.models("detectable"):
        body.append(Band(texts.model(model)))
        for term in dict.fromkeys(rows[rows["model"] == model]["term"]):
            values = (numbers.bounded(cells.get((model, term, group))) for group in groups)
            body.append([texts.term(term), *values])
    sizes = rows.drop_duplicates("group").set_index("group")["n"]
    names = [texts.member(group) if group else texts("level.all") for group in groups]
    head = [texts("handling.head", x=x, n=numbers.count(sizes.get(g))) for x, g in zip(names, groups, strict=True)]
    return [
        Table(
            name="detectable",
            caption=texts("caption.detectable"),
            head=[texts("head.effect"), *head],
            kinds=[TEXT, *[NUMBER] * len(groups)],
            rows=body,
            stages=["structure"],
            defines=["detectable"],
            notes=[texts("note.detectable")],
        )
    ]


def tests(report: Report, texts: Texts) -> list[Table]:
    """What the sample could have found of each hypothesis, and how many cases would find the smallest effect."""
    rows = report.table("power")
    if rows.empty:
        return []
    body: list[list[str] | Band] = []
    for kind, part in rows.groupby("sample", sort=False):
        body.append(Band(texts(f"kind.{kind}")))
        for key, own in part.groupby("hypothesis", sort=False):
            found = own.set_index("quantity")["estimate"]
            sizes = [
                numbers.decimal(found["detectable"]),
                numbers.count(own["n"].iloc[0]),
                numbers.count(found["needed"]),
            ]
            body.append([str(key), texts.claim(str(key), str(kind)), *sizes])
    return [
        Table(
            name="power_of_tests",
            caption=texts("caption.power_of_tests"),
            head=[texts(f"head.{name}") for name in ("hypothesis", "claim", "detectable", "n", "needed")],
            kinds=[TEXT, TEXT, *[NUMBER] * 3],
            rows=body,
            stages=["judge"],
            defines=["power_of_hypothesis"],
            notes=[texts("note.power_of_tests")],
        )
    ]
