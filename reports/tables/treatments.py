"""Roll-outs of strategies: effects by period as a figure, averages and what speaks against them as a table."""

from __future__ import annotations

import pandas as pd

from reports import numbers
from reports.exhibits import NUMBER, TEXT, Band, Figure, Table
from reports.figures import events
from reports.reading import Report
from reports.style import Style
from reports.texts import Texts


def roll_outs(report: Report, texts: Texts) -> list[Table | Figure]:
    """The figure, and a table with a row an outcome."""
    rows = report.table("event_study")
    if rows.empty:
        return []
    return [events.figure(report, texts), _table(report, texts, rows)]


def _table(report: Report, texts: Texts, rows: pd.DataFrame) -> Table:
    averages = rows[~rows["quantity"].isin(["lead", "effect"])].set_index(["model", "group", "quantity"])
    checks = report.table("event_checks").set_index(["model", "group", "term"])
    declared = report.card.panel.treatments if report.card.panel else {}
    body: list[list[str] | Band] = []
    for name in dict.fromkeys(rows["model"]):
        stands = texts("note.stands_for", x=texts.construct(declared[name].stands_for))
        body.append(Band(f"{texts.model(name)}{texts('punctuation.aside', x=stands)}"))
        for outcome in dict.fromkeys(rows.loc[rows["model"] == name, "group"]):
            at = (name, outcome)
            average = averages.loc[(*at, "raw")]
            body.append(
                [
                    texts.construct(outcome),
                    numbers.decimal(average["estimate"], 3),
                    numbers.interval(average["ci_lower"], average["ci_upper"], 3),
                    report.style.pvalue(average["pvalue"]),
                    report.style.pvalue(averages.loc[(*at, "holm"), "pvalue"]),
                    report.style.pvalue(checks.loc[(*at, "pretrend"), "pvalue"]),
                    *(
                        cell
                        for quantity in ("placebo", "own_trend", "interaction_weighted")
                        for cell in _cells(averages.loc[(*at, quantity)], report.style)
                    ),
                    _breakdown(averages, at),
                    numbers.count(checks.loc[(*at, "n_reached"), "estimate"]),
                    numbers.count(checks.loc[(*at, "n_never"), "estimate"]),
                ]
            )
    second = [name for which in ("fake_start", "own_trend", "sun_abraham") for name in (which, "p")]
    head = ["outcome", "average", "ci", "p", "p_holm", "p_pretrend", *second, "breakdown", "reached", "never"]
    return Table(
        name="event_study",
        caption=texts("caption.event_study"),
        head=[texts(f"head.{name}") for name in head],
        kinds=[TEXT, *[NUMBER] * (len(head) - 1)],
        rows=body,
        stages=["panel"],
        defines=["imputation", "pretrend", "interaction_weighted", "breakdown"],
        notes=[texts("note.event_study")],
    )


def _cells(row: pd.Series, style: Style) -> tuple[str, str]:
    return numbers.decimal(row["estimate"], 3), style.pvalue(row["pvalue"])


def _breakdown(averages: pd.DataFrame, at: tuple[str, str]) -> str:
    """How far trends must part for the average effect to vanish; empty where there are no leads."""
    key = (*at, "breakdown")
    return numbers.decimal(averages.loc[key, "estimate"]) if key in averages.index else numbers.EMPTY
