"""Numbers in texts for people that nothing in the project produces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

import pandas as pd

from models.remarks import remark
from pipeline.core import paths
from pipeline.examining.tree import Amiss, Tree

# Code, addresses and links; DOIs, ORCIDs; years and dates; pages, sections, versions and keys of citations.
_NO_RESULTS = re.compile(
    r"```.*?```|^(?: {4}|\t)[^\n]*$|`[^`\n]*`|\]\([^)\n]*\)|https?://\S+|\b10\.\d{4,}/\S+|\b\d{4}-\d{4}-\d{4}-\d{3}[\dX]\b|"
    r"\b(?:1[89]|20)\d\d(?:[-–/.]\d{1,4})*[a-z]?\b|\b(?:pp?\.|pages|页|第)\s*\d+(?:\s*[-–]\s*\d+)?|[§#]\s*\d[\d.]*|"
    r"\b[vV]?\d+\.\d+\.\d+\b|\b[A-Z]{1,4}-?\d[\d.]*[a-z]?\b|@\w+|"
    r"(?:[Pp]aper|论文|编号|文章)[ ：:]*\d+|\bPython \d[\d.]*(?: (?:to|至) \d[\d.]*)?",
    flags=re.DOTALL | re.MULTILINE,
)
_NUMBER = re.compile(r"(?<![\w.,−-])[-−]?(?:\d{1,3}(?:[,，]\d{3})+|\d+)?(?:\.\d+)?(?![\w]|[.,]\d)")
_PROSE = ("README.md", "README.zh.md")
_CELL = re.compile(r"^# %% \[markdown\][^\n]*\n((?:#[^\n]*\n)*)", flags=re.MULTILINE)
# Smaller whole numbers are counted by whoever writes: four formats, 100 people.
SMALLEST = 101


def unproduced(tree: Tree) -> Iterator[Amiss]:
    """Numbers of the read-me and the notebooks that stand in no card, parameter, choice or published result."""
    known = Known(tree)
    for name, text in _prose(tree):
        covered = _NO_RESULTS.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
        for row, line in enumerate(covered.splitlines(), 1):
            for found in _NUMBER.finditer(line):
                if found[0].strip("-−") and not known.has(found[0]):
                    yield Amiss("numbers", remark("tree_number", number=found[0]), name, row)


def _prose(tree: Tree) -> Iterator[tuple[str, str]]:
    """Texts for people: of a notebook its cells of words."""
    for name, text in tree.texts.items():
        if name in _PROSE or name.startswith("docs/") and name.endswith(".md"):
            yield name, text
        elif name.startswith("reports/notebooks/") and name.endswith(".py"):
            words = {at for cell in _CELL.finditer(text) for at in range(cell.start(1), cell.end(1))}
            yield name, "".join(sign if at in words or sign == "\n" else " " for at, sign in enumerate(text))


class Known:
    """Every number that cards, parameters, choices and published results hold."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree

    def has(self, written: str) -> bool:
        """Whether a number is known at the digits in which it is written; a small whole one needs no source."""
        plain = written.replace(",", "").replace("，", "").replace("−", "-")
        digits = len(plain.partition(".")[2])
        value = float(plain)
        if not digits and abs(value) < SMALLEST:
            return True
        if digits:
            return round(value, digits) in self._rounded(digits)
        return value in self._declared or value in self._rounded(0)

    @cached_property
    def _declared(self) -> frozenset[float]:
        names = [n for n in self.tree.named(".yaml") if n.startswith(("data/", "models/")) or n == "params.yaml"]
        found = re.findall(r"\d+(?:[,，_]\d{3})*(?:\.\d+)?", "\n".join(self.tree.texts[name] for name in names))
        return frozenset(float(re.sub("[,，_]", "", number)) for number in found)

    @cached_property
    def _published(self) -> list[float]:
        numbers: list[float] = []
        for path in sorted((self.tree.root / paths.PUBLISHED).glob("*/*.csv")):
            if path.name != "program.csv":
                table = pd.read_csv(path, dtype=str, keep_default_na=False)
                cells = pd.to_numeric(table.stack(), errors="coerce").dropna()
                numbers += cells.unique().tolist()
        return numbers

    def _rounded(self, digits: int) -> frozenset[float]:
        if digits not in self._at:
            self._at[digits] = frozenset(round(n, digits) for n in (*self._published, *self._declared))
        return self._at[digits]

    @cached_property
    def _at(self) -> dict[int, frozenset[float]]:
        return {}
