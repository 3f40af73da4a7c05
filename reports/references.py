"""The works that a page cites: a list with DOIs as links, and the same for programs that manage references."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from models import theory
from models.choices import declared
from reports import definitions, works
from reports.reading import Report

_YEAR = re.compile(r"\((\d{4})[a-z]?(?:,[^)]*)?\)")


@dataclass(frozen=True, order=True)
class Work:
    """A work as it is cited, with its DOI (empty where it has none)."""

    cited: str
    doi: str = ""

    @property
    def key(self) -> str:
        """Its key for BibTeX: `curran2016`."""
        plain = unicodedata.normalize("NFKD", self.cited)
        return re.sub(r"[^a-z]", "", re.split(r"[,&(]", plain.casefold())[0]) + self.year

    @property
    def year(self) -> str:
        found = _YEAR.search(self.cited)
        return found[1] if found else ""

    @property
    def authors(self) -> str:
        """Names as BibTeX joins them."""
        return " and ".join(re.split(r", | & ", self.cited.partition(" (")[0].replace(" et al.", ", others")))


def cited(report: Report, defined: Iterable[str]) -> list[Work]:
    """Works behind the definitions that the notes of a page use, the choices that its stages read, and its verdicts.

    Each once, however its places are cited.
    """
    found = {Work(*work) for key in defined for work in definitions.definition(key).works}
    used = {name for record in report.records.values() for name in record["choices"]}
    found |= {Work(choice.source, choice.doi) for name, choice in declared().items() if name in used and choice.doi}
    found |= _of_threats(report) | _of_smallest(report)
    dois = {works.short(work.cited): work.doi for work in sorted(found, key=lambda work: bool(work.doi))}
    return sorted(Work(name, doi) for name, doi in dois.items())


def _of_threats(report: Report) -> set[Work]:
    """Works behind the threats that verdicts were exposed to; a DOI is that of the first of several works."""
    found = set()
    for name in set(report.table("exposure")["term"]):
        threat = theory.threats()[name]
        first, *others = threat.source.split("; ")
        found |= {Work(first, threat.doi or ""), *map(Work, others)}
    return found


def _of_smallest(report: Report) -> set[Work]:
    """Works behind the smallest effects that the tested hypotheses are set against."""
    tested = set(report.verdicts.loc[report.verdicts["pvalue"].notna(), "hypothesis"])
    sizes = [theory.hypotheses()[name].smallest for name in tested]
    return {Work(re.sub(r", (\d{4})$", r" (\1)", size.source), size.doi) for size in sizes if size and size.source}


def listed(found: Iterable[Work]) -> Markup:
    """The list of references."""
    items = Markup("\n").join(Markup("<li>{}</li>").format(entry) for entry in entries(found))
    return Markup('<ul class="references">{}</ul>').format(items)


def entries(found: Iterable[Work]) -> list[Markup]:
    """Each work with its title and its DOI."""
    return [_titled(work) + (Markup(" {}").format(link(work.doi)) if work.doi else Markup("")) for work in found]


def _titled(work: Work) -> Markup:
    """Authors, year, title, where it appeared."""
    known = works.records().get(work.cited)
    if known is None:
        return Markup("{}").format(work.cited)
    title, where = (Markup("<em>{}</em>").format(part) for part in (known.title, known.where))
    ended = Markup("") if known.title.endswith("?") else Markup(".")
    if known.whole:
        return Markup("{}. {}{} {}.").format(work.cited, title, ended, known.where)
    within = Markup("In ") if known.book else Markup("")
    return Markup("{}. {}{} {}{}.").format(work.cited, known.title, ended, within, where)


def link(doi: str) -> Markup:
    """A DOI as a link, as publishers ask for it."""
    return Markup('<a href="https://doi.org/{0}">https://doi.org/{0}</a>').format(doi)


def bibtex(found: Iterable[Work]) -> str:
    """An entry a work; programs that manage references fill in the rest by the DOI."""
    written: dict[str, str] = {}
    for work in found:
        kind, about = _described(works.records().get(work.cited))
        fields = {"author": work.authors, "year": work.year} | about | {"doi": work.doi}
        lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
        key = next(key for key in _keys(work.key) if key not in written)
        written[key] = f"@{kind}{{{key},\n" + ",\n".join(lines) + "\n}\n"
    return "\n".join(written.values())


def _described(known: works.Record | None) -> tuple[str, dict[str, str]]:
    """The kind of a BibTeX entry and what it says beside authors, year and DOI; capitals of titles are kept."""
    if known is None:
        return "misc", {}
    kinds = [
        ("article", "journal", known.journal),
        ("book", "publisher", known.publisher),
        ("incollection", "booktitle", known.book),
        ("unpublished", "note", known.meeting),
    ]
    kind, name, where = next(entry for entry in kinds if entry[2])
    escaped = {key: re.sub(r"([&%#_])", r"\\\1", text) for key, text in (("title", known.title), (name, where))}
    return kind, escaped | {"title": f"{{{escaped['title']}}}"}


def _keys(key: str) -> Iterable[str]:
    """A key, then the same with a letter after it."""
    return [key, *(key + letter for letter in "abcdefghijklmnopqrstuvwxyz")]
