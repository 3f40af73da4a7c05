"""Definitions of the statistics that the report prints: what each is, its formula, its source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markupsafe import Markup, escape

from models.messages import near_names
from reports.texts import MissingText, Texts, yaml_of

_SUB = re.compile(r"_\{([^}]*)\}|_(\w+′?)")
_SUP = re.compile(r"\^\(([^)]*)\)")
_YEAR = re.compile(r" \((\d{4})\)")
NONE = "–"
FILE = Path(__file__).parent / "definitions.yaml"


@dataclass(frozen=True)
class Definition:
    """A statistic: name and explanation in both languages, formula, short citations and DOIs of its sources."""

    key: str
    name: dict[str, str]
    text: dict[str, str]
    formula: str = ""
    source: str = ""
    doi: str = ""

    @property
    def works(self) -> list[tuple[str, str]]:
        """Each work that is cited, with its DOI; empty where it has none."""
        dois = [doi.removeprefix(NONE) for doi in self.doi.split("; ")] if self.doi else []
        works = self.source.split("; ") if self.source else []
        return list(zip(works, dois or [""] * len(works), strict=True))


@cache
def definitions() -> dict[str, Definition]:
    """All definitions by key."""
    entries = yaml_of(FILE)
    return {key: Definition(key=key, **entry) for key, entry in entries.items()}


def definition(key: str) -> Definition:
    """The definition under a key.

    Raises
    ------
    MissingText
        When there is none, with the nearest keys.
    """
    if key not in definitions():
        near = ", ".join(near_names(key, definitions())) or ", ".join(definitions())
        raise MissingText(f"no definition {key!r} in reports/definitions.yaml; add it, or use one of {near}")
    return definitions()[key]


def formula(text: str) -> Markup:
    """A formula in one line: `x_i`, `x_{i,t}` and `x^(2)` with small letters below and above."""
    lowered = _SUB.sub(lambda match: f"<sub>{match[1] or match[2]}</sub>", str(escape(text)))
    return Markup(_SUP.sub(r"<sup>\1</sup>", lowered))


def short(key: str, texts: Texts) -> Markup:
    """The sentence of a table's note, linked to the full definition at the end of the page."""
    entry = definition(key)
    name = Markup('<a href="#definition-{}">{}</a>').format(key, texts.pick(entry.name))
    source = texts("punctuation.aside", x=_YEAR.sub(r", \1", entry.source)) if entry.source else ""
    return Markup("{}{}{}{}{}").format(
        name, texts("punctuation.colon"), texts.pick(entry.text), source, texts("punctuation.stop")
    )


def cited(work: str, doi: str) -> Markup:
    """A work as it is cited, linked to where it is published."""
    return Markup('<a href="https://doi.org/{}">{}</a>').format(doi, work) if doi else escape(work)


def glossary(keys: list[str], texts: Texts) -> Markup:
    """The full definitions of `keys`, in the order of the file."""
    items = []
    for key, entry in definitions().items():
        if key not in keys:
            continue
        line = Markup('<div class="formula">{}</div>').format(formula(entry.formula)) if entry.formula else ""
        source = Markup("; ").join(cited(*work) for work in entry.works)
        items.append(
            Markup('<dt id="definition-{}">{}</dt><dd>{}{}{}<div class="source">{}</div></dd>').format(
                key, texts.pick(entry.name), texts.pick(entry.text), texts("punctuation.stop"), line, source
            )
        )
    return Markup("<dl>{}</dl>").format(Markup("\n").join(items))
