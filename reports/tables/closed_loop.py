"""The closed loop of the mechanisms: cross-lags within users by two methods."""

from __future__ import annotations

import pandas as pd

from models import specs
from reports import numbers
from reports.exhibits import NUMBER, TEXT, Band, Table
from reports.reading import Report
from reports.tables.cells import cell, starred
from reports.tables.regressions import checked, grey, refused_by
from reports.texts import Texts


def closed_loop(report: Report, texts: Texts) -> list[Table]:
    """Slopes of the random-intercept cross-lagged model beside those of the dynamic models."""
    rows = report.table("closed_loop")
    slopes = rows[rows["quantity"] == "raw"]
    if slopes.empty:
        return []
    gmm, checks, greyed = _gmm(report), checked(report), False
    body: list[list[str] | Band] = []
    digits = numbers.shared(list(slopes["estimate"]), list(slopes["se"]))
    for row in slopes.itertuples():
        own = slopes.loc[row.Index]
        other = cell(gmm.loc[row.term], digits, report.style) if row.term in gmm.index else numbers.EMPTY
        if row.term in gmm.index and refused_by(checks, gmm.loc[row.term]["model"]):
            other, greyed = grey(other), True
        body.append([texts.term(row.term), cell(own, digits, report.style), other])
    found = rows.set_index("quantity")["estimate"]
    sample = texts(
        "note.closed_loop",
        n=numbers.count(found["n"]),
        periods=numbers.count(found["periods"]),
        cfi=numbers.bounded(found["cfi"], 3),
        rmsea=numbers.bounded(found["rmsea"], 3),
        srmr=numbers.bounded(found["srmr"], 3),
    )
    unfit = [texts.remarks(note) + texts("punctuation.stop") for note in dict.fromkeys(slopes["note"]) if note]
    return [
        Table(
            name="closed_loop",
            caption=texts("caption.closed_loop"),
            head=[texts("head.path"), texts("estimator.ri_clpm"), texts("estimator.gmm")],
            kinds=[TEXT, NUMBER, NUMBER],
            rows=body,
            stages=["panel"],
            defines=["ri_clpm", "difference_gmm"],
            notes=[sample, *unfit, starred(report.style, texts), *([texts("note.refused")] if greyed else [])],
        )
    ]


def _gmm(report: Report) -> pd.DataFrame:
    """Raw slopes of the dynamic models over everybody, by `effect ~ lag(cause)`."""
    rows = report.table("slopes", group="all", quantity="raw", definition="difference_gmm")
    outcome = rows["model"].map({name: spec.outcome for name, spec in specs.panel_specs().items()})
    return rows.assign(path=outcome + " ~ " + rows["term"]).drop_duplicates("path").set_index("path")
