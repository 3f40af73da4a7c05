"""The codebook of the results table: what its columns hold, and every table and quantity that the data set has."""

from __future__ import annotations

from models import results
from models.results import Family, Quantity
from reports import definitions
from reports.exhibits import TEXT, Band, Table
from reports.reading import Report
from reports.texts import Texts


def codebook(report: Report, texts: Texts) -> list[Table]:
    """Columns, then the quantities of each table."""
    shown = set(report.rows[["table", "quantity"]].itertuples(index=False, name=None))
    body: list[list[str] | Band] = []
    for name, family in results.tables().items():
        quantities = {q: entry for q, entry in family.quantities.items() if (name, q) in shown}
        if quantities:
            body.append(Band(_family(name, family, texts)))
            body += [_quantity(name, entry, texts) for name, entry in quantities.items()]
    columns: list[list[str] | Band] = [[name, texts.pick(holds)] for name, holds in results.columns().items()]
    return [
        _table("codebook_columns", ("column", "holds"), columns, texts),
        _table("codebook", ("quantity", "holds", "unit", "decides", "definition"), body, texts),
    ]


def _family(name: str, family: Family, texts: Texts) -> str:
    """`paths: Paths of the structural models; model: …; term: …; n: …`."""
    parts = {name: family.text, **family.places} | ({"n": family.counted} if family.counted else {})
    pairs = [texts("punctuation.pair", a=column, b=texts.pick(holds)) for column, holds in parts.items()]
    return texts("punctuation.clauses").join(pairs)


def _quantity(name: str, entry: Quantity, texts: Texts) -> list[str]:
    decides = texts("word.yes") if entry.decides else ""
    named = texts.listing([texts.pick(definitions.definition(key).name) for key in entry.definitions])
    return [name, texts.pick(entry.text), texts.pick(entry.measured), decides, named]


def _table(name: str, head: tuple[str, ...], rows: list[list[str] | Band], texts: Texts) -> Table:
    return Table(
        name=name,
        caption=texts(f"caption.{name}"),
        head=[texts(f"head.{part}") for part in head],
        kinds=[TEXT] * len(head),
        rows=rows,
        stages=["judge"],
        fold=True,
    )
