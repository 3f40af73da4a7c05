"""Structural equation models: fit, rivals, paths, remarks, second opinion."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from models import results, specs, theory
from reports import measured_part, numbers
from reports.exhibits import NUMBER, TEXT, Band, Figure, Table
from reports.figures import path_diagram
from reports.reading import Report
from reports.style import Style
from reports.tables.cells import starred
from reports.texts import Texts

MAIN = specs.MAIN
PATHS = ("path", "hypothesis", "beta", "se", "ci", "b", "se", "p", "f2", "vif", "decision")


def diagram(report: Report, texts: Texts) -> list[Figure]:
    """The main model drawn, where its solution is admissible."""
    if MAIN in set(_improper(report)["model"]):
        return []
    return [path_diagram.figure(report, texts)] if len(report.table("paths", model=MAIN)) else []


def _improper(report: Report) -> pd.DataFrame:
    """The remarks on inadmissible solutions of whole models of the survey."""
    rows = report.table("remarks", sample="survey", quantity="inadmissible")
    return rows[(rows["term"] == rows["model"]) & (rows["group"] == "")]


def _noted(rows: pd.DataFrame, texts: Texts) -> str:
    return texts("punctuation.clauses").join(texts.remarks(note) for note in rows["note"])


def fit(report: Report, texts: Texts) -> list[Table]:
    """Fit of every structural model, a row a model."""
    rows = report.table("fit")
    if rows.empty:
        return []
    body = []
    for model in report.models("fit"):
        part = rows[rows["model"] == model].set_index("quantity")
        body.append([texts.model(model), numbers.count(part["n"].iloc[0]), *_measures(part, report.style)])
    head = ["model", "n", "chisq", "df", "p", "cfi", "tli", "rmsea", "rmsea_ci", "srmr", "npar"]
    return [
        Table(
            name="fit",
            caption=texts("caption.fit"),
            head=[texts(f"head.{name}") for name in head],
            kinds=[TEXT, *[NUMBER] * 10],
            rows=body,
            stages=["structure"],
            defines=[key for key in dict.fromkeys(rows["definition"]) if key not in ("", "aic", "bic", "npar")],
            notes=[
                texts("note.inadmissible", model=texts.model(str(model)), reasons=_noted(part, texts))
                for model, part in _improper(report).groupby("model", sort=False)
            ],
        )
    ]


def _measures(part: pd.DataFrame, style: Style) -> list[str]:
    def value(name: str, column: str = "estimate") -> float:
        return part.loc[name, column] if name in part.index else float("nan")  # type: ignore[return-value]

    return [
        numbers.decimal(value("chisq")),
        numbers.count(value("chisq", "df")),
        style.pvalue(value("chisq", "pvalue")),
        numbers.bounded(value("cfi"), 3),
        numbers.bounded(value("tli"), 3),
        numbers.bounded(value("rmsea"), 3),
        numbers.interval(value("rmsea", "ci_lower"), value("rmsea", "ci_upper"), 3, numbers.bounded) or numbers.EMPTY,
        numbers.bounded(value("srmr"), 3),
        numbers.count(value("npar")),
    ]


RIVALS = ("model", "chisq", "cfi", "tli", "rmsea", "srmr", "aic", "bic", "delta_bic", "npar", "delta_chisq", "p")


def rivals(report: Report, texts: Texts) -> list[Table]:
    """The theory's model and its rivals on the same items."""
    rows = report.table("rivals")
    if rows.empty:
        return []
    body, notes, alike = [], [], []
    criteria = texts("note.rivals")
    for name in dict.fromkeys(rows["term"]):
        part = rows[rows["term"] == name].set_index("quantity")
        label = texts.maybe(f"rival.{name}", name)
        if "failed" in part.index:
            notes.append(texts("note.not_estimated", group=label, reason=texts.remarks(part.loc["failed", "note"])))
            continue
        if part["estimate"].get("equivalent") == 1:
            alike.append(label)
        if part.loc["delta_bic", "note"]:
            criteria = texts.remarks(part.loc["delta_bic", "note"]) + texts("punctuation.stop")
        body.append(
            [
                label,
                numbers.decimal(part.loc["chisq", "estimate"]),
                *(numbers.bounded(part.loc[q, "estimate"], 3) for q in ("cfi", "tli", "rmsea", "srmr")),
                *(numbers.count(part.loc[q, "estimate"]) for q in ("aic", "bic")),
                numbers.decimal(part.loc["delta_bic", "estimate"], 1),
                numbers.count(part.loc["npar", "estimate"]),
                *_rejected(part, report.style, texts),
            ]
        )
    if alike:
        notes.insert(0, texts("note.rivals_alike", x=texts.listing(alike)))
    return [
        Table(
            name="rivals",
            caption=texts("caption.rivals"),
            head=[texts(f"head.{name}") for name in RIVALS],
            kinds=[TEXT, *[NUMBER] * 11],
            rows=body,
            stages=["structure"],
            defines=["aic", "bic", "delta_bic", "restrictions", *["equivalent_models"] * bool(alike)],
            notes=[criteria, *notes],
        )
    ]


def _rejected(part: pd.DataFrame, style: Style, texts: Texts) -> tuple[str, str]:
    """The test of what a rival restricts, where the theory's model contains it."""
    if "difference" not in part.index:
        return numbers.EMPTY, numbers.EMPTY
    test = part.loc["difference"]
    change = numbers.decimal(test["statistic"]) + texts("punctuation.aside", x=numbers.count(test["df"]))
    return change, style.pvalue(test["pvalue"])


def _tested_by(report: Report) -> list[str]:
    """Definitions of the intervals and tests of paths, which say what the standard errors are."""
    keys = pd.concat([report.table("paths"), report.table("covariances")])["definition"]
    return [key for key in dict.fromkeys(keys) if results.way(key).definition == "wald"]


