"""The measurement table: loadings of the confirmatory factor analysis, reliability, second-order loadings."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from models import specs
from reports import numbers
from reports.exhibits import NUMBER, TEXT, Band, Table
from reports.reading import Report
from reports.tables.measurement import wide
from reports.texts import Texts

MAIN = specs.MAIN
SCALE = ("alpha", "cr", "ave")


def loadings(report: Report, texts: Texts) -> list[Table]:
    """Construct by construct: α, CR and AVE, then each item with loading, SE and t; second-order factors last."""
    rows = report.table("cfa_loadings")
    if rows.empty:
        return []
    scales, labels = wide(report.table("reliability")), {item.name: item.label for item in report.card.items}
    body: list[list[str] | Band] = []
    for construct, part in rows.groupby("group", sort=False):
        worth = [numbers.bounded(scales.loc[construct].get(q)) for q in SCALE]
        body.append([Markup("<strong>{}</strong>").format(texts.construct(construct)), "", "", "", "", *worth])
        for row in part.itertuples():
            label = texts.pick(labels.get(row.term, ""))
            body.append([texts.construct(row.term), label, *_estimate(row), "", "", ""])
    body += _second_order(report, texts)
    head = ("item", "wording", "loading", "se", "t", *SCALE)
    return [
        Table(
            name="factor_model",
            caption=texts("caption.factor_model", n=numbers.count(rows["n"].max())),
            head=[texts(f"head.{name}") for name in head],
            kinds=[TEXT, TEXT, *[NUMBER] * 6],
            rows=body,
            stages=["measure", "structure"],
            defines=["alpha", "cr", "ave"],
            notes=[texts("note.factor_model")],
        )
    ]


def _second_order(report: Report, texts: Texts) -> list[list[str] | Band]:
    """Loadings of constructs on constructs in the main model."""
    rows = report.table("loadings", model=MAIN)
    sides = rows["term"].str.split(" =~ ", expand=True)
    if rows.empty or not (levels := rows[sides[1].isin(set(sides[0]))])["term"].any():
        return []
    tests = levels[levels["quantity"] == "estimate"].set_index("term")
    found: list[list[str] | Band] = [Band(texts("note.second_order"))]
    for row in levels[levels["quantity"] == "std_all"].itertuples():
        given = pd.isna(tests.loc[row.term, "se"]) or tests.loc[row.term, "se"] == 0
        statistic = float("nan") if given or not row.se else row.estimate / row.se
        found.append([texts.term(row.term), "", *_estimate(row._replace(statistic=statistic)), "", "", ""])
    return found


def _estimate(row) -> list[str]:
    return [numbers.bounded(row.estimate), numbers.bounded(row.se, 3), numbers.decimal(row.statistic)]
