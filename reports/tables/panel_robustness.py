"""Panel slopes by other estimators and errors, and what could explain them away."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pandas as pd
from markupsafe import Markup

from reports import numbers
from reports.exhibits import NUMBER, TEXT, Band, Table
from reports.reading import Report
from reports.style import Style
from reports.tables.cells import cell, joint_test, over, starred
from reports.tables.regressions import checked, grey, refused_by
from reports.texts import Texts

ESTIMATORS = ("pooled", "between", "random", "entity", "twoway", "first-difference")
GMM = "gmm"
ERRORS = ("entity", "entity + time", "driscoll-kraay", "wild")


def estimators(report: Report, texts: Texts) -> list[Table]:
    """Slopes side by side by estimator: what changes when users are compared with themselves only."""
    rows = report.table("estimators")
    used = [name for name in ESTIMATORS if name in set(rows["group"])]
    if rows.empty:
        return []
    return [
        Table(
            name="estimators",
            caption=texts("caption.estimators"),
            head=[texts("head.term"), *(texts(f"estimator.{name}") for name in used)],
            kinds=[TEXT, *[NUMBER] * len(used)],
            rows=_side_by_side(rows, used, report.style, texts),
            stages=["panel"],
            defines=["panel_estimators"],
            notes=[texts("note.estimate_and_error"), *_reasons(rows, "estimator", texts)],
        )
    ]


def errors(report: Report, texts: Texts) -> list[Table]:
    """The same slope with other errors."""
    rows = report.table("errors", quantity="raw")
    used = [name for name in ERRORS if name in set(rows["group"])]
    if rows.empty:
        return []
    body: list[list[str] | Band] = []
    for band, found in by_model(rows, texts):
        part = found[found["estimate"].notna()]
        body.append(band)
        digits = numbers.shared(list(part["estimate"]), list(part["se"]))
        for term in dict.fromkeys(part["term"]):
            cells = part[part["term"] == term].set_index("group")
            shown = [
                _error(cells.loc[name], digits, report.style) if name in cells.index else numbers.EMPTY for name in used
            ]
            body.append([texts.term(term), numbers.decimal(cells["estimate"].iloc[0], digits), *shown])
    return [
        Table(
            name="errors",
            caption=texts("caption.errors"),
            head=[texts("head.term"), texts("head.b"), *(texts(f"errors.{name}") for name in used)],
            kinds=[TEXT, *[NUMBER] * (1 + len(used))],
            rows=body,
            stages=["panel"],
            defines=list(dict.fromkeys(rows["definition"])),
            notes=[
                texts("note.error_and_p"),
                *([texts("note.bootstrap_interval")] if "wild" in used else []),
                *_reasons(rows, "errors", texts),
            ],
        )
    ]


def _error(row: pd.Series, digits: int, style: Style) -> Markup:
    """Standard error (the bootstrap has an interval instead) over p."""
    size = numbers.decimal(row["se"], digits)
    if numbers.missing(row["se"]):
        size = numbers.interval(row["ci_lower"], row["ci_upper"], digits) or numbers.EMPTY
    return over(size, numbers.equation("p", style.pvalue(row["pvalue"])))


def placebo(report: Report, texts: Texts) -> list[Table]:
    """Slopes of what comes too late to matter."""
    return _jointly("placebo", report.table("placebo"), "joint", report.style, texts)


def own_past(report: Report, texts: Texts) -> list[Table]:
    """Slopes beside the outcome's own past, and whether causes move with the outcome beyond it."""
    return _jointly("own_past", report.table("own_past"), "same_period", report.style, texts)


def _jointly(name: str, rows: pd.DataFrame, test_of_all: str, style: Style, texts: Texts) -> list[Table]:
    """Slopes with their intervals, by specification, and a test of several."""
    if rows.empty:
        return []
    body: list[list[str] | Band] = []
    for band, part in by_model(rows[rows["quantity"] != "stands"], texts):
        body.append(band)
        digits = numbers.shared(list(part["estimate"]), list(part["se"]))
        for row in part.itertuples():
            joint = row.quantity == test_of_all
            label = texts(f"word.{row.quantity}") if joint else texts.term(row.term)
            size = numbers.decimal(row.estimate, digits)
            test = joint_test(row, texts)
            tested = joint and not numbers.missing(row.statistic)
            body.append(
                [
                    label,
                    test if tested else size,
                    numbers.interval(row.ci_lower, row.ci_upper, digits),
                    style.pvalue(row.pvalue),
                    texts.remarks(row.note),
                ]
            )
    return [
        Table(
            name=name,
            caption=texts(f"caption.{name}"),
            head=[texts("head.term"), texts("head.b"), texts("head.ci"), "p", texts("head.remark")],
            kinds=[TEXT, NUMBER, NUMBER, NUMBER, TEXT],
            rows=body,
            stages=["panel"],
            defines=list(dict.fromkeys(rows["definition"])),
        )
    ]


