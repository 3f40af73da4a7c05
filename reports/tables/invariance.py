"""Do groups understand the items alike: the ladder of invariance, and differences of latent means."""

from __future__ import annotations

import pandas as pd

from models.choices import choices
from reports import numbers
from reports.exhibits import NUMBER, TEXT, Band, Table
from reports.reading import Report
from reports.style import Style
from reports.tables.measurement import fit_definitions, wide
from reports.texts import Texts


def ladder(report: Report, texts: Texts) -> list[Table]:
    """Two tables for all groupings, answers as numbers and as ordered categories, with what had to be released."""
    return [*_ladder(report, texts, ""), *_ladder(report, texts, "ordered")]


def _ladder(report: Report, texts: Texts, kind: str) -> list[Table]:
    rows = report.table("invariance", model=kind)
    if rows.empty:
        return []
    body: list[list[str] | Band] = []
    notes: list[str] = []
    for by, part in rows.groupby("group", sort=False):
        body.append(Band(texts.group(str(by))))
        failed = part[part["quantity"] == "failed"]
        if len(failed):
            why = texts("punctuation.pair", a=texts.group(str(by)), b=texts.remarks(failed["note"].iloc[0]))
            notes.append(why + texts("punctuation.stop"))
        steps = part[~part["quantity"].isin(["failed", "level"])]
        if len(steps):
            found = wide(steps)
            body += [_step(str(name), row, report.style, texts) for name, row in found.iterrows()]
            notes.append(_rejected(str(by), found, texts))
            notes += _improper(steps, texts)
        notes += [_level(report, texts, str(by), part), _merged(report, texts, str(by), kind)]
    if kind and report.card.own_ordered_groups:
        notes.append(texts("note.ordered_groups"))
    suffix = "_ordered" if kind else ""
    head = ("step", "chisq", "df", "cfi", "rmsea", "srmr", "delta_cfi", "delta_rmsea", "delta_chisq", "p", "held")
    return [
        Table(
            name=f"invariance{suffix}",
            caption=texts(f"caption.invariance{suffix}"),
            head=[texts(f"head.{name}") for name in head],
            kinds=[TEXT, *[NUMBER] * 9, TEXT],
            rows=body,
            stages=["measure"],
            defines=[
                "invariance_ordered" if kind else "invariance",
                *fit_definitions(rows),
                "srmr",
                "chisq_difference",
            ],
            notes=notes,
        )
    ]


def _improper(steps: pd.DataFrame, texts: Texts) -> list[str]:
    """Steps without a solution or with an inadmissible one, and why."""
    found = steps[steps["note"] != ""].drop_duplicates(["term", "note"])
    by = found["group"].map(lambda name: texts.group(str(name)))
    step = found["term"].map(lambda name: texts.maybe(f"step.{name}", str(name)))
    return [
        texts("punctuation.pair", a=texts.listing([group, name]), b=texts.remarks(note)) + texts("punctuation.stop")
        for group, name, note in zip(by, step, found["note"], strict=True)
    ]


def _step(name: str, row: pd.Series, style: Style, texts: Texts) -> list[str]:
    difference = numbers.decimal(row.get("delta_chisq"))
    if not numbers.missing(row.get("delta_df")):
        difference += texts("punctuation.aside", x=numbers.count(row["delta_df"]))
    held = row.get("held")
    return [
        texts.maybe(f"step.{name}", name),
        numbers.decimal(row["chisq"]),
        numbers.count(row["df"]),
        *(numbers.bounded(row[q], 3) for q in ("cfi", "rmsea", "srmr")),
        *(numbers.bounded(row.get(q), 3) for q in ("delta_cfi", "delta_rmsea")),
        difference,
        style.pvalue(row.get("delta_pvalue")),
        numbers.EMPTY if numbers.missing(held) else texts("word.yes" if held else "word.no"),
    ]


def _level(report: Report, texts: Texts, by: str, part: pd.DataFrame) -> str:
    """The highest step that held, and the parameters released on the way."""
    level = part[part["quantity"] == "level"]
    if level.empty or level["term"].iloc[0] == "none":
        return ""
    name = level["term"].iloc[0]
    freed = report.table("invariance_freed", group=by, model=part["model"].iloc[0])
    listed = [
        texts("punctuation.aside", x=texts.maybe(f"step.{row.quantity}", row.quantity)).join((row.term, ""))
        for row in freed.itertuples()
    ]
    key = "note.invariance_freed" if listed else "note.invariance"
    return texts(key, by=texts.group(by), level=texts.maybe(f"step.{name}", name), freed=texts.listing(listed))


def _rejected(by: str, found: pd.DataFrame, texts: Texts) -> str:
    """Steps that hold by the fall of CFI and that the test of Δχ² rejects all the same."""
    if not {"held", "delta_pvalue"} <= set(found.columns):
        return ""
    both = found[(found["held"] == 1) & (found["delta_pvalue"] < choices.alpha)]
    named = [texts.maybe(f"step.{name}", str(name)) for name in both.index]
    return texts("note.invariance_rejected", by=texts.group(by), steps=texts.listing(named)) if named else ""


def _merged(report: Report, texts: Texts, by: str, kind: str) -> str:
    """Items of which rare answers were joined."""
    merged = report.table("invariance_merged", group=by, model=kind)["term"]
    if merged.empty:
        return ""
    many = texts("note.and_more", n=len(merged) - 6) if len(merged) > 6 else ""
    return texts("note.merged", by=texts.group(by), items=texts.listing(list(merged[:6])) + many)


def means(report: Report, texts: Texts) -> list[Table]:
    """Differences of latent means, where intercepts are equal enough to compare them."""
    rows = report.table("latent_means")
    found = rows[rows["quantity"] == "difference"]
    if found.empty:
        return []
    effects = rows[rows["quantity"] == "d"].set_index(["group", "term"])["estimate"]
    body: list[list[str] | Band] = []
    for group, part in found.groupby("group", sort=False):
        by, _, pair = str(group).partition(": ")
        body.append(Band(texts("punctuation.pair", a=texts.group(by), b=texts.member(pair))))
        for row in part.itertuples():
            body.append(
                [
                    texts.construct(row.term),
                    numbers.decimal(row.estimate),
                    numbers.decimal(row.se),
                    numbers.interval(row.ci_lower, row.ci_upper) or numbers.EMPTY,
                    report.style.pvalue(row.pvalue),
                    numbers.decimal(effects.get((group, row.term))),
                ]
            )
    return [
        Table(
            name="latent_means",
            caption=texts("caption.latent_means"),
            head=[*(texts(f"head.{name}") for name in ("construct", "difference", "se", "ci", "p")), "d"],
            kinds=[TEXT, *[NUMBER] * 5],
            rows=body,
            stages=["measure"],
            defines=["latent_mean", "cohen_d"],
            fold=len(body) > 30,
        )
    ]
