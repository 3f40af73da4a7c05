"""What all combinations of choices say together, in numbers and in words."""

from __future__ import annotations

import pandas as pd

from models.choices import choices
from reports import numbers
from reports.exhibits import NUMBER, TEXT, Band, Table
from reports.reading import Report
from reports.style import Style
from reports.texts import Texts


def joint(report: Report, texts: Texts) -> list[Table]:
    """Median, share and Stouffer's z of each effect, over the equivalent combinations and over more."""
    body: list[list[str] | Band] = []
    for model in report.models("multiverse_joint"):
        rows = report.table("multiverse_joint", model=model)
        for term in dict.fromkeys(rows["term"]):
            body.append(Band(texts.slope(model, term)))
            part = rows[rows["term"] == term]
            body += [
                _row(part[part["group"] == name], name, report.style, texts) for name in dict.fromkeys(part["group"])
            ]
    if not body:
        return []
    head = ("types_counted", "combinations", "median", "p", "share_predicted", "p", "stouffer", "p", "draws_zero")
    return [
        Table(
            name="multiverse_joint",
            caption=texts("caption.multiverse_joint"),
            head=[texts(f"head.{name}") for name in head],
            kinds=[TEXT, *[NUMBER] * 8],
            rows=body,
            stages=["multiverse"],
            defines=["multiverse_joint", "multiverse_familywise"],
            notes=[*said(report, texts), texts("note.multiverse_joint")],
        )
    ]


def _if_zero(found: pd.DataFrame, texts: Texts) -> str:
    """How often the main analysis would speak for the claim if nothing were true."""
    if "main_if_zero" not in found.index:
        return ""
    share = numbers.percent(found.loc["main_if_zero", "estimate"])
    return texts("punctuation.space") + texts("note.multiverse_if_zero", share=share)


def _row(part: pd.DataFrame, name: str, style: Style, texts: Texts) -> list[str]:
    found = part.set_index("quantity")
    cells = [texts(f"types.{name}"), numbers.count(part["n"].max())]
    for quantity, shown in (("median", numbers.decimal), ("share", _share), ("stouffer", numbers.decimal)):
        cells += [shown(found.loc[quantity, "estimate"]), style.pvalue(found.loc[quantity, "pvalue"])]
    return [*cells, numbers.count(found.loc["draws", "estimate"])]


def _share(value: float) -> str:
    return numbers.percent(value, 0)


def said(report: Report, texts: Texts) -> list[str]:
    """A sentence an effect: the equivalent combinations together, and how many of all stand alone."""
    sentences = []
    for model in report.models("multiverse_joint"):
        rows = report.table("multiverse_joint", model=model, group="equivalent")
        single = report.table("multiverse", model=model, quantity="familywise")
        for term in dict.fromkeys(rows["term"]):
            found = rows[rows["term"] == term].set_index("quantity")
            alone = single[single["term"] == term]["pvalue"]
            sentences.append(
                texts(
                    "note.multiverse_said",
                    term=texts.slope(model, term),
                    n=numbers.count(found["n"].max()),
                    median=numbers.decimal(found.loc["median", "estimate"]),
                    share=_share(found.loc["share", "estimate"]),
                    p=numbers.equation("p", report.style.pvalue(found.loc["stouffer", "pvalue"])),
                    alone=numbers.count((alone < choices.alpha).sum()),
                    all=numbers.count(len(alone)),
                )
                + _if_zero(found, texts)
            )
    return sentences
