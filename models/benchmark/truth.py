"""The truth as one table: what a correct analysis of the benchmark finds, for everybody and in every group."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from models.benchmark.behaviour import mechanisms
from models.benchmark.declaration import TRUTH, Slope, cells, products, slopes
from models.benchmark.population import Population, population

Row = dict[str, object]

COLUMNS = ["model", "spec", "by", "group", "lhs", "op", "rhs", "label", "hypothesis", "value", "standardised", "note"]
POOLED = "pooled"
OUTCOMES = {"identification", "stickiness", "loyalty"}
NOT_IN_MAIN_MODEL = {"price_comparison"}
ROUNDING = 1 / 12
PANEL_SPECS = {
    "identification": "identification_next",
    "stickiness": "stickiness_next",
    "loyalty": "loyalty_next",
    "trust": "trust_next",
}
IN_GROUP = "product of deviations from the group's mean"
WITHIN_USER = "product of within-user deviations"
NO_CHAIN = (
    "given the level between; it would be zero in a chain. The levels reflect a common factor, so that the chain is "
    "the wrong model here and its own paths have no true value"
)


def truth_table(effect_scale: float = 1.0) -> pd.DataFrame:
    """What is true of the benchmark.

    Returns
    -------
    One row a parameter and group. `model`: survey or panel; `spec`: name of the specification that estimates it;
    `by`, `group`: grouping and group, `pooled` for a model of everybody; `lhs`, `op`, `rhs`: the parameter in lavaan's
    notation, ``a:b`` a product, ``lag(x)`` the month before; `label`: its label in the specification; `value` in the
    units of the data (marker scaling: first item, first level); `standardised` by the model's standard deviations
    (blank for the panel); `note`: what a reader has to know.

    The pooled truth is derived, not assumed: see `models.benchmark.population`.
    """
    people, grid = population(effect_scale), cells()
    everybody = np.ones(len(grid), dtype=bool)
    samples = [("", POOLED, everybody)]
    samples += [(by, group, (grid[by] == group).to_numpy()) for by in TRUTH["groups"] for group in TRUTH["groups"][by]]
    rows: list[Row] = []
    for by, group, members in samples:
        survey = SurveyTruth(people, members)
        found = [*survey.paths(), *survey.indirect(), *survey.covariances(), *survey.levels(), *survey.interactions()]
        found += [*_panel(effect_scale, people.share, members)]
        rows += [{"by": by, "group": group} | row for row in found]
    rows += [{"by": "", "group": POOLED} | row for row in SurveyTruth(people, everybody).loadings()]
    return pd.DataFrame(rows).reindex(columns=COLUMNS).fillna({"label": "", "hypothesis": "", "note": ""})


class SurveyTruth:
    """Parameters of the structural models in a mixture of cells."""

    def __init__(self, people: Population, members: np.ndarray) -> None:
        self.people, self.members = people, members
        self.sigma = people.mixture(members)
        self.sd = dict(zip(people.names, np.sqrt(np.diag(self.sigma)), strict=True))

    def cov(self, a: str, b: str) -> float:
        return float(self.sigma[self.people.at(a), self.people.at(b)])

    def size(self, slope: Slope) -> np.ndarray:
        """(2,) a path as it is and standardised."""
        value = self.people.mean_path(slope, self.members)
        return np.array([value, value * self.sd[slope.cause] / self.sd[slope.effect]])

    def paths(self) -> Iterator[Row]:
        for slope in self.people.slopes:
            main = slope.effect in OUTCOMES and slope.cause not in NOT_IN_MAIN_MODEL
            spec = "commercialisation" if slope.hypothesis == "H9" else "mechanisms" if main else "drivers"
            yield _row(spec, slope.effect, "~", slope.cause, self.size(slope), slope.label, slope.hypothesis)

    def indirect(self) -> Iterator[Row]:
        size = {slope.label: self.size(slope) for slope in self.people.slopes}
        for letter, mechanism in zip("abc", mechanisms(), strict=True):
            through, hypothesis = f"h3{letter}", f"H3{letter}"
            direct, total = f"direct_{mechanism}", f"total_{mechanism}"
            indirect = size[f"h1{letter}"] * size["h2"]
            yield _row("mechanisms", through, ":=", f"h1{letter}*h2", indirect, through, hypothesis)
            yield _row("mechanisms", total, ":=", f"{through}+{direct}", indirect + size[direct], total, hypothesis)

    def covariances(self) -> Iterator[Row]:
        for entry in TRUTH["survey"]["correlations"]:
            if "hypothesis" in entry:
                (a, b), hypothesis = entry["between"], entry["hypothesis"]
                size = self.cov(a, b) * np.array([1, 1 / (self.sd[a] * self.sd[b])])
                yield _row("mechanisms", a, "~~", b, size, hypothesis.lower(), hypothesis)

    def levels(self) -> Iterator[Row]:
        for letter, (mechanism, (first, second, third)) in zip("abc", mechanisms().items(), strict=True):
            variance = [[self.cov(a, b) for b in (first, second)] for a in (first, second)]
            beside = np.linalg.solve(variance, [self.cov(first, third), self.cov(second, third)])[0]
            size = beside * np.array([1, self.sd[first] / self.sd[third]])
            yield _row(f"levels_{mechanism}", third, "~", first, size, "", f"H4{letter}", NO_CHAIN)

    def interactions(self) -> Iterator[Row]:
        for p in self.people.products:
            a, b = p.causes
            size = p.size * np.array([1, self.sd[a] * self.sd[b] / self.sd[p.effect]])
            yield _row("interaction", p.effect, "~", f"{a}:{b}", size, p.hypothesis.lower(), p.hypothesis, IN_GROUP)

    def loadings(self) -> Iterator[Row]:
        survey = TRUTH["survey"]
        for mechanism, levels in survey["levels"].items():
            for level, entry in levels.items():
                size = entry["loading"] * np.array([1, self.sd[mechanism] / self.sd[level]])
                yield _row("measurement", mechanism, "=~", level, size)
        for construct, entry in survey["measurement"].items():
            for item, loading in entry["items"].items():
                variance = (loading * self.sd[construct]) ** 2 + survey["error_sd"] ** 2 + ROUNDING
                size = loading * np.array([1, self.sd[construct] / np.sqrt(variance)])
                yield _row("measurement", construct, "=~", item.lower(), size)


def _row(
    spec: str, lhs: str, op: str, rhs: str, size: np.ndarray, label: str = "", hypothesis: str = "", note: str = ""
) -> Row:
    place: Row = {"model": "survey", "spec": spec, "lhs": lhs, "op": op, "rhs": rhs, "label": label}
    return place | {"hypothesis": hypothesis, "value": size[0], "standardised": size[1], "note": note}


def _panel(effect_scale: float, share: np.ndarray, members: np.ndarray) -> Iterator[Row]:
    declared = TRUTH["behaviour"]

    def row(spec: str, lhs: str, rhs: str, value: float, hypothesis: str, note: str = "") -> Row:
        place: Row = {"model": "panel", "spec": spec, "lhs": lhs, "op": "~", "rhs": rhs}
        return place | {"hypothesis": hypothesis, "value": value, "standardised": np.nan, "note": note}

    for slope in slopes(declared["slopes"], effect_scale):
        loop = slope.cause in mechanisms() and slope.effect in mechanisms()
        spec = "cross_lags" if loop else PANEL_SPECS[slope.effect]
        yield row(spec, slope.effect, f"lag({slope.cause})", slope.mean(share, members), slope.hypothesis)
    for chain in declared["chains"]:
        levels, size = mechanisms()[chain["of"]], chain["value"] * effect_scale
        for lower, higher in zip(levels, levels[1:], strict=False):
            yield row("level_change", higher, f"lag({lower})", size, chain["hypothesis"], "given the other lags")
        yield row("cross_lags", chain["of"], f"lag({chain['of']})", size, "", "within-user autoregression")
    for p in products(declared["interactions"], effect_scale):
        a, b = p.causes
        yield row("interaction", p.effect, f"lag({a}):lag({b})", p.size, p.hypothesis, WITHIN_USER)
