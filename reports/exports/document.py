"""What a page shows, as data: chapters with their sentences and numbered exhibits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reports import execution, references
from reports.exhibits import Figure, Page, Table
from reports.exports import cells
from reports.pages import NOTEBOOK, counts
from reports.texts import Texts


@dataclass(frozen=True)
class Exhibit:
    """A table or figure with the number that it has on the page.

    Attributes
    ----------
    kind, number, label
        `table` or `figure`, its place among these, and both in words ("Table 3").
    of
        The exhibit.
    caption
        With the word that marks simulated data.
    finding
        What it shows, in a sentence.
    notes
        The sentences below it.
    """

    kind: Literal["table", "figure"]
    number: int
    label: str
    of: Table | Figure
    caption: str
    finding: str
    notes: tuple[str, ...]

    @property
    def slug(self) -> str:
        """A name for its file, in the order of the page."""
        return f"{self.kind}_{self.number:02d}_{self.of.name}"


@dataclass(frozen=True)
class Chapter:
    """A heading, its opening sentences and its exhibits."""

    title: str
    paragraphs: tuple[str, ...]
    exhibits: tuple[Exhibit, ...]


@dataclass(frozen=True)
class Document:
    """The page of one data set in one language.

    Attributes
    ----------
    banner
        What is said of simulated data; empty for real ones.
    lines
        What it counts, below its title.
    references
        The works that it cites.
    """

    data_set: str
    language: str
    title: str
    banner: str
    lines: tuple[str, ...]
    chapters: tuple[Chapter, ...]
    texts: Texts
    references: tuple[str, ...] = ()

    @property
    def told(self) -> list[Chapter]:
        """Chapters that have exhibits, and the first, which says in words what was found."""
        return [chapter for at, chapter in enumerate(self.chapters) if chapter.exhibits or at == 0]

    @property
    def exhibits(self) -> list[Exhibit]:
        """All exhibits, in order."""
        return [exhibit for chapter in self.chapters for exhibit in chapter.exhibits]

    @property
    def tables(self) -> list[Exhibit]:
        """All tables, in order."""
        return [exhibit for exhibit in self.exhibits if exhibit.kind == "table"]

    @property
    def figures(self) -> list[Exhibit]:
        """All figures, in order."""
        return [exhibit for exhibit in self.exhibits if exhibit.kind == "figure"]


def document(data_set: str, language: str) -> Document:
    """Read the results of a data set and make its exhibits.

    Raises
    ------
    InputError
        When the data set has no finished run.
    """
    notebook = execution.notebook(NOTEBOOK, {"data_set": data_set, "language": language})
    page: Page = execution.execute(notebook)["page"]
    return of_page(page)


def of_page(page: Page) -> Document:
    """What a page that is made shows."""
    report, texts = page.report, page.texts
    heads = [*page.chapters, None]
    chapters = []
    for head, following in zip(heads, heads[1:], strict=False):
        assert head is not None
        shown = page.shown[head.first : following.first if following else None]
        chapters.append(Chapter(head.title, head.paragraphs, tuple(_exhibit(page, *one) for one in shown)))
    lines = [
        texts("page.counts", kind=texts(f"kind.{kind}"), counts=counts(report, kind, texts)) for kind in report.kinds
    ]
    return Document(
        data_set=report.id,
        language=texts.language,
        title=texts.pick(report.card.title),
        banner=texts("simulated.banner") if report.simulated else "",
        lines=tuple(lines),
        chapters=tuple(chapters),
        texts=texts,
        references=tuple(cells.plain(work) for work in references.entries(references.cited(report, page.defined))),
    )


def _exhibit(page: Page, label: str, of: Table | Figure) -> Exhibit:
    kind: Literal["table", "figure"] = "table" if isinstance(of, Table) else "figure"
    same = [one for _, one in page.shown if isinstance(one, type(of))]
    prefix = page.texts("simulated.caption") if page.report.simulated else ""
    return Exhibit(
        kind=kind,
        number=next(at for at, one in enumerate(same, 1) if one is of),
        label=label,
        of=of,
        caption=prefix + cells.plain(of.caption),
        finding=page.finding(of),
        notes=tuple(cells.plain(note) for note in page.notes(of)),
    )
