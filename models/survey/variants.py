"""The main model estimated otherwise: other estimator, other use of gaps, controls, levels as means."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from models import sem, specs, theory
from models.analysis.setting import Estimation
from models.choices import choices
from models.sem.api import robustness
from models.sem.language import editing
from models.sem.options import Estimator, Missing
from models.survey.controls import covariates, with_controls
from models.survey.equations import MAIN, Structural

MEAN = "mean_"
ALL_ITEMS = "all"


@dataclass(frozen=True)
class Variant:
    """How the main model is estimated.

    Attributes
    ----------
    estimator
        That of the main analysis, ``"MLR"``, ``"ML"``, or ``"WLSMV"``, for which answers are ordered categories.
    answers
        ``"all"`` uses what everybody answered (full information; with ordered categories pairs of items),
        ``"complete"`` only people who answered everything.
    levels
        ``"second_order"``, or ``"means"``: the mean of a level's items is an indicator of its mechanism.
    controls
        Columns of covariates, see `models.survey.controls`.
    """

    estimator: Estimator = "MLR"
    answers: str = "all"
    levels: str = "second_order"
    controls: tuple[str, ...] = ()


def main_variant(options: Estimation) -> Variant:
    """How the main model is estimated."""
    return Variant(options.estimator, specs.ANSWERS[options.missing])


def of_fit(estimator: Estimator) -> Estimator:
    """The estimator whose fit serves this one too: robust and normal errors belong to the same estimates."""
    return "MLR" if estimator == "ML" else estimator


def with_errors(model: Structural, estimator: Estimator) -> Structural:
    """A fit with the errors and the test of an estimator that has the same estimates (`of_fit`)."""
    settings = model.fit.settings
    if settings.estimator == estimator:
        return model
    errors, test = robustness(estimator, "standard", settings.missing, clustered=False)
    information = "expected" if estimator == "ML" and settings.missing == "listwise" else "observed"
    other = replace(settings, estimator=estimator, se=errors, test=test, information=information)
    return Structural(model.spec, model.built, replace(model.fit, settings=other))


class Variants:
    """The main model in variants on the same answers, each fitted once.

    Parameters
    ----------
    data
        Answers with `respondent`.
    scales
        Construct → items.
    doubted
        Respondents whom the rule of doubt names; without them the people are `undoubted`.
    left_out
        Answers of the people whom a rule leaves out; together with them the people are `with_left_out`.
    main
        The main analysis.
    """

    def __init__(
        self,
        data: pd.DataFrame,
        scales: Mapping[str, Sequence[str]],
        doubted: Collection = (),
        left_out: pd.DataFrame | None = None,
        main: Variant = Variant(),
    ) -> None:
        self.scales, self.main = scales, main
        self.people = {"all": data}
        if len(doubted):
            self.people["undoubted"] = data[~data["respondent"].isin(doubted)]
        if left_out is not None and len(left_out):
            self.people["with_left_out"] = pd.concat([data, left_out], ignore_index=True)
        self._found: dict[tuple[str, str, Variant], Structural | sem.SemError | None] = {}

    def know(self, model: Structural) -> None:
        """Take the main analysis of all people, which is fitted already."""
        self._found["all", ALL_ITEMS, _fit_of(self.main)] = model

    @cached_property
    def gaps(self) -> bool:
        """Whether anybody whom the rules keep has left an item out."""
        items = [item for block in self.scales.values() for item in block]
        return bool(self.people["all"][items].isna().to_numpy().any())

    @cached_property
    def shorter(self) -> dict[str, list[str]]:
        """The scales without the item that loads least in the main analysis, of those with `choices.items_to_spare`."""
        main = self.fit(self.main)
        assert main is not None, "asked only where the main model is there"
        loadings = main.fit.tidy().query("op == '=~'").drop_duplicates("rhs").set_index("rhs")["std_all"]
        found = {}
        for construct, items in self.scales.items():
            known = [item for item in items if item in loadings.index]
            spare = min(known, key=lambda item: loadings[item]) if len(known) >= choices.items_to_spare else None
            found[construct] = [item for item in items if item != spare]
        return found

    def fit(self, how: Variant, people: str = "all", items: str = ALL_ITEMS) -> Structural | None:
        """Fit a variant, or give the fit of before; parameters and errors as in `variant`.

        Parameters
        ----------
        items
            ``"all"``, or ``"without_weakest"``: those of `shorter`.
        """
        key = people, items, _fit_of(how)
        if key not in self._found:
            scales = self.scales if items == ALL_ITEMS else self.shorter
            try:
                self._found[key] = variant(self.people[people], scales, _fit_of(how))
            except sem.SemError as error:
                self._found[key] = error
        found = self._found[key]
        if isinstance(found, sem.SemError):
            raise found
        return None if found is None else with_errors(found, how.estimator)


def _fit_of(how: Variant) -> Variant:
    return replace(how, estimator=of_fit(how.estimator))


def variant(data: pd.DataFrame, scales: Mapping[str, Sequence[str]], how: Variant) -> Structural | None:
    """Fit the main model in a variant; None where a data set does not carry the model.

    Raises
    ------
    models.sem.SemError
        When the model cannot be fitted; ordered categories cannot be combined with controls.
    """
    measured = {construct: list(items) for construct, items in scales.items()}
    if how.levels == "means":
        data, measured = _level_means(data, measured)
    built = specs.structural(specs.structural_specs()[MAIN], measured)
    if not built.syntax:
        return None
    if how.levels == "means":
        built = _equal_weights(built, measured)
    if how.controls:
        numbers = covariates(data, how.controls)
        data, built = data.join(numbers), with_controls(built, list(numbers))
    if how.estimator == "WLSMV":
        indicators = {rhs for _, rhs in editing.related(built.parsed, "=~")}
        ordered = [item for items in scales.values() for item in items if item in indicators]
        missing: Missing = "pairwise" if how.answers == "all" else "listwise"
        fit = sem.fit(built.syntax, data, estimator="WLSMV", ordered=ordered, missing=missing)
    else:
        used = [item for items in measured.values() for item in items]
        gaps = data[used].isna().to_numpy().any() and how.answers == "all"
        fit = sem.fit(built.syntax, data, estimator=how.estimator, missing="fiml" if gaps else "listwise")
    return Structural(MAIN, built, fit)


def _level_means(data: pd.DataFrame, scales: dict[str, list[str]]) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """The mean of the answered items of each level stands for it, where a mechanism has several."""
    means, measured = {}, dict(scales)
    for mechanism in dict.fromkeys(c.part_of for c in theory.constructs().values() if c.part_of):
        levels = [level for level in theory.levels(mechanism) if level in scales]
        if len(levels) < 2:
            continue
        for level in levels:
            means[MEAN + level] = data[scales[level]].mean(axis=1)
            del measured[level]
        measured[mechanism] = [MEAN + level for level in levels]
    return data.assign(**means), measured


def _equal_weights(built: specs.Built, scales: dict[str, list[str]]) -> specs.Built:
    """Two means weigh the same, as two levels of a second-order factor do."""
    pairs = {item for items in scales.values() if len(items) == 2 and items[0].startswith(MEAN) for item in items}
    return built.saying(editing.change(built.parsed, lambda t: replace(t, fixed=(1.0,)) if t.rhs in pairs else t))
