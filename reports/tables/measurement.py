"""Item statistics, reliability and discriminant validity."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
from markupsafe import Markup, escape

from models.choices import choices
from models.remarks import Remark, unpacked
from reports import numbers
from reports.exhibits import NUMBER, TEXT, Band, Figure, Table
from reports.figures import heatmap
from reports.reading import Report
from reports.texts import Texts

LETTERS = "abcdefghijklmnopqrstuvwxyz"
FEW_PAIRS = 12


def wide(rows: pd.DataFrame, column: str = "estimate") -> pd.DataFrame:
    """Terms × quantities, in the order of the rows."""
    order = list(dict.fromkeys(rows["term"]))
    return rows.drop_duplicates(["term", "quantity"]).pivot(index="term", columns="quantity", values=column).loc[order]


def fit_definitions(rows: pd.DataFrame) -> list[str]:
    """Definitions of the test and the indices of models, each in the version that the rows have."""
    shown = rows[rows["quantity"].isin(["chisq", "cfi", "rmsea"])]
    return [key for key in dict.fromkeys(shown["definition"]) if key]


def marked(notes: dict[Remark, list[str]], texts: Texts) -> tuple[dict[str, Markup], list[Markup]]:
    """Footnote marks: remark → terms becomes term → mark, and the sentences of the remarks."""
    marks: dict[str, Markup] = {}
    sentences = []
    for letter, (note, terms) in zip(LETTERS, notes.items(), strict=False):
        mark = Markup("<sup>{}</sup>").format(letter)
        for term in terms:
            marks[term] = marks.get(term, Markup("")) + mark
        sentences.append(Markup("{} {}").format(mark, texts("exhibit.footnote", text=note.worded(texts))))
    return marks, sentences


def about(notes: Iterable[tuple[str, str]]) -> dict[Remark, list[str]]:
    """Terms with their notes → each remark with the terms that it is about."""
    found: dict[Remark, list[str]] = {}
    for term, note in notes:
        for remark in unpacked(note):
            terms = found.setdefault(remark, [])
            if term not in terms:
                terms.append(term)
    return found


def items(report: Report, texts: Texts) -> list[Table]:
    """One row an item, under its construct."""
    rows = report.table("items")
    if rows.empty:
        return []
    values = wide(rows)
    labels = {item.name: texts.pick(item.label) for item in report.card.items}
    reversed_items = {item.name for item in report.card.items if item.reversed}
    loadings = report.table("loadings", quantity="std_all").assign(item=lambda t: t["term"].str.split(" =~ ").str[-1])
    loading = loadings.drop_duplicates("item").set_index("item")["estimate"]
    marks, sentences = marked(about(zip(rows["term"], rows["note"], strict=True)), texts)
    body: list[list[str] | Band] = []
    groups = rows.drop_duplicates("term").groupby("group", sort=False)["term"]
    for construct, names in groups:
        body.append(Band(texts.construct(str(construct))))
        for name in names:
            row, shown = values.loc[name], texts.construct(name)
            reverse = Markup("<sup>(R)</sup>") if name in reversed_items else ""
            body.append(
                [
                    Markup("<span class='nowrap'>{}{}{}</span>").format(shown, reverse, marks.get(name, "")),
                    labels.get(name, name),
                    *(numbers.decimal(row[q]) for q in ("mean", "sd", "skew", "kurtosis")),
                    *(numbers.percent(row[q]) for q in ("floor", "ceiling", "missing")),
                    *(numbers.bounded(row[q]) for q in ("item_total", "alpha_if_deleted")),
                    numbers.bounded(loading.get(name)),
                ]
            )
    quantities = ("mean", "sd", "skew", "kurtosis", "floor", "ceiling", "missing", "item_total", "alpha_if_deleted")
    head = [texts("head.item"), texts("head.wording"), *(texts(f"quantity.{q}") for q in quantities)]
    if reversed_items:
        sentences = [escape(texts("note.reversed")), *sentences]
    return [
        Table(
            name="items",
            caption=texts("caption.items", n=numbers.count(report.size("survey") or rows["n"].max())),
            head=[*head, texts("quantity.loading")],
            kinds=[TEXT, TEXT, *[NUMBER] * 10],
            rows=body,
            stages=["measure", "structure"] if len(loading) else ["measure"],
            defines=["skew", "kurtosis", "floor", "ceiling", "item_total", "alpha_if_deleted"],
            notes=[texts("note.loading"), *sentences],
        )
    ]


def reliability(report: Report, texts: Texts) -> list[Table]:
    """One row a construct."""
    rows = report.table("reliability")
    if rows.empty:
        return []
    values = wide(rows)
    interval = rows[rows["quantity"] == "alpha"].set_index("term")
    marks, sentences = marked(about(zip(rows["term"], rows["note"], strict=True)), texts)
    halves = rows[rows["quantity"] == "spearman_brown"]
    if len(halves):
        pairs = [f"{texts.construct(row.term)} {numbers.bounded(row.estimate)}" for row in halves.itertuples()]
        sentences.append(escape(texts("note.spearman_brown", x=texts.listing(pairs))))
    body = []
    for name in values.index:
        row, alpha = values.loc[name], interval.loc[name]
        body.append(
            [
                Markup("{}{}").format(texts.construct(name), marks.get(name, "")),
                numbers.count(row["n_items"]),
                numbers.count(alpha["n"]),
                numbers.bounded(row["alpha"]),
                numbers.interval(alpha["ci_lower"], alpha["ci_upper"], form=numbers.bounded) or numbers.EMPTY,
                *(numbers.bounded(row[q]) for q in ("omega", "cr", "ave", "mean_r")),
            ]
        )
    head = ["construct", "items", "n", "alpha", "ci", "omega", "cr", "ave", "mean_r"]
    return [
        Table(
            name="reliability",
            caption=texts("caption.reliability"),
            head=[texts(f"head.{name}") for name in head],
            kinds=[TEXT, *[NUMBER] * 8],
            rows=body,
            stages=["measure"],
            defines=["alpha", "omega", "cr", "ave", "mean_r"],
            notes=sentences,
        )
    ]


def validity(report: Report, texts: Texts) -> list[Table | Figure]:
    """HTMT as a map; pairs in a table: all of a few, of many those that are close."""
    rows = report.table("validity")
    if rows.empty:
        return []
    found: list[Table | Figure] = []
    if rows[rows["quantity"] == "htmt"]["estimate"].notna().any():
        pairs = [part.drop_duplicates("quantity").set_index("quantity") for _, part in rows.groupby(["term", "group"])]
        distinct = len(pairs) > FEW_PAIRS and all(map(_distinct, pairs))
        # Without a close pair there is no table of pairs that could say it.
        finding = [texts("note.all_distinct", pairs=len(pairs)), *_draws(report, texts)] if distinct else []
        found.append(heatmap.htmt(report, texts, finding))
    return [*found, *_pairs(rows, _draws(report, texts), texts)]


def _draws(report: Report, texts: Texts) -> list[str]:
    """On how many resamples the intervals rest."""
    rows = report.table("validity_draws")
    return [texts("note.draws", n=numbers.count(n)) + report.set_by_card(texts, "measure") for n in rows["estimate"]]


def _pairs(rows: pd.DataFrame, draws: list[str], texts: Texts) -> list[Table]:
    pairs = [
        (names, part.drop_duplicates("quantity").set_index("quantity"))
        for names, part in rows.groupby(["term", "group"], sort=False)
    ]
    many = len(pairs) > FEW_PAIRS
    close = [(names, part) for names, part in pairs if not _distinct(part)]
    shown = close if many else pairs
    if not shown:
        return []
    shown = sorted(shown, key=lambda pair: -abs(_filled(pair[1].loc["htmt", "estimate"])))
    marks, sentences = marked(about(("|".join(names), note) for names, part in shown for note in part["note"]), texts)
    body = []
    for names, part in shown:
        key = "|".join(names)
        passed = part.loc["fornell_larcker", "estimate"]
        verdict = numbers.EMPTY if numbers.missing(passed) else texts("word.yes" if passed else "word.no")
        label = texts("term.with", left=texts.construct(names[0]), right=texts.construct(names[1]))
        body.append(
            [
                Markup("{}{}").format(label, marks.get(key, "")),
                numbers.bounded(part.loc["correlation", "estimate"]),
                *_ratio(part.loc["htmt"]),
                *_ratio(part.loc["htmt2"]),
                verdict,
            ]
        )
    caption = "caption.validity_close" if many else "caption.validity"
    head = ("pair", "correlation", "htmt", "ci", "htmt2", "ci", "fornell_larcker")
    return [
        Table(
            name="validity",
            caption=texts(caption, shown=len(shown), pairs=len(pairs)),
            head=[texts(f"head.{name}") for name in head],
            kinds=[TEXT, *[NUMBER] * 5, TEXT],
            rows=body,
            stages=["measure"],
            defines=["latent_correlation", "htmt", "htmt2", "fornell_larcker"],
            notes=[*draws, *sentences],
            fold=len(body) > 40,
        )
    ]


def _ratio(row: pd.Series) -> list[str]:
    """A heterotrait–monotrait ratio and its interval."""
    interval = numbers.interval(row["ci_lower"], row["ci_upper"], form=numbers.bounded)
    return [numbers.bounded(row["estimate"]), interval or numbers.EMPTY]


def _distinct(pair: pd.DataFrame) -> bool:
    """Whether the interval of HTMT ends below the limit and the criterion of Fornell and Larcker holds."""
    return bool(pair.loc["htmt", "ci_upper"] < choices.htmt and pair.loc["fornell_larcker", "estimate"] == 1)


def _filled(value: float) -> float:
    return 0.0 if numbers.missing(value) else value