def confounding(report: Report, texts: Texts) -> list[Table]:
    """How strong an unmeasured cause would have to be."""
    rows = report.table("confounding")
    if rows.empty:
        return []
    body: list[list[str] | Band] = []
    for band, part in by_model(rows, texts):
        body.append(band)
        slopes = part[part["quantity"].isin(("controlled", "uncontrolled"))].groupby("term")["estimate"].agg(list)
        digits = min(max(map(numbers.decimals, slopes)), 4)
        for term in dict.fromkeys(part["term"]):
            found = part[part["term"] == term].set_index("quantity")["estimate"]
            shown = [numbers.decimal(found.get(q), digits) for q in ("uncontrolled", "controlled", "bias_adjusted")]
            others = [numbers.decimal(found.get(q), 2) for q in ("delta", "e_value", "e_value_bound")]
            body.append([texts.term(term), *shown[:2], others[0], shown[2], *others[1:]])
    head = ("b_uncontrolled", "b_controlled", "delta", "bias_adjusted", "e_value", "e_value_bound")
    return [
        Table(
            name="confounding",
            caption=texts("caption.confounding"),
            head=[texts("head.term"), *(texts(f"head.{name}") for name in head)],
            kinds=[TEXT, *[NUMBER] * len(head)],
            rows=body,
            stages=["panel"],
            defines=list(dict.fromkeys(rows["definition"])),
        )
    ]


def differing_users(report: Report, texts: Texts) -> list[Table]:
    """Mean and spread of the decisive slopes over users."""
    rows = report.table("random_slopes")
    if rows.empty:
        return []
    body: list[list[str] | Band] = []
    for band, part in by_model(rows, texts):
        body.append(band)
        spread = part[part["quantity"] == "spread"].set_index("term")["estimate"]
        for row in part[part["quantity"] == "mean"].itertuples():
            body.append(
                [
                    texts.term(row.term),
                    numbers.decimal(row.estimate, 3),
                    numbers.interval(row.ci_lower, row.ci_upper, 3),
                    numbers.decimal(spread.get(row.term), 3),
                    texts.remarks(row.note),
                ]
            )
    return [
        Table(
            name="random_slopes",
            caption=texts("caption.random_slopes"),
            head=[texts(f"head.{name}") for name in ("term", "mean_slope", "ci", "spread", "remark")],
            kinds=[TEXT, NUMBER, NUMBER, NUMBER, TEXT],
            rows=body,
            stages=["panel"],
            defines=["random_slopes"],
            fold=True,
        )
    ]


def influence(report: Report, texts: Texts) -> list[Table]:
    """Decisive slopes without the users who hold them up most."""
    rows = report.table("influence")
    if rows.empty:
        return []
    body: list[list[str] | Band] = []
    for band, part in by_model(rows, texts):
        body.append(band)
        single = part[part["quantity"] == "single"].set_index("term")
        without = part[part["quantity"] == "without"]
        digits = numbers.shared(list(without["estimate"]), list((without["ci_upper"] - without["ci_lower"]) / 4))
        for row in without.itertuples():
            notes = [texts.remarks(note) for note in (single.loc[row.term, "note"], row.note) if note]
            body.append(
                [
                    texts.term(row.term),
                    numbers.decimal(single.loc[row.term, "estimate"], 2),
                    numbers.decimal(row.estimate, digits),
                    numbers.interval(row.ci_lower, row.ci_upper, digits),
                    report.style.pvalue(row.pvalue),
                    texts("punctuation.clauses").join(notes),
                ]
            )
    return [
        Table(
            name="influence",
            caption=texts("caption.influence"),
            head=[*(texts(f"head.{name}") for name in ("term", "single_user", "b", "ci")), "p", texts("head.remark")],
            kinds=[TEXT, *[NUMBER] * 4, TEXT],
            rows=body,
            stages=["panel"],
            defines=list(dict.fromkeys(rows["definition"])),
            fold=True,
        )
    ]


