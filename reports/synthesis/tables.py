"""Tables over data sets: means, families, correlations and paths, what could not be tested."""

from __future__ import annotations

import pandas as pd

from models.choices import choices
from models.theory import hypotheses
from reports import numbers
from reports.exhibits import NUMBER, TEXT, Band, Table
from reports.numbers import interval
from reports.synthesis.found import KINDS, Found, short
from reports.texts import Texts

DASH = numbers.EMPTY


def means(found: Found, texts: Texts, averaged: bool = False) -> Table:
    """A line an effect, a band a kind of data; `averaged`: only where there is a mean."""
    body: list[list[str] | Band] = []
    for kind in KINDS:
        asked = [of for of in found.asked(kind) if not averaged or found.mean(kind, of) is not None]
        if asked:
            body.append(Band(texts(f"together.kind.{kind}")))
        body += [_mean(found, kind, of, texts) for of in asked]
    heads = ("effect", "sets", "mean", "interval", "p", "prediction", "tau", "i2", "without")
    return Table(
        name="together_means",
        caption=texts("together.means_caption"),
        head=[texts(f"together.head.{name}") for name in heads],
        kinds=[TEXT, *[NUMBER] * (len(heads) - 1)],
        rows=body,
        stages=["synthesis"],
        defines=["random_effects_mean", "prediction_interval", "tau2", "i2", "leave_one_out_mean"],
        notes=[texts("together.means_note")],
    )


def _mean(found: Found, kind: str, of: str, texts: Texts) -> list[str]:
    name = of if of in hypotheses() else short(of, texts)
    enter = found.table("effects", sample=kind, term=of)
    row = found.mean(kind, of)
    if row is None:
        return [name, numbers.count(len(enter)), *[DASH] * 7]
    tau2, i2, expected = (found.mean(kind, of, name) for name in ("tau2", "i2", "prediction"))
    without = found.table("means", sample=kind, term=of, quantity="without")["estimate"]
    span = f"{numbers.decimal(without.min())} … {numbers.decimal(without.max())}" if len(without) else DASH
    return [
        name,
        numbers.count(row["n"]),
        numbers.decimal(row["estimate"]),
        interval(row["ci_lower"], row["ci_upper"]),
        numbers.pvalue(row["pvalue"]),
        interval(expected["ci_lower"], expected["ci_upper"]) if expected is not None else DASH,
        numbers.decimal(tau2["estimate"] ** 0.5) if tau2 is not None else DASH,
        numbers.percent(i2["estimate"], 0) if i2 is not None else DASH,
        span,
    ]


def families(found: Found, texts: Texts) -> Table | None:
    """Means over the hypotheses of a family; None where no family has effects enough."""
    rows = found.table("families")
    if rows.empty:
        return None
    body = []
    for (kind, family), part in rows.groupby(["sample", "term"], sort=False):
        cells = part.set_index("quantity")
        mean = cells.loc["mean"]
        doubted = mean["df"] < choices.synthesis_df
        name = f"{family} †" if doubted else str(family)
        body.append(
            [
                name,
                texts(f"kind.{kind}"),
                numbers.count(mean["n"]),
                numbers.count(cells.loc["between", "n"]),
                numbers.decimal(mean["estimate"]),
                interval(mean["ci_lower"], mean["ci_upper"]),
                numbers.decimal(mean["df"], 1),
                numbers.pvalue(mean["pvalue"]),
            ]
        )
    heads = ("family", "data", "effects", "sets", "mean", "interval", "df", "p")
    return Table(
        name="together_families",
        caption=texts("together.families_caption"),
        head=[texts(f"together.head.{name}") for name in heads],
        kinds=[TEXT, TEXT, *[NUMBER] * 6],
        rows=body,
        stages=["synthesis"],
        defines=["dependent_mean"],
        notes=[texts("together.families_note", df=numbers.count(choices.synthesis_df), rho=choices.synthesis_rho)],
    )


def correlations(found: Found, texts: Texts) -> Table | None:
    """Mean correlations of constructs: a line a pair; None where no two surveys share three constructs."""
    rows = found.table("correlations")
    if rows.empty:
        return None
    spread = rows[rows["quantity"] == "tau2"].set_index(["term", "group"])["estimate"]
    body = [
        [
            texts.term(f"{row.term} ~~ {row.group}"),
            numbers.count(row.n),
            numbers.bounded(row.estimate),
            numbers.bounded(row.se),
            numbers.bounded(float(spread[row.term, row.group]) ** 0.5),
        ]
        for row in rows[rows["quantity"] == "correlation"].itertuples()
    ]
    heads = ("pair", "surveys", "r", "se", "tau")
    return Table(
        name="together_correlations",
        caption=texts("together.correlations_caption"),
        head=[texts(f"together.head.{name}") for name in heads],
        kinds=[TEXT, *[NUMBER] * 4],
        rows=body,
        stages=["synthesis"],
        defines=["construct_correlation", "pooled_correlation"],
    )


def paths(found: Found, texts: Texts) -> Table | None:
    """Paths with and without direct paths on the mean correlations."""
    rows = found.table("paths", quantity="std")
    if rows.empty:
        return None
    cells = {(row["model"], row["term"]): row for _, row in rows.iterrows()}
    terms = list(dict.fromkeys(rows["term"]))
    body = [[texts.term(term), *(_path(cells.get((model, term))) for model in ("paths", "mediated"))] for term in terms]
    return Table(
        name="together_paths",
        caption=texts("together.paths_caption"),
        head=[texts(f"together.head.{name}") for name in ("path", "with_direct", "mediated")],
        kinds=[TEXT, NUMBER, NUMBER],
        rows=body,
        stages=["synthesis"],
        defines=["two_stage_sem"],
    )


def _path(row: pd.Series | None) -> str:
    if row is None:
        return DASH
    return f"{numbers.decimal(row['estimate'])} {interval(row['ci_lower'], row['ci_upper'])}"


def gaps(found: Found, texts: Texts) -> Table:
    """How many data sets could test each hypothesis, and what the others did not measure."""
    rows = found.table("gaps")
    body = []
    for name in hypotheses():
        line = [name, texts.claim(name)]
        for kind in KINDS:
            of = rows[(rows["term"] == name) & (rows["sample"] == kind)]
            tested = of[of["quantity"] == "tested"]
            k, n = (tested.iloc[0][["estimate", "n"]]) if len(tested) else (0, 0)
            lacking = of[of["quantity"] == "lacking"]["group"].head(3)
            line += [
                texts("together.of", k=numbers.count(k), n=numbers.count(n)),
                texts.listing([texts.construct(construct) for construct in lacking]) or DASH,
            ]
        body.append(line)
    heads = ("hypothesis", "claim", "surveys_tested", "surveys_lack", "logs_tested", "logs_lack")
    return Table(
        name="together_gaps",
        caption=texts("together.gaps_caption"),
        head=[texts(f"together.head.{name}") for name in heads],
        kinds=[TEXT, TEXT, NUMBER, TEXT, NUMBER, TEXT],
        rows=body,
        stages=["synthesis"],
    )
