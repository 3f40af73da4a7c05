"""Pages of the documentation that are made from code: data sets, hypotheses, commands, functions."""

from __future__ import annotations

import argparse
import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import models
from models import theory
from pipeline.cards import card as cards
from pipeline.cards.card import Card
from reports.texts import Texts

# What is offered to other programs.
MODELS = Path(models.__file__).parent
PACKAGES = ("sem", "panel", "measurement", "synthesis")


def gallery() -> str:
    """Every data set that has a card: what it is, what it measures, what to know before believing a number."""
    texts = Texts("en")
    found = [cards.load(path) for path in sorted(Path("data").glob("*/card.yaml"))]
    return "\n\n".join([f"# {texts('documentation.cards')}", *(_of_card(card, texts) for card in found)]) + "\n"


def _of_card(card: Card, texts: Texts) -> str:
    measured = dict.fromkeys(card.codebook)
    for part in (card.panel, card.cohort):
        measured |= dict.fromkeys(sorted(part.measured) if part else ())
    facts = [
        (texts("facts.row"), texts.pick(card.row)),
        (texts("head.kind"), texts.listing([texts(f"kind.{kind}") for kind in card.parts])),
        (texts("documentation.measures"), texts.listing([texts.construct(name) for name in measured])),
        (texts("facts.licence"), texts.pick(card.source.licence)),
        (texts("facts.source"), texts.pick(card.source.official)),
    ]
    lines = [f"## {texts.pick(card.title)}", f"`{card.id}`"]
    lines += [texts("simulated.banner")] if card.simulated else []
    lines += ["\n".join(f"- **{name}**{texts('punctuation.colon')}{value}" for name, value in facts)]
    lines += ["\n".join(f"- {texts.pick(caution)}" for caution in card.cautions)]
    return "\n\n".join(line for line in lines if line)


def hypotheses() -> str:
    """Every hypothesis with its claim, place in the paper and rule in a survey and in a panel."""
    from pipeline.verbs import rule_words

    texts = Texts("en")
    lines = [f"# {texts('documentation.hypotheses')}"]
    for key, one in theory.hypotheses().items():
        rules = [
            f"- **{texts(f'kind.{kind}')}**{texts('punctuation.colon')}{rule_words.worded(getattr(one, kind), texts)}"
            for kind in ("survey", "panel")
        ]
        lines += [f"## {key}", f"{texts.claim(key)} ({one.section})", "\n".join(rules)]
    return "\n\n".join(lines) + "\n"


def commands() -> str:
    """The help of every verb."""
    from pipeline.cli import parser

    texts, top = Texts("en"), parser()
    verbs = next(action for action in top._actions if isinstance(action, argparse._SubParsersAction)).choices
    parts = [f"## {name}\n\n{_fenced(verb.format_help())}" for name, verb in {"stickiness": top, **verbs}.items()]
    return "\n\n".join([f"# {texts('documentation.commands')}", *parts]) + "\n"


def functions() -> str:
    """What the packages of the science offer, with their docstrings."""
    lines = [f"# {Texts('en')('documentation.functions')}"]
    for package in PACKAGES:
        lines.append(f"## {package}")
        lines += [f"### {package}.{name}\n\n{_fenced(text)}" for name, text in _offered(MODELS / package)]
    return "\n\n".join(lines) + "\n"


def _offered(package: Path) -> Iterator[tuple[str, str]]:
    """Names that a package offers, with their docstrings, read without loading it."""
    for node in ast.parse((package / "__init__.pyi").read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.ImportFrom) or not node.module:
            continue
        source = package.joinpath(*node.module.split(".")).with_suffix(".py")
        written = ast.parse(source.read_text(encoding="utf-8")).body if source.exists() else []
        known = {each.name: each for each in written if isinstance(each, ast.FunctionDef | ast.ClassDef)}
        for alias in node.names:
            if alias.name in known and (text := ast.get_docstring(known[alias.name])):
                yield alias.name, text


def _fenced(text: str) -> str:
    return f"```text\n{text.strip()}\n```"


PAGES: dict[str, Callable[[], str]] = {
    "reference/cards.md": gallery,
    "reference/hypotheses.md": hypotheses,
    "reference/commands.md": commands,
    "reference/functions.md": functions,
}
