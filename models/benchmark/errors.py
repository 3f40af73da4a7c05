"""What can be wrong with a declaration or a design."""

from __future__ import annotations


class BenchmarkError(ValueError):
    """The benchmark cannot be simulated as asked."""


class DeclarationError(BenchmarkError):
    """`truth.yaml` contradicts itself or the theory."""


class DesignError(BenchmarkError):
    """A design that does not exist or cannot be carried out."""
