"""The models on the ladder of invariance (that of `models.sem`), and what a release frees.

Parameters are named ``factor=~item`` (loading), ``item ~1`` (intercept), ``item~~item`` (residual) and ``item|`` (all
thresholds of an ordered item).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from models import sem
from models.measurement.scales.confirm import factor_syntax
from models.measurement.scales.scales import Scales
from models.remarks import Remark, remark
from models.sem.language.ladder import Step

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
        syntax, released = factor_syntax(scales), tuple(name for p in free for name in self._names(p))
        rungs: Sequence[Step]
        if self.ordinal:
            rungs = sem.ordinal_ladder(syntax, self.sample, items, "group_", "theta", released)
            estimator = "WLSMV" if scaled else "DWLS"
        else:
            rungs = sem.invariance_ladder(syntax, released)
            estimator = self.estimator if scaled else "ML"
        rung = dict(zip(("configural", *self.steps), rungs, strict=True))[step]
        answers = self.sample.loc[self.sample[list(items)].notna().any(axis=1), [*items, "group_"]]
        gaps = answers.isna().any(axis=None)
        missing = ("pairwise" if self.ordinal else "fiml") if gaps else "listwise"
        known = self.samples.get(items)
        data = {"data": answers, "group": "group_"} if known is None else {"data": known}
        how = rung.arguments() | {"std_lv": True, "estimator": estimator, "missing": missing}
        fit = sem.fit(rung.syntax, **data, **how)
        self.samples[items] = fit.task.sample
        return fit

    def as_numbers(self, scales: Scales) -> sem.Fit | None:
        """Fit the configural model to the answers as numbers, by the moments of whoever answered both items.

        Cut-offs of ordered answers have to be simulated answer by answer, which takes minutes. None where it cannot be
        fitted.
        """
        items = [item for columns in scales.values() for item in columns]
        moments = {
            label: sem.Moments(part[items].cov(), len(part), unbiased=True)
            for label, part in self.sample.groupby("group_", sort=False)
        }
        try:
            return sem.fit(factor_syntax(scales), moments, std_lv=True)
        except sem.SemError:
            return None

    def _names(self, parameter: str) -> list[str]:
        """Names of a parameter in a model: thresholds one by one."""
        if family(parameter) == "thresholds":
            item = item_of(parameter)
            return [f"{item}|t{k}" for k in range(1, self.sample[item].nunique())]
        return [parameter.replace(" ", "")]

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
