"""Robustness of the structural paths in numbers."""

from __future__ import annotations

import pandas as pd

from models import specs
from models.results.clear_signs import clear_sign
from reports import numbers
from reports.exhibits import NUMBER, TEXT, Table
from reports.reading import Report
from reports.texts import Texts


def combinations(report: Report, texts: Texts) -> list[Table]:
    """Where each effect lies over all combinations of choices."""
    rows = report.table("specification_summary")
    if rows.empty or rows["n"].max() < 3:
        return []
    body = []
    for term in dict.fromkeys(rows["term"]):
        found = rows[rows["term"] == term].set_index("quantity")["estimate"]
        size = rows[rows["term"] == term]["n"].iloc[0]
        cells = [numbers.decimal(found[name]) for name in ("lowest", "median", "highest")]
        shares = [numbers.percent(found[name], 0) for name in ("same_sign", "clear")]
        body.append([texts.term(term), *cells, *shares, numbers.count(size)])
    head = ("effect", "lowest", "median", "highest", "same_sign", "clear", "combinations")
    return [
        Table(
            name="specification_summary",
            caption=texts("caption.specification_summary"),
            head=[texts(f"head.{name}") for name in head],
            kinds=[TEXT, *[NUMBER] * 6],
            rows=body,
            stages=["structure"],
            defines=["specification_curve"],
        )
    ]


def carried(report: Report, texts: Texts) -> list[Table]:
    """Each path that decides without one item, one group, and the people who hold it up most."""
    people = report.table("influential_people").set_index(["term", "quantity"])
    if people.empty:
        return []
    main = report.table("paths", model=specs.MAIN, quantity="std_all").drop_duplicates("term").set_index("term")
    without = _without(report)
    body = []
    for term in people.index.unique("term"):
        few = people.loc[(term, "without")]
        body.append(
            [
                texts.term(term),
                numbers.decimal(main["estimate"].get(term)),
                *(_range(without[name], term) for name in ("item", "group")),
                numbers.decimal(few["estimate"]),
                report.style.pvalue(few["pvalue"]),
                numbers.count(people.loc[(term, "fewest"), "estimate"]),
                numbers.decimal(people.loc[(term, "single"), "estimate"]),
            ]
        )
    head = ("path", "beta", "without_item", "without_group", "without_few", "p_without", "fewest", "single_person")
    few = texts("head.without_few")
    told = [texts("punctuation.pair", a=few, b=texts.remarks(note)) for note in dict.fromkeys(people["note"]) if note]
    return [
        Table(
            name="carried",
            caption=texts("caption.carried"),
            head=[texts(f"head.{name}") for name in head],
            kinds=[TEXT, *[NUMBER] * 7],
            rows=body,
            stages=["structure"],
            defines=["without_items", "leave_one_out", "influential_people"],
            notes=[texts("note.carried"), *(one + texts("punctuation.stop") for one in told)],
        )
    ]


def turned(report: Report) -> dict[str, list[str]]:
    """What is left out (item, group, few) → the paths that differ from zero only with it, or only without it."""
    main = report.table("paths", model=specs.MAIN, quantity="estimate").drop_duplicates("term").set_index("term")
    parts = _without(report) | {"few": report.table("influential_people", quantity="without")}
    found: dict[str, list[str]] = {}
    for name, rows in parts.items():
        rows = rows[rows["term"].isin(main.index) & rows["pvalue"].notna()]
        other = clear_sign(rows).to_numpy() != clear_sign(main.loc[rows["term"]]).to_numpy()
        found[name] = list(dict.fromkeys(rows["term"][other]))
    return found


def _without(report: Report) -> dict[str, pd.DataFrame]:
    terms = set(report.table("influential_people")["term"])
    found = {"item": report.table("without_items"), "group": report.table("leave_one_out")}
    return {k: rows[(rows["quantity"] == "std_all") & rows["term"].isin(terms)] for k, rows in found.items()}


def _range(rows: pd.DataFrame, term: str) -> str:
    sizes = rows["estimate"][rows["term"] == term]
    return numbers.interval(sizes.min(), sizes.max()) if len(sizes) else numbers.EMPTY
