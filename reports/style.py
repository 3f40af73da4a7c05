"""How the main tables are printed: stars, digits of p, intervals, after a journal or as `params.yaml` says."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from pipeline.core import paths
from pipeline.core.blocks import Printed
from reports import numbers
from reports.chosen import written


@dataclass(frozen=True)
class Style:
    """A style with nothing left open.

    Attributes
    ----------
    stars
        Levels of p, a star each that p is below; empty where none are printed.
    digits
        Of a p-value.
    intervals
        Whether intervals are printed.
    """

    stars: tuple[float, ...]
    digits: int
    intervals: bool

    def starred(self, text: str, p: float) -> Markup:
        """A coefficient with its stars, which take no room, so that decimals stay below one another."""
        stars = "*" * sum(p < level for level in self.stars)
        return Markup('{}<span class="stars">{}</span>').format(text, stars) if stars else Markup("{}").format(text)

    def pvalue(self, p: float) -> str:
        """A p-value; `< .001` with three digits."""
        return numbers.pvalue(p, self.digits)

    @property
    def levels(self) -> str:
        """What the stars mean: `* p < .05, ** p < .01`; empty without stars."""
        levels = sorted(self.stars, reverse=True)
        return ", ".join(f"{'*' * k} p < {written(level)}" for k, level in enumerate(levels, 1))


# APA 7 prints exact p and intervals; MIS Quarterly and 管理世界 print stars, each at levels of its own.
JOURNALS = {
    "apa": Style((), 3, True),
    "misq": Style((0.05, 0.01, 0.001), 3, False),
    "glsj": Style((0.1, 0.05, 0.01), 3, False),
}


def of(asked: Printed) -> Style:
    """A journal's style, with what `params.yaml` says otherwise."""
    usual = JOURNALS[asked.style]
    return Style(
        stars=usual.stars if asked.stars is None else asked.stars,
        digits=usual.digits if asked.digits is None else asked.digits,
        intervals=usual.intervals if asked.intervals is None else asked.intervals,
    )


def chosen() -> Style:
    """The style of `params.yaml`."""
    return of(paths.params().report)