def paths(report: Report, texts: Texts) -> list[Table]:
    """Paths and correlations of every model: raw, interval, p, standardised."""
    body: list[list[str] | Band] = []
    judged = report.verdicts[report.verdicts["kind"] == "survey"]
    direct = {key for key, of in theory.hypotheses().items() if isinstance(of.survey, theory.Sign | theory.Equivalence)}
    decided = {
        row.hypothesis: texts(f"verdict.{row.verdict}") for row in judged.itertuples() if row.hypothesis in direct
    }
    for model in dict.fromkeys([*report.models("paths"), *report.models("covariances")]):
        rows = pd.concat([report.table("paths", model=model), report.table("covariances", model=model)])
        if rows.empty:
            continue
        body.append(Band(texts.model(model)))
        sizes = report.table("effect_sizes", model=model).set_index(["term", "quantity"])["estimate"]
        own = rows[rows["quantity"] == "std_all"].drop_duplicates("term").set_index("term")
        for row in rows[rows["quantity"] == "estimate"].itertuples():
            beta = own.loc[row.term] if row.term in own.index else pd.Series(float("nan"), index=own.columns)
            body.append(
                [
                    texts.term(row.term),
                    row.hypothesis,
                    report.style.starred(numbers.decimal(beta["estimate"]), row.pvalue),
                    numbers.decimal(beta["se"]),
                    numbers.interval(beta["ci_lower"], beta["ci_upper"]) * report.style.intervals or numbers.EMPTY,
                    numbers.decimal(row.estimate),
                    numbers.decimal(row.se),
                    report.style.pvalue(row.pvalue),
                    numbers.bounded(sizes.get((row.term, "f2"))),
                    numbers.decimal(sizes.get((row.term, "vif"))),
                    decided.get(row.hypothesis, ""),
                ]
            )
    if not body:
        return []
    return [
        Table(
            name="paths",
            caption=texts("caption.paths"),
            head=[texts(f"head.{name}") for name in PATHS],
            kinds=[TEXT, TEXT, *[NUMBER] * 8, TEXT],
            rows=body,
            stages=["structure"],
            defines=[*_tested_by(report), "std_all", "r2", "f2", "vif"],
            notes=[
                _explained(report, texts),
                measured_part.sentence(report, texts, MAIN),
                texts("note.p_plain"),
                starred(report.style, texts),
            ],
        )
    ]


def _explained(report: Report, texts: Texts) -> str:
    """R² of every outcome, main model first."""
    parts = [
        numbers.equation(texts("note.r2_of", x=texts.construct(row.term)), numbers.bounded(row.estimate))
        for row in report.table("r2").drop_duplicates("term").itertuples()
    ]
    return texts.listing(parts) + texts("punctuation.stop") if parts else ""


def second_opinion(report: Report, texts: Texts) -> str:
    """Whether the two programs agree, and their largest deviation; why not, where there is none."""
    rows = report.table("second_opinion").set_index("quantity")
    if "failed" in rows.index:
        return texts("sentence.second_opinion_failed", reason=texts.remarks(rows.loc["failed", "note"]))
    if "largest_deviation_estimate" not in rows.index:
        return ""
    agrees = "agrees" in rows.index and rows.loc["agrees", "estimate"] == 1
    return texts(
        "sentence.second_opinion" if agrees else "sentence.second_opinion_differs",
        n=numbers.count(rows["n"].iloc[0]),
        parameters=numbers.count(rows.loc["parameters", "estimate"]),
        estimate=numbers.tiny(rows.loc["largest_deviation_estimate", "estimate"]),
        term=texts.term(rows.loc["largest_deviation_estimate", "term"]),
        se=numbers.tiny(rows.loc["largest_relative_deviation_se", "estimate"]),
    )


def remarks(report: Report, texts: Texts, sample: str) -> list[Table]:
    """What had to be changed or left out, and what went wrong."""
    rows = report.table("remarks", sample=sample)
    if rows.empty:
        return []
    body: list[list[str] | Band] = []
    for model in dict.fromkeys(rows["model"]):
        part = rows[rows["model"] == model]
        body.append(Band(texts.model(model) if model else texts("model.all")))
        for row in part.itertuples():
            body.append(
                [
                    _subject(row, texts),
                    texts.maybe(f"remark.{row.quantity}", row.quantity),
                    texts.remarks(row.note),
                ]
            )
    return [
        Table(
            name=f"remarks_{sample}",
            caption=texts(f"caption.remarks_{sample}"),
            head=[texts(f"head.{name}") for name in ("subject", "remark", "detail")],
            kinds=[TEXT, TEXT, TEXT],
            rows=body,
            stages=sorted(set(rows["stage"])),
            fold=len(body) > 8,
        )
    ]


def _subject(row, texts: Texts) -> str:
    """What a remark is about: a model, a step, a grouping or one of its levels, a construct, a path."""
    if row.term == row.model:
        return texts.model(row.model)
    if row.term == "all":
        return texts.level(row.term)
    if row.term.startswith("step "):
        return texts(row.term.replace(" ", "."))
    if row.quantity in ("no_groups", "small_group"):
        level = texts.level(row.term, row.group)
        return texts("punctuation.pair", a=texts.group(row.group), b=level) if row.group else texts.group(row.term)
    return next((words for words in _readings(row.term, texts) if words != row.term), row.term)


def _readings(term: str, texts: Texts) -> Iterator[str]:
    """A term as what it may be, where it has words as that: a term, a step within a model, a group, a grouping."""
    yield texts.member(term) if ": " in term else texts.term(term)
    yield texts.maybe(f"step.{term}", term)
    yield texts.member(term)
    yield texts.group(term)
