"""Which languages the texts of a card stand in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

LANGUAGES = {"en", "zh"}
_TEXTS = {"title", "description", "row", "label", "event_is"}
_LISTS = {"caution", "proxies", "names"}
_CHINESE = re.compile("[\u3400-\u9fff]")


def lacking(raw: Any, language: str) -> int:
    """How many texts of a card, as it is parsed, do not stand in a language."""
    return sum(language not in found for found in _texts(raw))


def _texts(node: Any, key: str = "", around: str = "") -> Iterator[set[str]]:
    """The languages of each text."""
    if isinstance(node, dict) and node and set(node) <= LANGUAGES:
        yield set(node)
    elif isinstance(node, str) and (key in _TEXTS or around in _LISTS):
        yield {"zh" if _CHINESE.search(node) else "en"}
    elif isinstance(node, dict):
        for name, inside in node.items():
            yield from _texts(inside, name, key)
    elif isinstance(node, list):
        for inside in node:
            yield from _texts(inside, around=key)
