"""A structural specification as it is written, line by line."""

from __future__ import annotations

from dataclasses import dataclass

from models.specs.lines import Line
from models.specs.product_terms import Product


@dataclass(frozen=True)
class Structural:
    """A structural specification: the lines that can be read, by their number; `products` of causes are lines too."""

    file: str
    lines: dict[int, Line]
    products: dict[int, Product]

    @property
    def name(self) -> str:
        """The name by which hypotheses call it."""
        return self.file.rsplit("/", 1)[-1].removesuffix(".lav")
