"""Time until an event: the curves, and the hazard ratios of what was known at the start."""

from __future__ import annotations

import math

from pipeline.cards.parts import present
from reports import numbers
from reports.exhibits import NUMBER, TEXT, Band, Figure, Table
from reports.figures import survival
from reports.reading import Report
from reports.texts import Texts


def curves(report: Report, texts: Texts) -> list[Table | Figure]:
    """The cumulative curves as a figure, and at four times as a table."""
    rows = report.table("survival")
    if rows.empty:
        return []
    event = texts.pick(present(report.card.cohort).event_is)
    days = sorted(rows["term"].astype(float).unique())
    times = [days[round(k * (len(days) - 1) / 4)] for k in range(1, 5)]
    body: list[list[str] | Band] = []
    for group in dict.fromkeys(rows["group"]):
        part = rows[rows["group"] == group].set_index(rows[rows["group"] == group]["term"].astype(float))
        cells = []
        for time in times:
            row = part.loc[time]
            cells += [survival.share(row), numbers.count(row["n"])]
        body.append([survival.group(texts, group), *cells])
    head = [texts("head.sample")]
    for time in times:
        head += [texts("head.by_day", day=numbers.count(time)), texts("axis.at_risk")]
    table = Table(
        name="survival_table",
        caption=texts("caption.survival_table", event=event),
        head=head,
        kinds=[TEXT, *[NUMBER] * (len(head) - 1)],
        rows=body,
        stages=["panel"],
        defines=["kaplan_meier"],
        fold=True,
    )
    return [survival.figure(report, texts, event), table]


def hazards(report: Report, texts: Texts) -> list[Table]:
    """Hazard ratios a unit and a standard deviation, by both models, with the test that they stay the same."""
    rows, fits = report.table("hazards"), report.table("hazard_fit")
    if rows.empty:
        return []
    checks = report.table("hazard_checks").set_index("term")
    sizes = fits.set_index(["model", "term"])["estimate"]
    body: list[list[str] | Band] = []
    for model in dict.fromkeys(rows["model"]):
        body.append(Band(texts(f"model.{model}")))
        part = rows[rows["model"] == model]
        for term in dict.fromkeys(part["term"]):
            cells = part[part["term"] == term].set_index("quantity")
            proportional = checks["pvalue"].get(term, math.nan) if model == "cox" else math.nan
            body.append(
                [
                    texts.construct(term),
                    *(cell for units in ("raw", "std") for cell in _ratio(cells.loc[units])),
                    report.style.pvalue(cells.loc["std", "pvalue"]),
                    report.style.pvalue(proportional),
                    numbers.count(sizes.get((model, "n_subject"))),
                    numbers.count(sizes.get((model, "n_event"))),
                ]
            )
    head = ["construct", "ratio_unit", "ci", "ratio_sd", "ci", "p", "p_proportional", "subjects", "events"]
    units = {name: entry.unit for name, entry in present(report.card.cohort).covariates.items() if entry.unit}
    said = [texts("punctuation.pair", a=texts.construct(n), b=texts.pick(unit)) for n, unit in units.items()]
    return [
        Table(
            name="hazards",
            caption=texts("caption.hazards", event=texts.pick(present(report.card.cohort).event_is)),
            head=[texts(f"head.{name}") for name in head],
            kinds=[TEXT, *[NUMBER] * (len(head) - 1)],
            rows=body,
            stages=["panel"],
            defines=["cox_hazard", "discrete_hazard", "proportional_hazards"],
            notes=[texts("note.hazards", units=texts("punctuation.clauses").join(said) or numbers.EMPTY)],
        )
    ]


def _ratio(row) -> tuple[str, str]:
    """exp of an estimate and of its interval."""
    ratio, lower, upper = (math.exp(row[name]) for name in ("estimate", "ci_lower", "ci_upper"))
    return numbers.decimal(ratio), numbers.interval(lower, upper)
