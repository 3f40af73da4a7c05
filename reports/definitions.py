"""Definitions of the statistics that the report prints: what each is, its formula, its source."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from models import results, specs, theory
from models.choices import choices
from models.messages import near_names
from models.results import Way
from reports import numbers
from reports.texts import LANGUAGES, MissingText, Texts, yaml_of

_SUB = re.compile(r"_\{([^}]*)\}|_(\w+′?)")
_SUP = re.compile(r"\^\(([^)]*)\)")
_YEAR = re.compile(r" \((\d{4})\)")
NONE = "–"
FILE = Path(__file__).parent / "definitions.yaml"
_FIELD = re.compile(r"\{(effects|cluster|declared|chosen)(?:\.(\w+))?\}")
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
# Effects as they stand in a formula.
_EFFECTS = {"twoway": "α_i + τ_t + ", "entity": "α_i + ", "time": "τ_t + ", "pooled": "α + "}


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
def _entries() -> dict[str, dict[str, Any]]:
    return yaml_of(FILE)  # type: ignore[no-any-return]


@cache
def definitions() -> dict[str, Definition]:
    """All definitions by key, each of the way that its key names."""
    return {key: _of_way(Definition(key=key, **entry), results.way(key)) for key, entry in _entries().items()}


@cache
def definition(key: str) -> Definition:
    """The definition under a key, worded for what was estimated in the way that the key names.

    Raises
    ------
    MissingText
        When there is none, with the nearest keys.
    """
    if key in definitions():
        return definitions()[key]
    way = results.way(key)
    if way.definition == key:
        near = ", ".join(near_names(key, definitions())) or ", ".join(definitions())
        raise MissingText(f"no definition {key!r} in reports/definitions.yaml; add it, or use one of {near}")
    return _of_way(Definition(key=key, **_entries()[way.definition]), way)


def _of_way(entry: Definition, way: Way) -> Definition:
    """A definition with its fields filled in: the words for a way, and what is declared."""
    text = {language: _filled(entry.text[language], way, Texts(language)) for language in LANGUAGES}
    return replace(entry, text=text, formula=_filled(entry.formula, way, Texts(LANGUAGES[0])))


def _filled(text: str, way: Way, texts: Texts) -> str:
    def word(match: re.Match[str]) -> str:
        kind, field = match.groups()
        if kind == "declared":
            return _declared(texts)[field]
        if kind == "chosen":
            return texts.chosen(field)
        value = way.values[kind]
        if kind == "effects":
            return texts(f"way.effects.{value}.{field}") if field else _EFFECTS[value]
        named = texts.clusters(value)
        return texts(f"way.cluster.{'entity' if value == 'entity' else 'other'}.{field}", x=named) if field else named

    return _FIELD.sub(word, text)


def _declared(texts: Texts) -> dict[str, str]:
    """What the theory, the specifications and the choices declare, as definitions speak of it."""
    first, last = choices.gmm_first_lag, choices.gmm_last_lag
    leads = specs.roll_outs()["event_study"].leads
    rules = [rule for one in theory.hypotheses().values() for rule in (one.survey, one.panel)]
    bounds = sorted({rule.bound for rule in rules if isinstance(rule, theory.Equivalence)})
    return {
        "first_lag": texts.numeral("ordinal", first),
        "last_lag": texts.numeral("ordinal", last),
        "lags": ", ".join(str(lag) for lag in range(first, last + 1)),
        "leads": texts.numeral("cardinal", leads),
        "slopes_of_leads": " = ".join(f"γ₋{str(lead).translate(_LOWERED)}" for lead in range(leads, 0, -1)),
        "bound": " / ".join(numbers.decimal(bound) for bound in bounds),
    }


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


def glossary(keys: Iterable[str], texts: Texts) -> Markup:
    """The full definitions of `keys`, in the order of the file."""
    items, places = [], list(definitions())
    for key in sorted(dict.fromkeys(keys), key=lambda key: places.index(_entry(key))):
        entry = definition(key)
        line = Markup('<div class="formula">{}</div>').format(formula(entry.formula)) if entry.formula else ""
        source = Markup("; ").join(cited(*work) for work in entry.works)
        items.append(
            Markup('<dt id="definition-{}">{}</dt><dd>{}{}{}<div class="source">{}</div></dd>').format(
                key, texts.pick(entry.name), texts.pick(entry.text), texts("punctuation.stop"), line, source
            )
        )
    return Markup("<dl>{}</dl>").format(Markup("\n").join(items))


def _entry(key: str) -> str:
    """The key of the file's entry that a definition is made of."""
    return key if key in definitions() else results.way(key).definition
