"""The data sets of the front page: where each comes from, how it is named, and the numbers of the page's tables."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from reports import numbers
from reports.exhibits import NUMBER, TEXT, Table, table_html
from reports.tables.verdicts import MARKS
from reports.texts import Texts

Summary = dict[str, Any]


class Numbers:
    """Tables of a page, numbered in the order in which they are asked for."""

    def __init__(self, texts: Texts) -> None:
        self.texts, self.tables = texts, 0

    def table(self, table: Table, style: str = "", prefix: str = "") -> Markup:
        """A table with its number before the caption."""
        self.tables += 1
        caption = Markup('<span class="label">{}</span> {}{}').format(
            self.head("table", self.tables), prefix, table.caption
        )
        return table_html(table, caption, style)

    def head(self, kind: str, number: int) -> str:
        """`Table 1.`, `Figure 1.`"""
        return self.texts("exhibit.head", number=self.texts(f"exhibit.{kind}", number=number))


def title(entry: Summary, texts: Texts) -> Markup | str:
    """The title of a data set, with a link to its page where it was run here."""
    name = texts.pick(entry["title"])
    if "published" in entry:
        return name
    return Markup('<a href="{}/{}.html">{}</a>').format(quote(entry["data_set"]), texts.language, name)


def sized(entry: Summary, kind: str, texts: Texts) -> str:
    """`survey, n = 344`"""
    size = texts("site.n" if kind == "survey" else "site.rows", n=numbers.count(entry["n"][kind]))
    return texts.listing([texts(f"kind.{kind}"), size])


def listed(found: list[Summary], texts: Texts) -> Table:
    """One row a data set and kind of data."""
    rows = []
    for entry in found:
        for kind in entry["kinds"]:
            verdicts = [row["verdict"] for row in entry["verdicts"] if row["kind"] == kind]
            counts = [f"{verdicts.count(v)} {texts('verdict.' + v)}" for v in MARKS if v in verdicts]
            rows.append(
                [
                    title(entry, texts),
                    texts(f"kind.{kind}"),
                    numbers.count(entry["n"][kind]),
                    texts.pick(entry["row"]),
                    _origin(entry, texts),
                    texts.pick(entry["licence"]),
                    texts.listing(counts),
                ]
            )
    head = [texts("head.data_set"), texts("head.kind"), texts("site.n_head")]
    head += [texts("site.row_head"), texts("head.origin"), texts("head.licence"), texts("head.counts")]
    return Table(
        name="data_sets",
        caption=texts("site.data_sets_caption"),
        head=head,
        kinds=[TEXT, TEXT, NUMBER, TEXT, TEXT, TEXT, TEXT],
        rows=rows,
        stages=[],
    )


def _origin(entry: Summary, texts: Texts) -> str:
    origin = texts("simulated.mark" if entry["simulated"] else "simulated.observed")
    if "published" in entry:
        origin = texts.listing([origin, texts("site.published", date=entry["published"])])
    return origin
