"""The models on the ladder of invariance: what is equal across groups at each step, and what a release frees.

Parameters are named ``factor=~item`` (loading), ``item ~1`` (intercept), ``item~~item`` (residual) and ``item|`` (all
thresholds of an ordered item).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from models import sem
from models.measurement.scales.confirm import factor_syntax, latent_names
from models.measurement.scales.scales import Scales
from models.remarks import Remark, remark

EQUAL = {
    "configural": (),
    "metric": ("loadings",),
    "scalar": ("loadings", "intercepts"),
    "strict": ("loadings", "intercepts", "residuals"),
}
ORDINAL_STEPS = ("thresholds", "metric", "scalar", "strict")
FAMILY_OF_STEP = {"thresholds": "thresholds", "metric": "loadings", "scalar": "intercepts", "strict": "residuals"}


@dataclass(frozen=True, eq=False)
class Ladder:
    """How to fit the steps for one set of scales, groups and estimator.

    Attributes
    ----------
    sample : DataFrame
        Items and the column ``group_``, the reference group's rows first.
    estimator : str
        ``ML``, ``MLR``, or ``WLSMV`` for ordered items.
    samples : dict
        Items to the sample of the first model of these items: its moments serve the next models.
    """

    sample: pd.DataFrame
    estimator: str
    samples: dict[tuple[str, ...], Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def ordinal(self) -> bool:
        """Whether items are ordered categories."""
        return self.estimator == "WLSMV"

    @property
    def steps(self) -> tuple[str, ...]:
        """Steps above the configural one."""
        return ORDINAL_STEPS if self.ordinal else ("metric", "scalar", "strict")

    def fit(self, scales: Scales, step: str, free: Sequence[str] = (), scaled: bool = True) -> sem.Fit:
        """Fit a step with the parameters in `free` released; without `scaled` only to compare releases, faster."""
        items = tuple(item for columns in scales.values() for item in columns)
        if self.ordinal:
            syntax, equal, partial = self._ordinal(scales, step, free)
            how: dict[str, Any] = {"estimator": "WLSMV" if scaled else "DWLS", "ordered": items}
            how |= {"parameterization": "theta"}
        else:
            syntax, equal = factor_syntax(scales), EQUAL[step]
            partial = [p for p in free if family(p) in EQUAL[step]]
            how = {"estimator": self.estimator if scaled else "ML", "meanstructure": True}
        answers = self.sample.loc[self.sample[list(items)].notna().any(axis=1), [*items, "group_"]]
        gaps = answers.isna().any(axis=None)
        how["missing"] = ("pairwise" if self.ordinal else "fiml") if gaps else "listwise"
        known = self.samples.get(items)
        data = {"data": answers, "group": "group_"} if known is None else {"data": known}
        fit = sem.fit(syntax, **data, group_equal=equal, group_partial=partial, std_lv=True, **how)
        self.samples[items] = fit.problem.sample
        return fit

    def _ordinal(self, scales: Scales, step: str, free: Sequence[str]) -> tuple[str, tuple[str, ...], list[str]]:
        """Write a step for ordered items, as Wu & Estabrook (2016, doi:10.1007/s11336-016-9506-0) identify it.

        Equal thresholds come first and pay for free intercepts and residuals of the latent responses; equal loadings
        then free the factor variances, equal intercepts the factor means, and equal residuals come last.
        """
        if step == "configural":
            return factor_syntax(scales), (), []
        place = ORDINAL_STEPS.index(step)
        others = self.sample["group_"].nunique() - 1

        def over_groups(first: str, rest: str) -> str:
            return f"c({', '.join([first, *[rest] * others])})"

        names, lines, partial = latent_names(scales), [factor_syntax(scales)], []
        for construct, items in scales.items():
            factor = names[construct]
            if place < ORDINAL_STEPS.index("scalar"):
                lines.append(f"{factor} ~ {over_groups('0', '0')}*1")
            for item in items:
                own = item_parameters(factor, item)
                cut = own["thresholds"] in free
                level = not cut and (place < ORDINAL_STEPS.index("scalar") or own["intercepts"] in free)
                spread = not cut and (place < ORDINAL_STEPS.index("strict") or own["residuals"] in free)
                lines.append(f"{item} ~ {over_groups('0', 'NA' if level else '0')}*1")
                lines.append(f"{item} ~~ {over_groups('1', 'NA' if spread else '1')}*{item}")
                if cut:
                    partial += [f"{item}|t{k}" for k in range(1, self.sample[item].nunique())]
                if own["loadings"] in free:
                    partial.append(own["loadings"])
        return "\n".join(lines), ("thresholds",) if step == "thresholds" else ("thresholds", "loadings"), partial

    def obstacle(self, scales: Scales) -> Remark | None:
        """Why ordered items cannot be compared step by step, or None."""
        if not self.ordinal:
            return None
        for construct, items in scales.items():
            if len(items) == 1:
                return remark("ordered_item_alone", construct=construct)
            for item in items:
                if self.sample[item].nunique() < 3:
                    return remark("two_answers", item=item)
        return None


def item_parameters(factor: str, item: str) -> dict[str, str]:
    """Name the parameters of an item by family."""
    return {
        "thresholds": f"{item}|",
        "loadings": f"{factor}=~{item}",
        "intercepts": f"{item} ~1",
        "residuals": f"{item}~~{item}",
    }


def family(parameter: str) -> str:
    """Family that a parameter belongs to."""
    for mark, name in (("=~", "loadings"), ("~~", "residuals"), ("|", "thresholds")):
        if mark in parameter:
            return name
    return "intercepts"


def item_of(parameter: str) -> str:
    """Item that a parameter belongs to."""
    return parameter.split("=~")[-1].split("~")[0].rstrip("| ")


def carried(released: Sequence[str], factors: dict[str, str]) -> list[str]:
    """Released parameters, and those of the same items that must be free in later steps.

    An item with free thresholds has no scale in common with other groups: all else of it is free. A free loading takes
    intercept and residual along, a free intercept the residual.
    """
    later = {"thresholds": ("loadings", "intercepts", "residuals"), "loadings": ("intercepts", "residuals")}
    later |= {"intercepts": ("residuals",)}
    result = list(released)
    for parameter in released:
        own = item_parameters(factors[item_of(parameter)], item_of(parameter))
        result += [own[name] for name in later.get(family(parameter), ())]
    return list(dict.fromkeys(result))
