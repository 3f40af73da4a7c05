"""Every text of the report, from the catalogue of one language: sentences, names of terms, groups and reasons."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from models import specs, theory
from models.panel.language.editing import shifted
from models.remarks import unpacked
from pipeline.cards.card import Card
from pipeline.core.errors import short
from pipeline.wording.texts import Text, in_language
from reports import numbers
from reports.chosen import filled, word, worded

FOLDER = Path(__file__).parent / "catalogue"
LANGUAGES = ("en", "zh")
HTML_LANG = {"en": "en", "zh": "zh-Hans"}


class MissingText(KeyError):
    """A key that the catalogue does not have."""


def is_indirect(model: str) -> bool:
    """Whether a panel model is one of indirect effects."""
    spec = specs.panel_specs().get(model)
    return spec is not None and spec.estimator == "mediation"


def yaml_of(path: Path) -> Any:
    """What a file of the report declares, read by the parser in C where PyYAML has it: they are long."""
    return yaml.load(filled(path.read_text(encoding="utf-8")), getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@cache
def catalogue(language: str) -> dict[str, str]:
    """Dotted key → text."""
    found: dict[str, str] = {}

    def walk(node: dict[str, Any], at: str) -> None:
        for key, value in node.items():
            if isinstance(value, dict):
                walk(value, f"{at}{key}.")
            else:
                found[f"{at}{key}"] = str(value)

    walk(yaml_of(FOLDER / f"{language}.yaml"), "")
    return {key: worded(text, found) for key, text in found.items()}


class Texts:
    """Texts in one language for one data set.

    Parameters
    ----------
    language
        "en" or "zh".
    groups
        Names of groups and of their levels from the card, as `group_names` gives them.
    """

    def __init__(self, language: str, groups: dict[str, dict[str, Any]] | None = None) -> None:
        self.language = language
        self.groups = groups or {}
        self._texts = catalogue(language)

    @property
    def other(self) -> str:
        """The language to switch to."""
        return next(language for language in LANGUAGES if language != self.language)

    def __call__(self, key: str, **fields: object) -> str:
        """The text under `key` with its fields filled in."""
        if key not in self._texts:
            raise MissingText(f"no text {key!r} in reports/catalogue/{self.language}.yaml; add it to every language")
        return self._texts[key].format(**fields) if fields else self._texts[key]

    def maybe(self, key: str, otherwise: str) -> str:
        """The text under `key`, or `otherwise` for names that data sets bring along."""
        return self._texts.get(key, otherwise)

    def chosen(self, name: str) -> str:
        """What a choice that is a word says."""
        return word(name, self._texts)

    def pick(self, text: Text) -> str:
        """The language's side of a text in two languages; a text that stands in one language as it is."""
        return in_language(text, self.language)

    def section(self, place: str) -> str:
        """A place in the paper, whose sections have Chinese numerals, in the numerals of the language."""
        numerals = self("punctuation.numerals")
        return place.translate({ord(sign): str(value) for value, sign in enumerate(numerals, 1)})

    def listing(self, parts: list[str]) -> str:
        return self("punctuation.list").join(parts)

    def construct(self, name: str) -> str:
        """Label of a construct, of `lag(construct)`, of a product `a:b`."""
        if moved := shifted(name):
            return self(f"term.{moved[0]}", x=self.construct(moved[1]))
        if ":" in name:
            return " × ".join(self.construct(part) for part in name.split(":"))
        known = theory.constructs().get(name.strip())
        own = self.groups.get("own", {}).get("levels", {}).get(name.strip())
        if own:
            return self.pick(own)
        return self.pick(known.label) if known else self.maybe(f"term.{name.strip()}", name.strip())

    def term(self, name: str) -> str:
        """A parameter's name in words: paths with arrows, effects by their hypothesis, as surveys speak of it."""
        for operator, form in (("=~", "measures"), ("~~", "with"), ("~", "path")):
            left, found, right = name.partition(f" {operator} ")
            if found:
                return self(f"term.{form}", left=self.construct(left), right=self.construct(right))
        hypothesis = name[:1].upper() + name[1:]
        if hypothesis in theory.hypotheses():
            return self("term.hypothesis", id=hypothesis, claim=self.claim(hypothesis, "survey"))
        for kind in ("direct", "total"):
            if name.startswith(f"{kind}_"):
                return self(f"term.{kind}", x=self.construct(name.removeprefix(f"{kind}_")))
        return self.construct(name)

    def slope(self, model: str, name: str) -> str:
        """A regressor of a panel model; an indirect effect starts two periods before the outcome."""
        moved = shifted(name)
        return self("term.through", x=self.construct(moved[1])) if moved and is_indirect(model) else self.term(name)

    def claim(self, hypothesis: str, kind: str = "") -> str:
        """A hypothesis as the paper puts it, or in the words that a kind of data allows."""
        return self.pick(theory.hypotheses()[hypothesis].said(kind))

    def group(self, name: str) -> str:
        """A grouping: platform type, generation, country, or what the card calls it."""
        known = self.groups.get(name, {}).get("label")
        return self.pick(known) if known else self.maybe(f"group.{name}", name.replace("_", " "))

    def numeral(self, kind: str, number: int) -> str:
        """A small number in words: "ordinal", "cardinal"."""
        return self.maybe(f"numeral.{kind}.{number}", str(number))

    def clusters(self, name: str) -> str:
        """What errors are clustered by: users, periods, or the groups of a grouping."""
        return self(f"term.{name}") if name in ("entity", "time") else self.group(name)

    def level(self, value: str, group: str | None = None) -> str:
        """A level of a grouping (of any of them when `group` is not given)."""
        for name in [group] if group else [*self.groups]:
            known: dict[str, dict[str, str]] = self.groups.get(name, {}).get("levels", {})
            if value in known:
                return self.pick(known[value])
        if value in theory.platform_types():
            return self.pick(theory.platform_types()[value].label)
        return self.maybe(f"level.{value}", value)

    def model(self, name: str) -> str:
        """A roll-out that the card names, a panel specification as it is declared, or another model of the project."""
        known = self.groups.get("treatments", {}).get("levels", {}).get(name)
        declared = {key: spec.label for key, spec in specs.panel_specs().items()}
        if label := known or declared.get(name):
            return self.pick(label)
        plain = name.removesuffix("_iv")
        if plain in declared and plain != name:
            return self("model.with_instruments", model=self.model(plain))
        return self.maybe(f"model.{name}", name)

    def member(self, name: str) -> str:
        """The column `group` of the results: `all`, `platform_type: social`, `social + content − comprehensive`."""
        group, found, value = name.partition(": ")
        if found:
            return self.level(value, group)
        sides = [" + ".join(self.level(part) for part in side.split(" + ")) for side in name.split(" − ")]
        return " − ".join(sides)

    def remarks(self, cell: str) -> str:
        """What a stage remarked, from a cell of a table."""
        return self("punctuation.clauses").join(one.worded(self) for one in unpacked(cell))

    def value(self, kind: str, value: Any) -> str:
        """A value in a remark, as this language writes its kind."""
        if isinstance(value, list | tuple):
            return self.listing([self.value(kind.removesuffix("s"), one) for one in value])
        written: dict[str, Callable[[Any], str]] = {
            "count": numbers.count,
            "number": lambda number: numbers.written(f"{number:.3g}"),
            "p": lambda p: numbers.equation("", numbers.pvalue(p)).strip(),
            "decimal": numbers.decimal,
            "given": lambda number: numbers.written(f"{number:g}"),
            "percent": numbers.percent,
            "word": lambda word: self(f"word.{word}"),
            "construct": self.construct,
            "term": self.term,
            "model": self.model,
            "level": self.level,
            "group": self.group,
            "member": self.member,
        }
        return written.get(kind, str)(value)


def group_names(card: Card) -> dict[str, dict[str, Any]]:
    """Grouping → its label and the names of its levels, as far as the card gives them.

    Roll-outs are named under `treatments`, items and measures of no construct under `own`.
    """
    found: dict[str, dict[str, Any]] = {}
    for part in card.parts.values():
        for name, entry in part.groups.items():
            known = found.setdefault(name, {"label": entry.label, "levels": {}})
            known["label"] = known["label"] or entry.label
            known["levels"] |= entry.names
    for of, key in (("treatments", "treatments"), ("auxiliary", "own")):
        found[key] = {"levels": {name: entry.label for name, entry in getattr(card.panel, of, {}).items()}}
    found["own"]["levels"] |= {
        item.name: short(item.shown) for item in (*card.items, *card.marker) if item.shown != item.name
    }
    return found


def front_link(language: str, base: str = "") -> str:
    """File of the front page."""
    return f"{base}index.html" if language == "en" else f"{base}index.{language}.html"
