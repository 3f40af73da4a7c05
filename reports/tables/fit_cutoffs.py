"""Fit indices beside what this model could show on this sample: cut-offs by level of misspecification, and T-size."""

from __future__ import annotations

import pandas as pd

from reports import numbers
from reports.exhibits import NUMBER, TEXT, Band, Table
from reports.reading import Report
from reports.texts import Texts

INDICES = ("cfi", "rmsea", "srmr")
# Sample → the table with the indices of its models.
FACTOR_MODEL = "factor_model"
MEASURES = {"survey": "fit", "panel": "closed_loop"}


def judged(report: Report, texts: Texts, sample: str) -> list[Table]:
    """A band a model with the verdict, a row an index: value, cut-offs, T-size."""
    rows = report.table("fit_cutoffs", sample=sample)
    if rows.empty:
        return []
    levels = sorted({str(term) for term in rows["term"] if str(term).startswith("level_")})
    body: list[list[str] | Band] = []
    notes = []
    for model in dict.fromkeys(rows["model"]):
        part = rows[rows["model"] == model]
        named = texts.model(model)
        verdict = texts.remarks(part.loc[part["quantity"] == "misfit", "note"].iloc[0])
        body.append(Band(texts("note.fit_verdict", model=named, verdict=verdict)))
        body += _indices(report, part, model, sample, levels, texts)
        if said := [texts.remarks(note) for note in part.loc[part["quantity"] == "omitted", "note"]]:
            notes.append(texts("note.fit_levels", model=named, levels=texts("punctuation.clauses").join(said)))
    heads = [texts("head.index"), texts("head.estimate"), texts("head.t_size")]
    heads += [texts("head.fit_level", level=level.removeprefix("level_")) for level in levels]
    return [
        Table(
            name=f"fit_cutoffs_{sample}",
            caption=texts(f"caption.fit_cutoffs_{sample}"),
            head=heads,
            kinds=[TEXT, *[NUMBER] * (2 + len(levels))],
            rows=body,
            stages=sorted(set(rows["stage"])),
            defines=["dynamic_cutoff", "t_size"],
            notes=[texts("note.fit_cutoffs"), *notes],
        )
    ]


def _indices(
    report: Report, part: pd.DataFrame, model: str, sample: str, levels: list[str], texts: Texts
) -> list[list[str] | Band]:
    own = report.table("cfa") if model == FACTOR_MODEL else report.table(MEASURES[sample], model=model)
    measured = own.drop_duplicates("quantity").set_index("quantity")["estimate"]
    bounds = part[part["quantity"].isin(INDICES)].set_index(["term", "quantity"])["estimate"]
    return [
        [
            texts(f"head.{index}"),
            numbers.bounded(measured.get(index), 3),
            *(numbers.bounded(bounds.get((place, index)), 3) for place in ("t_size", *levels)),
        ]
        for index in INDICES
    ]
