"""Codebooks for archives: DDI Codebook 2.5 and schema.org, of every table that is published and every survey."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

from models import results as vocabulary
from pipeline.cards import card as cards
from pipeline.verifying import published
from pipeline.wording.texts import Text, in_language

NAMESPACE = "ddi:codebook:2_5"
_XML = "http://www.w3.org/XML/1998/namespace"
LANGUAGES = ("en", "zh")


def codebook(card: cards.Card, was: published.Results) -> bytes:
    """DDI Codebook 2.5 of one data set: the study, its published tables, the items of its survey."""
    ET.register_namespace("", NAMESPACE)
    root = _tag("codeBook", version="2.5", ID=card.id)
    citation = _add(_add(root, "stdyDscr"), "citation")
    title = _add(citation, "titlStmt")
    _worded(title, "titl", card.title)
    _add(title, "IDNo", text=card.id)
    producer = _add(citation, "prodStmt")
    _add(producer, "software", text="Stickiness")
    _add(producer, "prodDate", text=str(was.facts["date"]))
    access = _add(_add(root.find(_name("stdyDscr")), "dataAccs"), "useStmt")
    _worded(access, "conditions", card.source.licence)
    for place, (table, frame) in enumerate((("results.csv", was.rows), ("verdicts.csv", was.verdicts)), 1):
        described = _add(_add(root, "fileDscr", ID=f"F{place}"), "fileTxt")
        _add(described, "fileName", text=table)
        size = _add(described, "dimensns")
        _add(size, "caseQnty", text=str(len(frame)))
        _add(size, "varQnty", text=str(len(frame.columns)))
    data = _add(root, "dataDscr")
    meaning = vocabulary.columns()
    for place, frame in enumerate((was.rows, was.verdicts), 1):
        for column in map(str, frame.columns):
            entry = _add(data, "var", ID=f"V{place}_{column}", name=column, files=f"F{place}")
            _worded(entry, "labl", meaning.get(column, {"en": column, "zh": column}))
            _add(entry, "varFormat", type="numeric" if frame[column].dtype.kind in "fiu" else "character")
    for item in card.items:
        entry = _add(data, "var", ID=f"I_{item.name}", name=item.name)
        _worded(entry, "labl", item.label)
        _add(_add(entry, "valrng"), "range", min=f"{item.low:g}", max=f"{item.high:g}")
        if item.construct:
            _add(entry, "concept", text=item.construct)
        _add(entry, "varFormat", type="numeric")
    ET.indent(root)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="utf-8") + b"\n"


def schema_org(card: cards.Card, was: published.Results) -> str:
    """schema.org JSON-LD of one data set."""
    meaning = vocabulary.columns()
    content: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": _said(card.title),
        "description": _said(card.description or card.title),
        "license": _said(card.source.licence),
        "citation": card.source.citation,
        "dateModified": was.facts["date"],
        "inLanguage": list(LANGUAGES),
        "variableMeasured": [
            {"@type": "PropertyValue", "name": column, "description": meaning.get(column, {}).get("en", column)}
            for column in map(str, was.rows.columns)
        ]
        + [
            {"@type": "PropertyValue", "name": item.name, "description": _said(item.label)}
            | {"minValue": item.low, "maxValue": item.high}
            for item in card.items
        ],
    }
    if card.source.doi:
        content["isBasedOn"] = f"https://doi.org/{card.source.doi}"
    return json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _said(text: Text) -> str:
    return in_language(text, LANGUAGES[0])


def _name(tag: str) -> str:
    return f"{{{NAMESPACE}}}{tag}"


def _tag(tag: str, **attributes: str) -> ET.Element:
    return ET.Element(_name(tag), attributes)


def _add(parent: ET.Element | None, tag: str, text: str = "", **attributes: str) -> ET.Element:
    assert parent is not None
    made = ET.SubElement(parent, _name(tag), attributes)
    made.text = text or None
    return made


def _worded(parent: ET.Element, tag: str, text: Text) -> None:
    """A tag for each language of a text, or one where it does not say which that is."""
    if isinstance(text, str):
        _add(parent, tag, text)
        return
    for language in LANGUAGES:
        if language in text:
            _add(parent, tag, text[language]).set(f"{{{_XML}}}lang", language)
