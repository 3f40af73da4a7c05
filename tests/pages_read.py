"""A page as a test reads it: its links, pictures, headers and words, and what leaks from a program."""

from __future__ import annotations

import ast
import re
from html.parser import HTMLParser

import jupytext

from reports.pages import NOTEBOOK


class Page(HTMLParser):
    """What a test asks of a page: links, pictures, headers, words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.quiet = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.append((tag, {key: value or "" for key, value in attrs}))
        self.quiet += tag in ("style", "code", "script")

    def handle_endtag(self, tag: str) -> None:
        self.quiet -= tag in ("style", "code", "script")

    def handle_data(self, data: str) -> None:
        if not self.quiet:
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


def in_process(name: str, language: str) -> str:
    """The notebook's output without a kernel: every last expression of a cell."""
    space: dict = {}
    shown = []
    for cell in jupytext.read(NOTEBOOK).cells:
        if "parameters" in cell.metadata.get("tags", []):
            space |= {"data_set": name, "language": language}
            continue
        tree = ast.parse(cell.source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, cell.source, "exec"), space)
        if last is not None:
            shown.append(eval(compile(ast.Expression(last.value), cell.source, "eval"), space).data)
    return "\n".join(shown)


def leaks(html: str) -> list[str]:
    """Words of a page that a program wrote and not a writer: reprs, missing values, hyphens for minus signs."""
    python = (
        r"\bnp\.\w|\de[+-]\d|Timestamp\(|array\(|<NA>|\bnan\b|\bNone\b(?! of)|'[A-Za-z]*\d{3,}'|(?<![\w.\])+-])-\.?\d"
    )
    shown = [*Page(html).words, *(image["alt"] for image in Page(html).all("img"))]
    return [words for words in shown if re.search(python, words)]
