"""Every work that the report cites has its title, once, in the list and for programs that manage references."""

from __future__ import annotations

import re

from models import theory
from models.choices import declared
from reports import definitions, references, works
from reports.references import Work


def cited() -> set[str]:
    found = {work for definition in definitions.definitions().values() for work, _ in definition.works}
    found |= {choice.source for choice in declared().values() if choice.doi}
    found |= {work for threat in theory.threats().values() for work in threat.source.split("; ")}
    sizes = [hypothesis.smallest for hypothesis in theory.hypotheses().values()]
    return found | {re.sub(r", (\d{4})$", r" (\1)", size.source) for size in sizes if size and size.source}


def test_every_work_that_is_cited_has_its_title_and_no_other_is_kept() -> None:
    assert {works.short(work) for work in cited()} == set(works.records())
    assert all(record.title and record.where for record in works.records().values())


def test_a_work_is_listed_once_however_its_places_are_cited() -> None:
    for place in ("Wooldridge (2010, §11.6)", "Wooldridge (2010)"):
        assert works.short(place) == "Wooldridge (2010)"
    assert works.short("Jackson (1977) in Curran (2016)") == "Curran (2016)"
    assert works.short("Hair et al. (2021)") == "Hair et al. (2021)"


def test_a_reference_names_title_journal_and_doi_and_says_no_more_than_is_known() -> None:
    known, unknown = Work("Holm (1979)", "10.2307/4615733"), Work("Nobody & Other (2020)")
    shown = re.sub("<[^>]*>", "", str(references.listed([known, unknown])))
    title = "A simple sequentially rejective multiple test procedure"
    assert f"Holm (1979). {title}. Scandinavian Journal of Statistics. https://doi.org/10.2307/4615733" in shown
    assert "Nobody &amp; Other (2020)" in shown
    entries = references.bibtex([known, unknown])
    assert "@article{holm1979" in entries
    assert f"title = {{{{{title}}}}}" in entries
    assert "@misc{nobody2020" in entries
