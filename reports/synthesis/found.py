"""The rows of a synthesis as its page asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from models import specs, theory
from pipeline.core import results
from reports.texts import Texts

KINDS = ("survey", "panel")


@dataclass(frozen=True, eq=False)
class Found:
    """What several data sets say together.

    Attributes
    ----------
    rows
        The long table of the synthesis.
    titles
        Data set → its title in both languages.
    published
        Data sets that were published and not run here.
    """

    rows: pd.DataFrame
    titles: Mapping[str, dict[str, str]] = field(default_factory=dict)
    published: frozenset[str] = frozenset()

    @classmethod
    def read(cls, folder: Path, entries: list[dict]) -> Found:
        """From the stage's folder and the summaries of the data sets on the front page."""
        titles = {entry["data_set"]: entry["title"] for entry in entries}
        published = frozenset(entry["data_set"] for entry in entries if "published" in entry)
        return cls(results.read(folder / "results.csv"), titles, published)

    def table(self, name: str, **columns: str) -> pd.DataFrame:
        """Rows of a family, chosen by the values of columns."""
        rows = self._tables.get(f"synthesis_{name}", self.rows.iloc[:0])
        chosen = [(rows[column] == value).to_numpy(bool) for column, value in columns.items()]
        return rows[np.logical_and.reduce(chosen)] if chosen else rows

    @cached_property
    def _tables(self) -> dict[str, pd.DataFrame]:
        return results.by_table(self.rows)

    def titled(self, data_set: str, texts: Texts) -> str:
        """A data set by its title."""
        return texts.pick(self.titles.get(data_set, data_set))

    @cached_property
    def data_sets(self) -> list[str]:
        """Data sets with an effect, in their order."""
        return list(dict.fromkeys(self.table("effects")["group"]))

    def asked(self, kind: str) -> list[str]:
        """Hypotheses and links of a kind of data with an effect, in the order of the theory and of the declaration."""
        there = set(self.table("effects", sample=kind)["term"])
        return [name for name in (*theory.hypotheses(), *specs.synthesis().links) if name in there]

    def mean(self, kind: str, of: str, quantity: str = "mean") -> pd.Series | None:
        """A row about the mean of an effect; None where fewer data sets have it than it needs."""
        rows = self.table("means", sample=kind, term=of, quantity=quantity)
        return rows.iloc[0] if len(rows) else None


def smallest(of: str) -> float | None:
    """The smallest standardised effect that would matter, where one is declared."""
    links = specs.synthesis().links
    if of in links:
        return links[of].smallest
    declared = theory.hypotheses()[of].smallest
    return declared.value if declared else None


def label(of: str, kind: str, texts: Texts) -> str:
    """What is claimed: a hypothesis in the words that the kind of data allows, or a declared link."""
    links = specs.synthesis().links
    return texts.pick(links[of].label) if of in links else texts.claim(of, kind)


def titled(of: str, kind: str, texts: Texts) -> str:
    """A hypothesis by number and words, a link by its label."""
    claim = label(of, kind, texts)
    return texts("together.claim", of=of, claim=claim) if of in theory.hypotheses() else claim


def short(of: str, texts: Texts) -> str:
    """A hypothesis by its number, a link by its label."""
    links = specs.synthesis().links
    return texts.pick(links[of].label) if of in links else of
