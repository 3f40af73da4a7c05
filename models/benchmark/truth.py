"""The truth as a table with the keys of the long results table, so that estimates find theirs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from models import theory
from models.benchmark.behaviour import mechanisms
from models.benchmark.declaration import TRUTH, Slope, cells, products, slopes
from models.benchmark.population import Population, population
from models.benchmark.surroundings import AT_ONCE
from models.theory import Contrast

Row = dict[str, object]

KEYS = ["sample", "table", "model", "group", "term", "quantity"]
COLUMNS = [*KEYS, "hypothesis", "truth", "standardised", "note"]
OUTCOMES = {"identification", "stickiness", "loyalty"}
NOT_IN_MAIN_MODEL = {"price_comparison"}
PANEL_MODELS = {
    "identification": "identification_next",
    "stickiness": "stickiness_next",
    "loyalty": "loyalty_next",
    "trust": "trust_next",
}
PRODUCT_MODELS = {
    "participation_cocreation": "interaction",
    "stickiness": "price_shock",
    "trust": "commercialised_strategy",
}
IN_GROUP = "product of deviations from the group's mean"
WITHIN_USER = "product of within-user deviations"
NO_CHAIN = "implied by a common factor, no chain: level 1 acts on level 3 beside level 2"


def truth_table(effect_scale: float = 1.0) -> pd.DataFrame:
    """What a correct analysis of the benchmark finds, for everybody and in every group.

    Returns
    -------
    One row a parameter: `sample`, `table`, `model` (specification), `group`, `term`, `quantity` as in the long
    results table; `hypothesis`; `truth` in the units of the data (marker scaling: first item, first level; contrasts in
    pooled standard deviations); `standardised` (survey paths and covariances, else blank); `note`.

    The pooled truth is derived, not assumed: see `models.benchmark.population`.
    """
    people, grid = population(effect_scale), cells()
    everybody = np.ones(len(grid), dtype=bool)
    whole = SurveyTruth(people, everybody)
    rows = [row | {"group": ""} for row in [*whole.all(), *whole.loadings()]]
    rows += whole.contrasts()
    rows += [row | {"group": "all"} for row in _panel(effect_scale, people.share, everybody)]
    for grouping in TRUTH["groups"]:
        for level in TRUTH["groups"][grouping]:
            members = (grid[grouping] == level).to_numpy()
            part = SurveyTruth(people, members)
            found = [row | {"table": "group_paths"} for row in part.paths()]
            found += _panel(effect_scale, people.share, members)
            rows += [row | {"group": f"{grouping}: {level}"} for row in found]
    rows += _claims(effect_scale)
    return pd.DataFrame(rows).reindex(columns=COLUMNS).fillna({"hypothesis": "", "note": ""})


class SurveyTruth:
    """Parameters of the structural models in a mixture of cells."""

    def __init__(self, people: Population, members: np.ndarray) -> None:
        self.people, self.members = people, members
        self.sigma = people.mixture(members)
        self.sd = dict(zip(people.names, np.sqrt(np.diag(self.sigma)), strict=True))

    def all(self) -> Iterator[Row]:
        """Every true parameter of the survey."""
        yield from self.paths()
        yield from self.indirect()
        yield from self.covariances()
        yield from self.levels()
        yield from self.interactions()

    def cov(self, a: str, b: str) -> float:
        """Covariance of two constructs."""
        return float(self.sigma[self.people.at(a), self.people.at(b)])

    def size(self, slope: Slope) -> np.ndarray:
        """(2,) a path as it is and standardised."""
        value = slope.mean(self.people.share, self.members)
        return np.array([value, value * self.sd[slope.cause] / self.sd[slope.effect]])

    def paths(self) -> Iterator[Row]:
        """Structural paths."""
        for slope in self.people.slopes:
            main = slope.effect in OUTCOMES and slope.cause not in NOT_IN_MAIN_MODEL
            model = "commercialisation" if slope.hypothesis == "H9a" else "mechanisms" if main else "drivers"
            yield _row("paths", model, f"{slope.effect} ~ {slope.cause}", self.size(slope), slope.hypothesis)

    def indirect(self) -> Iterator[Row]:
        """Indirect and total effects."""
        size = {slope.label: self.size(slope) for slope in self.people.slopes}
        for letter, mechanism in zip("abc", mechanisms(), strict=True):
            indirect = size[f"h1{letter}"] * size["h2"]
            yield _row("effects", "mechanisms", f"h3{letter}", indirect, f"H3{letter}")
            total = indirect + size[f"direct_{mechanism}"]
            yield _row("effects", "mechanisms", f"total_{mechanism}", total, f"H3{letter}")

    def covariances(self) -> Iterator[Row]:
        """Covariances that a hypothesis is about."""
        for entry in TRUTH["survey"]["correlations"]:
            if "hypothesis" in entry:
                a, b = entry["between"]
                size = self.cov(a, b) * np.array([1, 1 / (self.sd[a] * self.sd[b])])
                yield _row("covariances", "mechanisms", f"{a} ~~ {b}", size, entry["hypothesis"])

    def levels(self) -> Iterator[Row]:
        """Regressions between the levels of a mechanism that their common factor implies."""
        for letter, (mechanism, (first, second, third)) in zip("abc", mechanisms().items(), strict=True):
            for effect, causes in ((second, [first]), (third, [second, first])):
                variance = [[self.cov(a, b) for b in causes] for a in causes]
                values = np.linalg.solve(variance, [self.cov(cause, effect) for cause in causes])
                for cause, value in zip(causes, values, strict=True):
                    size = value * np.array([1, self.sd[cause] / self.sd[effect]])
                    yield _row("paths", f"levels_{mechanism}", f"{effect} ~ {cause}", size, f"H4{letter}", NO_CHAIN)

    def interactions(self) -> Iterator[Row]:
        """Effects of products of causes."""
        for p in self.people.products:
            a, b = p.causes
            size = p.size * np.array([1, self.sd[a] * self.sd[b] / self.sd[p.effect]])
            yield _row("paths", "interaction", f"{p.effect} ~ {a}:{b}", size, p.hypothesis, IN_GROUP)

    def loadings(self) -> Iterator[Row]:
        """Free loadings of the main model; the first of each construct is fixed to one."""
        survey = TRUTH["survey"]
        causes = {slope.cause for slope in self.people.slopes if slope.effect in OUTCOMES} - NOT_IN_MAIN_MODEL
        first_order = {level for levels in survey["levels"].values() for level in levels}
        for construct, entry in survey["measurement"].items():
            if construct in first_order | causes | OUTCOMES:
                for item, loading in list(entry["items"].items())[1:]:
                    yield _row("loadings", "mechanisms", f"{construct} =~ {item.lower()}", np.array([loading, np.nan]))
        for mechanism, levels in survey["levels"].items():
            for level, entry in list(levels.items())[1:]:
                size = entry["loading"] * np.array([1, self.sd[mechanism] / self.sd[level]])
                yield _row("loadings", "mechanisms", f"{mechanism} =~ {level}", size)

    def contrasts(self) -> Iterator[Row]:
        """Differences between groups that decide a hypothesis, per path and averaged, in pooled standard deviations."""
        by_label = {slope.label: slope for slope in self.people.slopes}
        grid = cells()
        for hypothesis in theory.hypotheses().values():
            test = hypothesis.survey
            if not isinstance(test, Contrast):
                continue
            plus, minus = sorted(test.plus), sorted(test.minus)
            if test.by not in grid or not {*plus, *minus} <= set(grid[test.by]):
                continue
            group, gaps = f"{' + '.join(plus)} − {' + '.join(minus)}", []
            for label in test.labels:
                slope = by_label[label]
                mean = {g: slope.mean(self.people.share, (grid[test.by] == g).to_numpy()) for g in (*plus, *minus)}
                gap = np.mean([mean[g] for g in plus]) - np.mean([mean[g] for g in minus])
                gaps.append(gap * self.sd[slope.cause] / self.sd[slope.effect])
                size, term = np.array([gaps[-1], np.nan]), f"{slope.effect} ~ {slope.cause}"
                yield _row("contrast", "mechanisms", term, size) | {"group": group, "quantity": "difference"}
            decisive = _row("contrast", "mechanisms", "mean of paths", np.array([np.mean(gaps), np.nan]), hypothesis.id)
            yield decisive | {"group": group, "quantity": "decisive"}


def _claims(effect_scale: float) -> Iterator[Row]:
    """Whether each hypothesis is true; without its effects only that of no differences (equivalence) is."""
    for kind, declared in TRUTH["hypotheses"].items():
        for name, hypothesis in theory.hypotheses().items():
            if name in declared["absent"]:
                continue
            found = effect_scale != 0 or isinstance(getattr(hypothesis, kind), theory.Equivalence)
            row = {"sample": kind, "table": "known_truth", "model": "", "group": "", "term": "", "quantity": "holds"}
            yield row | {"hypothesis": name, "truth": float(found and name not in declared["untrue"])}


def _row(table: str, model: str, term: str, size: np.ndarray, hypothesis: str = "", note: str = "") -> Row:
    place: Row = {"sample": "survey", "table": table, "model": model, "term": term, "quantity": "estimate"}
    return place | {"hypothesis": hypothesis, "truth": size[0], "standardised": size[1], "note": note}


def _panel(effect_scale: float, share: np.ndarray, members: np.ndarray) -> Iterator[Row]:
    declared = TRUTH["behaviour"]

    def row(model: str, outcome: str, term: str, truth: float, hypothesis: str, note: str = "") -> Row:
        place: Row = {"sample": "panel", "table": "slopes", "model": model, "term": term, "quantity": "raw"}
        note = f"{outcome} ~ {term}" + (f"; {note}" if note else "")
        return place | {"hypothesis": hypothesis, "truth": truth, "standardised": np.nan, "note": note}

    for slope in slopes(declared["slopes"], effect_scale):
        loop = slope.cause in mechanisms() and slope.effect in mechanisms()
        models = PRODUCT_MODELS if slope.cause in declared["surroundings"] else PANEL_MODELS
        model = f"{slope.effect}_cross_lags" if loop else models[slope.effect]
        truth = row(model, slope.effect, _term(slope.cause), slope.mean(share, members), slope.hypothesis)
        yield truth
        if loop:
            yield truth | _within_person(slope.effect, slope.cause)
        if model in PANEL_MODELS.values():
            yield from _checked(truth, slope.cause)
    found = {
        (slope.cause, slope.effect): slope.mean(share, members) for slope in slopes(declared["slopes"], effect_scale)
    }
    for letter, mechanism in zip("abc", mechanisms(), strict=True):
        indirect = found[mechanism, "identification"] * found["identification", "stickiness"]
        yield row(
            "lagged_mediation", "stickiness", f"lag({mechanism})", indirect, f"H3{letter}", "through identification"
        )
    for chain in declared["chains"]:
        whole, levels, size = chain["of"], mechanisms()[chain["of"]], chain["value"] * effect_scale
        for lower, higher in zip(levels, levels[1:], strict=False):
            yield row(f"{higher}_change", higher, f"lag({lower})", size, chain["hypothesis"], "given the other lags")
        truth = row(f"{whole}_cross_lags", whole, f"lag({whole})", size, "", "within-user autoregression")
        yield truth
        yield truth | _within_person(whole, whole)
    for entry in declared["moderation"]:
        size, where = entry["value"] * effect_scale, f"a standard deviation of {entry['by']}"
        model, term = PANEL_MODELS[entry["to"]], f"{_term(entry['from'])}:{entry['by']}"
        yield row(model, entry["to"], term, size, entry["hypothesis"], where) | {"table": "moderation"}
    for p in products(declared["interactions"], effect_scale):
        term = ":".join(_term(cause) for cause in p.causes)
        yield row(PRODUCT_MODELS[p.effect], p.effect, term, p.size, p.hypothesis, WITHIN_USER)


def _checked(truth: Row, cause: str) -> Iterator[Row]:
    """Where a slope shows again: estimated with instruments, and of an outcome that nothing moves."""
    if any(cause == _whole(entry["shifts"]) for entry in TRUTH["behaviour"]["instruments"].values()):
        yield truth | {"table": "instruments", "model": f"{truth['model']}_iv", "quantity": "iv"}
    for name in TRUTH["behaviour"]["controls"]:
        yield truth | {"table": "negative_control", "term": f"{name} ~ {truth['term']}", "truth": 0.0, "hypothesis": ""}


def _whole(level: str) -> str:
    return next(name for name, levels in mechanisms().items() if level in levels)


def _term(cause: str) -> str:
    return cause if cause in AT_ONCE else f"lag({cause})"


def _within_person(effect: str, cause: str) -> Row:
    """Where the random-intercept cross-lagged model reports a slope of the closed loop."""
    return {"table": "closed_loop", "model": "closed_loop", "term": f"{effect} ~ lag({cause})"}
