"""Accounts of a survey's answers beside the theory's, and the threats that verdicts were exposed to."""

from __future__ import annotations

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
            report.style.pvalue(cells.loc[(name, "chisq"), "pvalue"]),
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


def omitted_cause(report: Report, texts: Texts) -> list[Table]:
    """How strong one cause or method behind both ends of each path must be for the path to vanish."""
    rows = report.table("omitted_cause")
    if rows.empty:
        return []
    shares = rows.set_index(["model", "term", "quantity"])["estimate"]
    quantities = ("share_zero", "share_significance")
    places = list(dict.fromkeys(zip(rows["model"], rows["term"], strict=True)))
    return [
        Table(
            name="omitted_cause",
            caption=texts("caption.omitted_cause"),
            head=[texts(f"head.{name}") for name in ("path", *quantities)],
            kinds=[TEXT, NUMBER, NUMBER],
            rows=[
                [texts.term(term), *(numbers.decimal(shares[model, term, q]) for q in quantities)]
                for model, term in places
            ],
            stages=["structure"],
            defines=["omitted_cause"],
        )
    ]


def exposure(report: Report, kind: str, texts: Texts) -> list[Table]:
    """The threats to each hypothesis that was tested: which the data speak for, which it survived, which nobody saw."""
    rows = report.table("exposure", sample=kind)
    if rows.empty:
        return []
    known = theory.threats()
    body = []
    for hypothesis, part in rows.groupby("hypothesis", sort=False):
        told = [part["estimate"] == 1, part["estimate"] == 0, part["estimate"].isna()]
        named, survived = ([texts.pick(known[term].label) for term in part.loc[which, "term"]] for which in told[:2])
        lacking = [unseen(known[term], texts) for term in part.loc[told[2], "term"]]
        cells = [texts("punctuation.clauses").join(one) for one in (named, survived, lacking)]
        body.append([str(hypothesis), *(cell or numbers.EMPTY for cell in cells)])
    return [
        Table(
            name=f"exposure_{kind}",
            caption=texts("caption.exposure"),
            head=[texts(f"head.{name}") for name in ("hypothesis", "named", "survived", "unseen")],
            kinds=[TEXT] * 4,
            rows=body,
            notes=[explained(known[str(term)], texts) for term in rows["term"].unique()],
            stages=["judge"],
            defines=["exposure"],
        )
    ]


def explained(threat: theory.Threat, texts: Texts) -> str:
    """A threat in a sentence."""
    return texts("note.threat", a=texts.pick(threat.label), b=texts.pick(threat.text))


def unseen(threat: theory.Threat, texts: Texts) -> str:
    """A threat that nobody could look at, and why."""
    text = texts.pick(threat.label)
    return texts("punctuation.pair", a=text, b=texts.pick(threat.unseen)) if threat.unseen else text
