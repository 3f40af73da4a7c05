"""The identified ladder of invariance of ordinal items (Wu & Estabrook 2016, https://doi.org/10.1007/s11336-016-9506-0).

Nothing but thresholds and loadings can differ in the baseline. Equal thresholds identify the intercepts and scales of
the latent responses in the other groups, equal loadings the variances of the factors there, equal intercepts their
means. Intercept and scale of an item take two equal thresholds. A dichotomous item has one: its threshold and loading
cannot be tested before its intercept, so that its scale is free as soon as the loadings are equal, which restricts
nothing until the intercepts are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

import pandas as pd

from models.sem.arguments import choice
from models.sem.errors import ModelError
from models.sem.language.ladder import Step
from models.sem.language.rows import Options
from models.sem.language.syntax import parse
from models.sem.language.table import classify
from models.sem.options import Parameterization
from models.sem.samples.sample import group_labels, require_columns


@dataclass(frozen=True)
class OrdinalStep(Step):
    """One rung for ordered items."""

    ordered: tuple[str, ...] = ()
    parameterization: Parameterization = "delta"

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of `fit` beyond model, data and group."""
        return super().arguments() | {
            "ordered": self.ordered,
            "parameterization": self.parameterization,
            "std_lv": True,
            "estimator": "WLSMV",
        }


def ordinal_ladder(
    syntax: str,
    data: pd.DataFrame,
    ordered: Sequence[str],
    group: str,
    parameterization: Parameterization = "delta",
    group_partial: Sequence[str] = (),
) -> tuple[OrdinalStep, ...]:
    """Return baseline, thresholds, loadings, intercepts and (theta) residuals: each step adds one family of equalities.

    Parameters
    ----------
    syntax : str
        Measurement model of first-order factors, without means, thresholds and scales.
    data : DataFrame
        Answers, one row a respondent.
    ordered : sequence of str
        Items that are ordered categories.
    group : str
        Column that names the groups.
    parameterization : {"delta", "theta"}
        ``"theta"`` also tests residual variances; in ``"delta"`` they are no parameters.
    group_partial : sequence of str
        Parameters released from equality, for example ``("x1|t2", "f=~x3", "x2~1")``.

    Returns
    -------
    tuple of OrdinalStep
        The rungs, each with what ``sem.fit`` needs.

    Raises
    ------
    ModelError
        If the model has higher-order factors.
    ArgumentError
        If the parameterization is unknown.

    Notes
    -----
    Wu & Estabrook (2016), https://doi.org/10.1007/s11336-016-9506-0.

    Examples
    --------
    >>> import pandas as pd
    >>> from models import sem
    >>> answers = pd.DataFrame([[1, 2, 3, "app"], [2, 3, 1, "app"], [3, 1, 2, "web"]], columns=["a", "b", "c", "place"])
    >>> steps = sem.ordinal_ladder("F =~ a + b + c", answers, ordered=["a", "b", "c"], group="place")
    >>> [step.name for step in steps]
    ['baseline', 'thresholds', 'loadings', 'intercepts']
    """
    choice("parameterization", parameterization, get_args(Parameterization))
    require_columns(data, list(ordered), "an ordered item")
    parsed = parse(syntax)
    terms, variables = parsed.terms, classify(parsed, Options(ordered=tuple(ordered)))
    for term in terms:
        if term.op == "=~" and term.rhs in variables.latent:
            raise ModelError(
                f"'{term.lhs}' is a higher-order factor; the ladder of ordinal items needs a model of first-order "
                f"factors: leave out '{term.lhs} =~ …' and let the first-order factors correlate."
            )
    thresholds = {item: int(data[item].nunique()) - 1 for item in variables.ordered}
    partial = tuple("".join(name.split()) for name in group_partial)
    equal: tuple[str, ...] = ()
    families = ("thresholds", "loadings", "intercepts") + (("residuals",) if parameterization == "theta" else ())
    steps = []
    for name in ("baseline", *families):
        equal = (*equal, name) if name != "baseline" else ()
        text = _Text(len(group_labels(data, group)), parameterization, equal, partial)
        items = {f: [t.rhs for t in terms if t.op == "=~" and t.lhs == f] for f in variables.latent}
        extended = "\n".join([syntax, *text.items(thresholds), *text.factors(items, thresholds), ""])
        steps.append(
            OrdinalStep(name, extended, equal, partial if equal else (), tuple(variables.ordered), parameterization)
        )
    return tuple(steps)


@dataclass(frozen=True)
class _Text:
    """Writes what is free outside the first group when some families are equal."""

    n_groups: int
    parameterization: str
    equal: tuple[str, ...]
    partial: tuple[str, ...]

    def _values(self, first: float, free: bool) -> str:
        rest = "NA" if free else f"{first:g}"
        return "c(" + ", ".join([f"{first:g}", *[rest] * (self.n_groups - 1)]) + ")"

    def items(self, thresholds: dict[str, int]) -> list[str]:
        """Return intercepts and scales (or residual variances)."""
        operator = "~*~" if self.parameterization == "delta" else "~~"
        lines = []
        for item, count in thresholds.items():
            shared = self._shared(item, count)
            shift = shared >= 1 and ("intercepts" not in self.equal or f"{item}~1" in self.partial)
            scale = shared >= 2 or (shared == 1 and "loadings" in self.equal)
            if "residuals" in self.equal:
                scale = scale and f"{item}~~{item}" in self.partial
            lines.append(f"{item} ~ {self._values(0, shift)}*1")
            lines.append(f"{item} {operator} {self._values(1, scale)}*{item}")
        return lines

    def _shared(self, item: str, count: int) -> int:
        """Return the number of equal thresholds of an item."""
        released = sum(f"{item}|t{k}" in self.partial for k in range(1, count + 1))
        return count - released if "thresholds" in self.equal else 0

    def factors(self, items: dict[str, list[str]], thresholds: dict[str, int]) -> list[str]:
        """Return means and variances of the factors."""
        lines = []
        for factor, indicators in items.items():
            scaled = any(self._shared(v, thresholds[v]) >= 2 if v in thresholds else True for v in indicators)
            variance = "loadings" in self.equal and (scaled or "intercepts" in self.equal)
            lines.append(f"{factor} ~ {self._values(0, 'intercepts' in self.equal)}*1")
            lines.append(f"{factor} ~~ {self._values(1, variance)}*{factor}")
        return lines
