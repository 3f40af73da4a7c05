"""The works that a page cites: a list with DOIs as links, and the same for programs that manage references."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from models.choices import declared
from reports import definitions
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
    """Works behind the definitions that the notes of a page use and behind the choices that its stages read."""
    known = definitions.definitions()
    found = {Work(*work) for key in defined for work in known[key].works}
    used = {name for record in report.records.values() for name in record["choices"]}
    found |= {Work(choice.source, choice.doi) for name, choice in declared().items() if name in used and choice.doi}
    with_doi = {work.cited for work in found if work.doi}
    return sorted(work for work in found if work.doi or work.cited not in with_doi)


def listed(works: Iterable[Work]) -> Markup:
    """The list of references."""
    items = Markup("\n").join(
        Markup("<li>{}{}</li>").format(work.cited, Markup(" {}").format(link(work.doi)) if work.doi else "")
        for work in works
    )
    return Markup('<ul class="references">{}</ul>').format(items)


def link(doi: str) -> Markup:
    """A DOI as a link, as publishers ask for it."""
    return Markup('<a href="https://doi.org/{0}">https://doi.org/{0}</a>').format(doi)


def bibtex(works: Iterable[Work]) -> str:
    """An entry a work; programs that manage references fill in the rest by the DOI."""
    entries: dict[str, str] = {}
    for work in works:
        fields = {"author": work.authors, "year": work.year, "doi": work.doi}
        lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
        key = next(key for key in _keys(work.key) if key not in entries)
        entries[key] = f"@misc{{{key},\n" + ",\n".join(lines) + "\n}\n"
    return "\n".join(entries.values())


def _keys(key: str) -> Iterable[str]:
    """A key, then the same with a letter after it."""
    return [key, *(key + letter for letter in "abcdefghijklmnopqrstuvwxyz")]
