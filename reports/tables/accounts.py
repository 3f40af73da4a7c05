"""Accounts of a survey's answers beside the theory's, and the threats that verdicts were exposed to."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from models import theory
from reports import numbers
from reports.exhibits import NUMBER, TEXT, Table
from reports.reading import Report
from reports.texts import Texts


def accounts(report: Report, texts: Texts) -> list[Table]:
    """Each account of the latent correlations with its distance; rivals that explain them as well are named."""
    rows = report.table("rival_accounts")
    if rows.empty:
        return []
    cells = rows.set_index(["term", "quantity"])
    named = rows[rows["quantity"] == "named"].set_index("term")["estimate"]
    body = [
        [
            texts(f"account.{name}"),
            numbers.decimal(cells.loc[(name, "chisq"), "estimate"]),
            numbers.count(cells.loc[(name, "chisq"), "df"]),
            numbers.pvalue(cells.loc[(name, "chisq"), "pvalue"]),
            numbers.count(cells.loc[(name, "bic"), "estimate"]),
        ]
        for name in rows.loc[rows["quantity"] == "chisq", "term"]
    ]
    said = [
        texts(f"account.{'named' if value else 'refused'}", x=texts(f"account.{name}")) for name, value in named.items()
    ]
    return [
        Table(
            name="rival_accounts",
            caption=texts("caption.rival_accounts"),
            head=[texts(f"head.{name}") for name in ("account", "chisq", "df", "p", "bic")],
            kinds=[TEXT, *[NUMBER] * 4],
            rows=body,
            stages=["structure"],
            defines=["rival_accounts"],
            notes=[*said, texts("note.cross_section")],
        )
    ]


def sure(report: Report, kind: str, hypothesis: str, texts: Texts) -> Markup:
    """The threats to a verdict in a cell: those named, then how many it survived and how many nobody looked at."""
    rows = report.table("exposure", sample=kind, hypothesis=hypothesis)
    if rows.empty:
        return Markup(numbers.EMPTY)
    known = theory.threats()
    named = [texts.pick(known[term].text) for term in rows.loc[rows["estimate"] == 1, "term"]]
    parts = (
        [Markup("<strong>{}</strong> {}").format(texts("sure.named"), texts("punctuation.clauses").join(named))]
        if named
        else []
    )
    if survived := int((rows["estimate"] == 0).sum()):
        parts.append(Markup("{}").format(texts("sure.survived", k=numbers.count(survived), n=numbers.count(len(rows)))))
    if unseen := int(pd.isna(rows["estimate"]).sum()):
        parts.append(Markup("{}").format(texts("sure.unseen", k=numbers.count(unseen), n=numbers.count(len(rows)))))
    return Markup("<small>{}</small>").format(Markup("<br>").join(parts))
