"""Where a model draws at random, its caller says from which seed."""

from __future__ import annotations

from collections.abc import Callable

# Names of a draw (what is drawn, of which model, in which group, …) → its seed.
SeedOf = Callable[..., int]