def without_groups(report: Report, texts: Texts) -> list[Table]:
    """Decisive slopes without each type of platform: the range, and the largest p."""
    rows = report.table("slopes_without", quantity="raw")
    if rows.empty:
        return []
    body: list[list[str] | Band] = []
    for band, part in by_model(rows, texts):
        body.append(band)
        for term, found in part.groupby("term", sort=False):
            digits = numbers.decimals(list(found["estimate"]))
            low, high = found.loc[found["estimate"].idxmin()], found.loc[found["estimate"].idxmax()]
            ends = [
                texts("punctuation.pair", a=texts.member(row["group"]), b=numbers.decimal(row["estimate"], digits))
                for row in (low, high)
            ]
            body.append([texts.term(str(term)), *ends, report.style.pvalue(found["pvalue"].max())])
    return [
        Table(
            name="slopes_without",
            caption=texts("caption.slopes_without"),
            head=[texts(f"head.{name}") for name in ("term", "lowest_without", "highest_without", "largest_p")],
            kinds=[TEXT, *[NUMBER] * 3],
            rows=body,
            stages=["panel"],
            defines=list(dict.fromkeys(["slopes_without", *rows["definition"]])),
            fold=True,
        )
    ]


def dynamics(report: Report, texts: Texts) -> list[Table]:
    """Dynamic models by GMM, by least squares, and by least squares after the half-panel jackknife."""
    rows = report.table("jackknife")
    if rows.empty:
        return []
    gmm = report.table("slopes", group="all", quantity="raw", definition="difference_gmm").assign(group=GMM)
    gmm = gmm[gmm["model"].isin(rows["model"])]
    together = pd.concat([gmm, rows], ignore_index=True)
    if together["estimate"].isna().all():
        return []
    used = [name for name in (GMM, "twoway", "jackknife") if name in set(together["group"])]
    order, checks = list(dict.fromkeys(rows["model"])), checked(report)
    refused = [model for model in order if refused_by(checks, model)]
    together = together.sort_values("model", key=lambda m: m.map(order.index), kind="stable")
    return [
        Table(
            name="dynamics",
            caption=texts("caption.dynamics"),
            head=[texts("head.term"), *(texts(f"estimator.{name}") for name in used)],
            kinds=[TEXT, *[NUMBER] * len(used)],
            rows=_side_by_side(together, used, report.style, texts, full=True, refused=refused),
            stages=["panel"],
            defines=["difference_gmm", "half_panel_jackknife"],
            notes=[
                *_reasons(rows, "estimator", texts),
                starred(report.style, texts),
                *([texts("note.refused")] if refused else []),
            ],
            fold=True,
        )
    ]


def _side_by_side(
    rows: pd.DataFrame, used: list[str], style: Style, texts: Texts, full: bool = False, refused: Collection[str] = ()
) -> list[list[str] | Band]:
    """A band a model, a line a term, a column a group: the slope over its error, or over interval and p.

    refused : dynamic models that a test rejects.
    """
    body: list[list[str] | Band] = []
    for band, part in by_model(rows[rows["estimate"].notna()], texts):
        body.append(band)
        digits = numbers.shared(list(part["estimate"]), list(part["se"]))
        for term in dict.fromkeys(part["term"]):
            cells = part[part["term"] == term].set_index("group")
            form = cell if full else _slope
            shown = [form(cells.loc[name], digits, style) if name in cells.index else numbers.EMPTY for name in used]
            if part["model"].iloc[0] in refused:
                shown = [grey(one) if name == GMM else one for one, name in zip(shown, used, strict=True)]
            body.append([texts.term(term), *shown])
    return body


def _slope(row: pd.Series, digits: int, style: Style) -> Markup:
    """A slope over its error; the table has no p, so that the style has nothing to add."""
    return over(numbers.decimal(row["estimate"], digits), f"({numbers.decimal(row['se'], digits)})")


def by_model(rows: pd.DataFrame, texts: Texts) -> Iterator[tuple[Band, pd.DataFrame]]:
    """The rows of every model under a band with its name."""
    for model, part in rows.groupby("model", sort=False):
        yield Band(texts.model(str(model))), part


def _reasons(rows: pd.DataFrame, kind: str, texts: Texts) -> list[str]:
    """Why a model lacks a column."""
    return [
        texts(
            "note.no_variant",
            model=texts.model(row.model),
            kind=texts(f"{kind}.{row.group}"),
            reason=texts.remarks(row.note),
        )
        for row in rows[rows["estimate"].isna() & (rows["note"] != "")].itertuples()
    ]
