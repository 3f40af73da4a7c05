"""What can be wrong with a declaration or a design."""

from __future__ import annotations

from collections.abc import Iterable

from models.messages import near_names


class BenchmarkError(ValueError):
    """The benchmark cannot be simulated as asked."""


class DeclarationError(BenchmarkError):
    """`truth.yaml` contradicts itself or the theory."""


class DesignError(BenchmarkError):
    """A design that does not exist or cannot be carried out."""


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint at the nearest valid name, or all of them."""
    names = list(known)
    close = near_names(name, names, 1)
    return f"did you mean {close[0]!r}?" if close else "there are " + ", ".join(names)
