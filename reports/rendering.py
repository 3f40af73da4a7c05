"""The templates of the pages that are no notebook: everything is escaped, and a missing name is an error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from pipeline.core import paths
from reports.texts import HTML_LANG, Texts

TEMPLATES = Path(__file__).parent / "templates"


def template(name: str) -> Template:
    """A template of `reports/templates` by its file name."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def acting(texts: Texts) -> dict[str, Any]:
    """What sorts tables and filters columns and points, and its words."""
    return {
        "script": Markup((TEMPLATES / "page.js").read_text(encoding="utf-8")),
        "words": json.dumps({name: texts(f"acting.{name}") for name in ("all", "sort", "platform")}),
    }


def frame(texts: Texts, switch_link: str) -> dict[str, Any]:
    """What every page prints around its content: language, style, the link to the other language.

    Parameters
    ----------
    switch_link
        Where the same page stands in the other language.
    """
    return acting(texts) | {
        "t": texts,
        "quick": paths.QUICK,
        "lang": HTML_LANG[texts.language],
        "style": Markup((TEMPLATES / "style.css").read_text(encoding="utf-8")),
        "switch": Texts(texts.other)("language.switch"),
        "switch_link": switch_link,
        "switch_lang": HTML_LANG[texts.other],
    }
